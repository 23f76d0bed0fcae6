"""A random walk over people, parties and requests, through the real doors, watched by an oracle that knows no policy.

One world is one transaction that is never committed: small, fresh, in the speed of memory. What the program reads of
parties and persons is remembered between two changes of them, so that a million steps are a matter of minutes; that
the walk is the same without remembering has its own test.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, create_engine, update

from foundation.evidence import sha256_hex
from foundation.store import Store, Transaction
from governance import installation
from governance.authority import Act, Clocks, Mandate, Office, acting, actors, mandate, things
from governance.errors import NotLoggedIn, Refused
from governance.parties import (
    Account,
    Delegation,
    Duty,
    Membership,
    Party,
    PartyKind,
    Person,
    account_of,
    add_account,
    add_membership,
    add_party,
    add_person,
    party_of,
)
from governance.parties.delegations import add_delegation, end_delegation
from governance.parties.merging import merge_persons
from governance.parties.successions import succession_table
from governance.parties.tables import account_table, change_parties
from tests.logins import AS_IT_IS, leave_session

START = datetime(2026, 3, 1, tzinfo=UTC)
CHANGES = 0.025
"""How often a step changes who is who; every other step is an act."""
WORLD = 1500
"""Steps of one world: long enough for people to have changed sides more than once."""

TOP, CITY, COUNTY, OPERATOR = "leading-group", "city", "county", "operator"
AGENCIES = ("hrss", "housing", "schools")
DUTIES = {
    PartyKind.LEADING_GROUP: (Duty.APPROVE,),
    PartyKind.BUREAU: (Duty.APPROVE,),
    PartyKind.OPERATOR: (Duty.OPERATE, Duty.APPROVE),
    PartyKind.AGENCY: (Duty.REQUEST,),
}
ACTS = {
    Act.REQUEST_CREATE: (PartyKind.AGENCY, Duty.REQUEST),
    Act.REQUEST_APPROVE: (PartyKind.BUREAU, Duty.APPROVE),
    Act.REQUEST_REJECT: (PartyKind.BUREAU, Duty.APPROVE),
    Act.PLAN_CREATE: (PartyKind.OPERATOR, Duty.OPERATE),
    Act.PLAN_APPROVE: (PartyKind.OPERATOR, Duty.APPROVE),
    Act.PLAN_APPLY: (PartyKind.OPERATOR, Duty.OPERATE),
}

# the oracle


BY_PERSON = {
    frozenset(pair)
    for pair in (
        ("request.create", "request.approve"),
        ("request.create", "request.reject"),
        ("request.create", "plan.approve"),
        ("request.approve", "plan.create"),
        ("request.approve", "plan.approve"),
        ("request.approve", "plan.apply"),
        ("plan.create", "plan.approve"),
        ("plan.approve", "plan.apply"),
    )
}
"""What no natural person does both of, written down a second time, by hand, from DOMAIN §1."""
BY_BODY = {
    frozenset(pair)
    for pair in (
        ("request.create", "request.approve"),
        ("request.create", "request.reject"),
        ("request.approve", "plan.create"),
        ("request.approve", "plan.approve"),
        ("request.approve", "plan.apply"),
    )
}
"""What no organisation does both of."""


@dataclass
class Done:
    """One deed as the oracle noted it; ``persons`` as they were called that day, ``body`` the party's that day."""

    act: str
    request: int
    persons: tuple[str, ...]
    party: str
    body: str


@dataclass
class Stay:
    """Somebody's time in a party; ``account`` is empty of a membership without one."""

    person: str
    party: str
    since: datetime
    until: datetime | None
    account: str = ""


