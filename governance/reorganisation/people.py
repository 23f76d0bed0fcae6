"""How people follow their party: memberships and delegations end and begin anew, accounts go on under their name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, insert, or_, select, update

from foundation.evidence import canonical_bytes, sha256_hex
from foundation.store import Transaction
from governance.parties import Account, Delegation, Duty, Engagement, Membership, accounts
from governance.parties.delegations import add_delegation, delegation_table, end_delegation
from governance.parties.engagements import add_engagement, end_engagement, engagements
from governance.parties.memberships import membership_table
from governance.parties.tables import account_table
from governance.reorganisation.model import Moves


@dataclass(frozen=True, slots=True)
class MembershipsFollow:
    """Where somebody was, they are no longer from the instant on; they are where their accounts go, or where the rest
    of the party goes. Comes before the accounts."""

    table: str = membership_table.name

    def follow(self, transaction: Transaction, moves: Moves) -> int:
        """Also puts down, as memberships that ended, the time of accounts that lay in none: it stays where it was."""
        standing, served = _memberships(transaction, moves), _accounts(transaction, moves)
        goes_to: dict[tuple[str, str], set[str]] = defaultdict(set)
        for account in served:
            goes_to[account.person, account.party].add(moves.successor(account.party, account=account.name))
        there = {(one.person, one.party) for one in standing}
        # An account that lies in no membership is one: its time goes on record before the account moves.
        bare = {(one.person, one.party): one for one in served if (one.person, one.party) not in there}
        lasting = [*standing, *(Membership(one.person, one.party, one.since, one.until) for one in bare.values())]
        closing: list[dict[str, object]] = []
        opening: list[dict[str, object]] = [_row(one) for one in lasting[len(standing) :]]
        for one in lasting:
            if one.party not in moves.predecessors:
                continue
            targets = goes_to[one.person, one.party] or {moves.successor(one.party)}
            begins = max(moves.at, one.since)
            if one.party not in targets:
                closing.append({"b_person": one.person, "b_party": one.party, "b_since": one.since, "b_until": begins})
            for target in sorted(targets - {one.party}):
                if (one.person, target) not in there:
                    there.add((one.person, target))
                    opening.append(_row(Membership(one.person, target, begins, one.until)))
        transaction.write(insert(membership_table), opening)
        transaction.write(_CLOSE, closing)
        return len(opening)


@dataclass(frozen=True, slots=True)
class AccountsFollow:
    """The account keeps its name, password and duties, and serves the successor from the instant on."""

    table: str = account_table.name

    def follow(self, transaction: Transaction, moves: Moves) -> int:
        """How long it served the predecessor is told by the membership that ended."""
        moving = [
            {"b_name": account.name, "b_party": successor, "b_since": max(moves.at, account.since)}
            for account in _accounts(transaction, moves)
            if (successor := moves.successor(account.party, account=account.name)) != account.party
        ]
        transaction.write(_MOVE_ACCOUNT, moving)
        return len(moving)


@dataclass(frozen=True, slots=True)
class DelegationsFollow:
    """A delegation that runs ends for the predecessor and goes on for the delegator's new party. After the accounts."""

    table: str = delegation_table.name

    def follow(self, transaction: Transaction, moves: Moves) -> int:
        """Where delegator and delegate part ways it ends: ``delegations_to`` finds the delegate outside the party."""
        running = select(delegation_table).where(
            delegation_table.c.party.in_(sorted(moves.predecessors)), delegation_table.c.until > moves.at
        )
        moved = 0
        for row in transaction.rows(running):
            successor = self._successor(transaction, moves, row["delegator"], row["party"])
            if successor == row["party"]:
                continue
            begins = max(moves.at, row["since"])
            end_delegation(transaction, row["id"], begins)
            anew = Delegation(
                id=f"delegation_{sha256_hex(canonical_bytes([row['id'], moves.reorganisation]))[:32]}",
                delegator=row["delegator"],
                delegate=row["delegate"],
                party=successor,
                duty=Duty(row["duty"]),
                acts=frozenset(row["acts"]),
                subjects=frozenset(row["subjects"]),
                since=begins,
                until=row["until"],
            )
            moved += add_delegation(transaction, anew, because=row["because"])
        return moved

    def _successor(self, transaction: Transaction, moves: Moves, person: str, party: str) -> str:
        named = [
            moves.shares.get("account", {}).get((party, row["name"]))
            for row in transaction.rows(select(account_table.c.name).where(account_table.c.person == person))
        ]
        return next((one for one in named if one is not None), moves.successor(party))


@dataclass(frozen=True, slots=True)
class EngagementsFollow:
    """A supplier that worked for the predecessor works for whoever has the systems it works on."""

    table: str = "supplier_engagement"

    def follow(self, transaction: Transaction, moves: Moves) -> int:
        """One engagement a successor, each with its part of the scope."""
        moved = 0
        for one in engagements(transaction):
            if one.hirer not in moves.predecessors or one.until <= moves.at:
                continue
            parts: dict[str, list[str]] = defaultdict(list)
            for subject in one.scope:
                kind, _, id_ = subject.partition(":")
                parts[moves.successor(one.hirer, **{kind: id_})].append(subject)
            if set(parts) == {one.hirer}:
                continue
            begins = max(moves.at, one.since)
            end_engagement(transaction, one.id, begins)
            for hirer, scope in sorted(parts.items()):
                id_ = f"{one.id}-{moves.reorganisation}-{hirer}"[:120]
                engagement = Engagement(id_, one.supplier, hirer, one.contract, tuple(scope), begins, one.until)
                moved += add_engagement(transaction, engagement)
        return moved


_CLOSE = (
    update(membership_table)
    .where(
        membership_table.c.person == bindparam("b_person"),
        membership_table.c.party == bindparam("b_party"),
        membership_table.c.since == bindparam("b_since"),
    )
    .values(until=bindparam("b_until"))
)
_MOVE_ACCOUNT = (
    update(account_table)
    .where(account_table.c.name == bindparam("b_name"))
    .values(party=bindparam("b_party"), since=bindparam("b_since"))
)


def _row(membership: Membership) -> dict[str, object]:
    return {name: getattr(membership, name) for name in Membership.__slots__}


def _memberships(transaction: Transaction, moves: Moves) -> Sequence[Membership]:
    """Those that last beyond the instant, of predecessors and of successors."""
    concerned = sorted(moves.predecessors | moves.successors)
    lasting = or_(membership_table.c.until.is_(None), membership_table.c.until > moves.at)
    query = select(membership_table).where(membership_table.c.party.in_(concerned), lasting)
    ordered = query.order_by(membership_table.c.person, membership_table.c.party, membership_table.c.since)
    return [Membership(**row) for row in transaction.rows(ordered)]


def _accounts(transaction: Transaction, moves: Moves) -> Sequence[Account]:
    """Those of predecessors that last beyond the instant."""
    return [
        account
        for account in accounts(transaction)
        if account.party in moves.predecessors and (account.until is None or account.until > moves.at)
    ]