@dataclass
class Oracle:
    """Who is who, told by the steps themselves and never read from the database."""

    same: dict[str, str] = field(default_factory=dict)
    body: dict[str, str] = field(default_factory=dict)
    kind: dict[str, PartyKind] = field(default_factory=dict)
    above: dict[str, str] = field(default_factory=dict)
    powerless: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    followed: dict[str, str] = field(default_factory=dict)
    stays: list[Stay] = field(default_factory=list)
    deeds: dict[int, list[Done]] = field(default_factory=dict)
    owner: dict[int, str] = field(default_factory=dict)

    def natural(self, person: str) -> str:
        while person in self.same:
            person = self.same[person]
        return person

    def now_at(self, party: str) -> str:
        while party in self.followed:
            party = self.followed[party]
        return party

    def bodies(self, party: str) -> set[str]:
        return {self.body[party], self.body[self.now_at(party)]}

    def parties_of(self, person: str, at: datetime) -> set[str]:
        return {
            stay.party
            for stay in self.stays
            if self.natural(stay.person) == self.natural(person)
            and stay.since <= at
            and (stay.until is None or at < stay.until)
        }

    def decider(self, owner: str) -> str:
        office = asking = self.now_at(owner)
        while office in self.above:
            office = self.above[office]
            if self.body[office] != self.body[asking] and office not in self.powerless | self.gone:
                return office
        raise AssertionError(f"nobody decides for {owner}")

    def wrong(self, deed: Done, others: list[Done], at: datetime, *, deciding: bool = True) -> str:
        """What is wrong with this deed beside the others, as things stand at ``at``; empty where nothing is."""
        mine = {self.natural(person) for person in deed.persons}
        for other in others:
            pair = frozenset((deed.act, other.act))
            if pair in BY_PERSON and mine & {self.natural(person) for person in other.persons}:
                return f"one person: {other} and {deed}"
            if pair in BY_BODY and (self.bodies(deed.party) | {deed.body}) & (self.bodies(other.party) | {other.body}):
                return f"one organisation: {other} and {deed}"
        if deed.act in {"request.approve", "request.reject"}:
            sides = {party for person in deed.persons for party in self.parties_of(person, at)}
            owner = self.owner[deed.request]
            if {self.body[party] for party in sides} & self.bodies(owner):
                return f"of the organisation that asks: {deed}"
            if {self.kind[party] for party in sides} & {PartyKind.AGENCY, PartyKind.OPERATOR}:
                return f"of a side that asks or runs: {deed}"
            if deciding and deed.party != self.decider(owner):
                return f"not whoever decides for {owner}: {deed}"
        return ""


# the world


class _Inside:
    """A store whose every transaction is a part of one that is never committed."""

    def __init__(self, transaction: Transaction, connection: Connection) -> None:
        self._transaction, self._connection = transaction, connection

    @contextmanager
    def transaction(self, *, alongside: bool = False) -> Iterator[Transaction]:
        with self._connection.begin_nested():
            yield self._transaction

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        yield self._transaction


class _Clocks(Clocks):
    now = START

    def business(self, transaction: Transaction) -> datetime:
        return _Clocks.now


READ = {
    actors: (
        *("bodies_of", "delegations_to", "ids_of_persons", "party_of", "person_of", "person_parties", "person_sides"),
    ),
    things: ("bodies_of", "decider_of", "ids_of_persons"),
    mandate: ("actor_of", "bearer_of", "lending", "party_of"),
}
"""What is read of parties and persons on the way to a decision."""


class Memory:
    """Answers of pure readings, until something they read was changed."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._known: dict[str, Any] = {}
        for module, names in READ.items():
            for name in names:
                patch.setattr(module, name, self._remembered(getattr(module, name)))

    def forget(self, *persons: str) -> None:
        """Forget everything, or what was read of these persons."""
        if not persons:
            self._known.clear()
        for key in [key for key in self._known if persons and any(f"{person}'" in key for person in persons)]:
            del self._known[key]

    def _remembered(self, read: Callable[..., Any]) -> Callable[..., Any]:
        def reading(transaction: Transaction, *words: Any, **more: Any) -> Any:
            key = f"{read.__module__}.{read.__name__} {words} {more}"
            if key not in self._known:
                self._known[key] = read(transaction, *words, **more)
            return self._known[key]

        return reading


class Walk:
    """One world. ``step`` takes one random step; ``wrong`` holds what the oracle found, which should be nothing."""

    def __init__(self, office: Office, transaction: Transaction, seed: int, forget: Callable[..., None]) -> None:
        self.office, self.transaction, self.forget = office, transaction, forget
        self.random = random.Random(seed)  # noqa: S311 - a walk to be walked again, no secret
        self.oracle = Oracle()
        self.accounts: dict[str, tuple[str, str]] = {}
        self.lent: list[Delegation] = []
        self.tokens: set[str] = set()
        self.plans: dict[int, int] = {}
        self.count: Counter[str] = Counter()
        self.trace: list[tuple[str, ...]] = []
        self.wrong: list[str] = []
        self.now = START
        self._changes = (
            *(self.join, self.join, self.leave, self.belong, self.merge, self.lend, self.lend, self.take_back),
            *(self.plate, self.reorganise, self.disempower, self.change_role, self.wait, self.join, self.belong),
        )
        self._people()

    # beginning

    def _people(self) -> None:
        for party, kind, above in (
            (TOP, PartyKind.LEADING_GROUP, ""),
            (CITY, PartyKind.BUREAU, TOP),
            (COUNTY, PartyKind.BUREAU, CITY),
            (OPERATOR, PartyKind.OPERATOR, ""),
            *((agency, PartyKind.AGENCY, self.random.choice((COUNTY, CITY))) for agency in AGENCIES),
        ):
            self._found(party, kind, above)
        for party in list(self.oracle.kind):
            for number in range(3):
                person = f"p-{party}-{number}"
                add_person(self.transaction, Person(person, sha256_hex(person.encode()), person))
                self._account(person, party)

    def _found(self, party: str, kind: PartyKind, above: str) -> None:
        add_party(self.transaction, Party(party, kind, party, party, superior=above or None))
        self.oracle.kind[party], self.oracle.body[party] = kind, party
        if above:
            self.oracle.above[party] = above

    def _account(self, person: str, party: str) -> None:
        name = f"a{len(self.accounts)}"
        duties = frozenset(self._some(DUTIES[self.oracle.kind[party]]))
        add_account(self.transaction, Account(name, person, party, duties, self.now, None), "-")
        self.accounts[name] = (person, party)
        self.oracle.stays.append(Stay(person, party, self.now, None, name))

    def _some(self, of: tuple[Duty, ...]) -> list[Duty]:
        return [one for one in of if self.random.random() < 0.8] or [of[0]]

    # steps

    def step(self) -> None:
        """One step: mostly an act, now and then a change of who is who."""
        if self.random.random() < CHANGES:
            change = self.random.choice(self._changes)
            self.count[change.__name__] += 1
            change()
            return
        act = self.random.choice(list(ACTS))
        outcome = self.act(act)
        self.count[f"{act.value} {outcome}"] += 1
        self.trace.append((act.value, outcome))

    def act(self, act: Act) -> str:
        """Somebody tries; the oracle looks at what was let through."""
        kind, duty = ACTS[act]
        name = self._somebody(kind)
        token = self._login(name, duty)
        number, subject, rests_on = self._thing(act)
        if not subject:
            return "nothing to do"
        owner = self.accounts[name][1] if act is Act.REQUEST_CREATE else self.oracle.owner[number]
        try:
            with acting(self.office, token, act, subject) as given:
                relied = self._execute(given, number, subject) if act is Act.PLAN_APPLY else []
                given.decide(
                    subject, digest=str(self.count.total()), rests_on=rests_on, owner=None if rests_on else owner
                )
                behalf = given.actor.behalf
        except Refused as refused:
            return f"refused {refused.facts['rule']}"
        except NotLoggedIn:
            return "not logged in"
        person, party = self.accounts[name]
        persons = (person, behalf) if behalf else (person,)
        self._note(Done(act.value, number, persons, party, self.oracle.body[party]), owner, relied)
        return "lent" if behalf else "done"

    def _execute(self, given: Mandate, number: int, plan: str) -> list[tuple[str, str, str]]:
        """What an apply relies on, looked at again: who approved the request, who approved the plan."""
        owner, request = self.oracle.owner[number], f"request:{number}"
        digests = {
            one.act.value: one.digest
            for one in mandate.decisions_about(given.transaction, plan, (request,))
            if one.act in {Act.REQUEST_APPROVE, Act.PLAN_APPROVE}
        }
        found = []
        for act, subject, rests_on in ((Act.REQUEST_APPROVE, request, ()), (Act.PLAN_APPROVE, plan, (request,))):
            decision = given.rely_on(
                act,
                subject,
                digest=digests.get(act.value, ""),
                owner=owner if act is Act.REQUEST_APPROVE else None,
                rests_on=rests_on,
            )
            if decision is None:
                raise given.refuse("nothing-approved", subject, "未批准", "not approved")
            found.append((act.value, decision.account, decision.behalf))
        return found

    def _note(self, deed: Done, owner: str, relied: list[tuple[str, str, str]]) -> None:
        oracle = self.oracle
        if deed.act == "request.create":
            oracle.owner[deed.request] = owner
        others = oracle.deeds.setdefault(deed.request, [])
        found = [oracle.wrong(deed, others, self.now)]
        for act, account, behalf in relied:
            person, _ = self.accounts[account]
            persons = (person, behalf) if behalf else (person,)
            before = [one for one in others if one.act == act and one.persons == persons]
            if not before:
                found.append(f"nobody of {persons} did {act}")
            for one in before[-1:]:
                rest = [other for other in others if other is not one]
                found.append(oracle.wrong(one, rest, self.now, deciding=False))
        self.wrong += [each for each in found if each]
        others.append(deed)

    def _thing(self, act: Act) -> tuple[int, str, tuple[str, ...]]:
        """(request, subject, what it rests on): one of the newest, so that many meet over the same few."""
        if act is Act.REQUEST_CREATE and (len(self.oracle.owner) < 6 or self.random.random() < 0.5):
            number = len(self.oracle.owner) + 1
            return number, f"request:{number}", ()
        known = list(self.oracle.owner)
        if not known:
            return 0, "", ()
        number = self.random.choice(known[-6:])
        if act in {Act.REQUEST_CREATE, Act.REQUEST_APPROVE, Act.REQUEST_REJECT}:
            return number, f"request:{number}", ()
        return number, f"plan:{number}", (f"request:{number}",)

    def _somebody(self, kind: PartyKind) -> str:
        """Mostly somebody of the kind of party whose act it is."""
        fitting = [name for name, (_, party) in self.accounts.items() if self.oracle.kind[party] is kind]
        if kind is PartyKind.BUREAU and self.random.random() < 0.3:
            fitting = [name for name, (_, party) in self.accounts.items() if party == TOP]
        every = self.random.random() < 0.1 or not fitting
        return self.random.choice(list(self.accounts) if every else fitting)

    def _login(self, name: str, duty: Duty) -> str:
        token = f"{name}/{duty}"
        if token not in self.tokens:
            leave_session(self.transaction, name, token, duty=duty.value)
            self.tokens.add(token)
        return token

    # changes of who is who

    def _changed(self, person: str) -> None:
        """What was read of this natural person is no longer so, nor of those who act for them."""
        natural = {self.oracle.natural(person)}
        natural |= {
            self.oracle.natural(one.delegate) for one in self.lent if self.oracle.natural(one.delegator) in natural
        }
        self.forget(*(each for each, _ in self.accounts.values() if self.oracle.natural(each) in natural))

    def _anybody(self) -> str:
        return self.random.choice(sorted({person for person, _ in self.accounts.values()}))

    def _party(self) -> str:
        return self.random.choice([party for party in self.oracle.kind if party not in self.oracle.gone])

    def join(self) -> None:
        """A second account, anywhere."""
        if len(self.accounts) < 60:
            person = self._anybody()
            self._account(person, self._party())
            self._changed(person)

    def leave(self) -> None:
        """An account ends."""
        name = self.random.choice(list(self.accounts))
        self.transaction.write(
            update(account_table)
            .where(account_table.c.name == name, account_table.c.until.is_(None))
            .values(until=self.now + timedelta(seconds=1))
        )
        for stay in self.oracle.stays:
            if stay.account == name and stay.until is None:
                stay.until = self.now + timedelta(seconds=1)
        self._changed(self.accounts[name][0])

    def belong(self) -> None:
        """A membership without an account, and its end."""
        person, party = self._anybody(), self._party()
        since, until = self.now, self.now + timedelta(days=self.random.randint(1, 40))
        known = any((one.person, one.party, one.since) == (person, party, since) for one in self.oracle.stays)
        if not known:
            add_membership(self.transaction, Membership(person, party, since, until))
            self.oracle.stays.append(Stay(person, party, since, until))
            self._changed(person)

    def merge(self) -> None:
        """Two persons are found to be one; rarely, or soon everybody is."""
        one, other = self._anybody(), self._anybody()
        if self.random.random() < 0.25 and self.oracle.natural(one) != self.oracle.natural(other):
            merge_persons(self.transaction, one, other, because="found", found_at=self.now, recorded_at=self.now)
            self.oracle.same[self.oracle.natural(one)] = self.oracle.natural(other)
            self.forget()

    def lend(self) -> None:
        """Somebody lends a duty to another member of the same party."""
        name = self.random.choice(list(self.accounts))
        person, party = self.accounts[name]
        account = account_of(self.transaction, name)
        fellows = sorted({who for who, where in self.accounts.values() if where == party and who != person})
        if account is None or not account.duties or not fellows:
            return
        given = Delegation(
            id=f"d{len(self.lent)}",
            delegator=person,
            delegate=self.random.choice(fellows),
            party=party,
            duty=self.random.choice(sorted(account.duties)),
            acts=frozenset(),
            subjects=frozenset(),
            since=self.now,
            until=self.now + timedelta(days=30),
        )
        add_delegation(self.transaction, given, because="leave")
        self.lent.append(given)
        self._changed(person)

    def take_back(self) -> None:
        """A delegation ends early."""
        if self.lent:
            given = self.random.choice(self.lent)
            end_delegation(self.transaction, given.id, self.now)
            self._changed(given.delegator)

    def plate(self) -> None:
        """An agency comes to carry a bureau's plate, or gives it back."""
        agency = self.random.choice([party for party in AGENCIES if party not in self.oracle.gone] or [TOP])
        if agency == TOP:
            return
        body = self.random.choice((agency, agency, COUNTY, CITY))
        change_parties(self.transaction, [replace(party_of(self.transaction, agency), organisation=body)])
        self.oracle.body[agency] = body
        self.forget()

    def reorganise(self) -> None:
        """An agency goes into another, or into a new one."""
        there = [party for party, kind in self.oracle.kind.items() if kind is PartyKind.AGENCY]
        there = [party for party in there if party not in self.oracle.gone]
        old = self.random.choice(there)
        new = self.random.choice([*there, f"agency-{len(self.oracle.kind)}"])
        if new == old or len(there) < 3:
            return
        if new not in self.oracle.kind:
            self._found(new, PartyKind.AGENCY, self.oracle.above[old])
            self._account(self._anybody(), new)
        ended = replace(party_of(self.transaction, old), until=self.now)
        change_parties(self.transaction, [ended])
        row = {"predecessor": old, "successor": new, "at": self.now, "main": True}
        self.transaction.add(succession_table, {**row, "reorganisation": f"r{len(self.oracle.followed)}"})
        self.oracle.followed[old] = new
        self.oracle.gone.add(old)
        self.forget()

    def disempower(self) -> None:
        """The county's bureau loses its power of approval, or gains it."""
        party = party_of(self.transaction, COUNTY)
        change_parties(self.transaction, [replace(party, approves=not party.approves)])
        (self.oracle.powerless.discard if not party.approves else self.oracle.powerless.add)(COUNTY)
        self.forget()

    def change_role(self) -> None:
        """An account gets other duties."""
        name = self.random.choice(list(self.accounts))
        duties = sorted(self._some(DUTIES[self.oracle.kind[self.accounts[name][1]]]))
        self.transaction.write(update(account_table).where(account_table.c.name == name).values(duties=duties))
        self._changed(self.accounts[name][0])

    def wait(self) -> None:
        """Some days pass."""
        self.now += timedelta(days=self.random.randint(1, 20))
        _Clocks.now = self.now


@dataclass
class Walked:
    """How far, what was let through or refused how often, and what the oracle found."""

    steps: int = 0
    count: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    trace: list[tuple[str, ...]] = field(default_factory=list)


def walk(store: Store, *, seed: int, steps: int, remembering: bool = True) -> Walked:
    """Take ``steps`` steps, in a new world every ``WORLD``."""
    told = Walked()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mandate, "_actor", AS_IT_IS)
        memory, engine = None, store.engine
        if remembering:
            # Neither the log of refusals nor the guard of scopes is what is looked at here.
            memory, engine = Memory(patch), create_engine(store.engine.url)
            patch.setattr(mandate, "_write_refusal", lambda *_: None)
        forget = memory.forget if memory is not None else lambda *_: None
        while told.steps < steps:
            with _world(engine) as (transaction, connection):
                forget()
                _Clocks.now = START
                office = Office(_Inside(transaction, connection), _Clocks(lambda: START), lambda _: "id")  # type: ignore[arg-type]
                world = Walk(office, transaction, seed * 1_000_003 + told.steps, forget)
                for _ in range(min(WORLD, steps - told.steps)):
                    world.step()
                    told.steps += 1
                told.count += world.count
                told.wrong += world.wrong
                told.trace += world.trace
    return told


@contextmanager
def _world(engine: Engine) -> Iterator[tuple[Transaction, Connection]]:
    """A transaction that is taken back at the end, whatever happened in it."""
    with engine.connect() as connection:
        outer = connection.begin()
        try:
            transaction = Transaction(connection)
            installation.create(transaction, demo=True, business_start=START, real=lambda: START)
            yield transaction, connection
        finally:
            outer.rollback()
