"""Promise 7 at random: whatever is done to the log is found up to the last head handed out, and in the tail wherever
the hashes were not made anew; the tail is never called anchored."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, insert, update

from foundation.store import Store, Transaction
from governance import audit
from governance.audit import (
    GENESIS,
    AuditEvent,
    Digest,
    Entry,
    audit_head_table,
    audit_table,
    entry_hash,
    entry_of,
    link_of,
)
from governance.audit.chain import digest_of

_NOW = datetime(2026, 3, 1, tzinfo=UTC)
_ANCHORS = (40, 80, 120)
_LENGTH = 150
_FIELDS = ("recorded_at", "business_at", "event", "person", "account", "subject", "facts", "previous", "hash")


def fill(store: Store, length: int) -> list[Entry]:
    with store.transaction() as transaction:
        for number in range(1, length + 1):
            if number == length // 2:
                audit.choose_digest(transaction, Digest.SM3)
            audit.append(
                transaction,
                AuditEvent.DECIDED if number % 5 else AuditEvent.REFUSED,
                subject=f"事:{number}",
                facts={"金额": number, "because": 'a "quoted" \\ line\n\u2028', "list": [None, True, {"x": "é"}]},
                recorded_at=_NOW + timedelta(microseconds=number % 3 * 1001),
                business_at=_NOW + timedelta(seconds=number),
                person=f"person-{number % 7}",
                account="zhang.min",
            )
        return list(audit.entries(transaction))


@contextmanager
def holding(store: Store, chain: list[Entry], *, head: tuple[int, str] | None = None) -> Iterator[Transaction]:
    """The log with another content until the end of the block, as somebody at the database could leave it."""
    with store.engine.connect() as connection, connection.begin() as boundary:
        for verb in ("update", "delete"):
            where = "" if store.dialect == "sqlite" else " ON audit_entry"
            connection.exec_driver_sql(f"DROP TRIGGER audit_entry_no_{verb}{where}")
        transaction = Transaction(connection)
        transaction.write(delete(audit_table))
        transaction.write(
            insert(audit_table), [{name: getattr(one, name) for name in Entry.__slots__} for one in chain]
        )
        if head is not None:
            transaction.write(update(audit_head_table).values(number=head[0], hash=head[1]))
        yield transaction
        boundary.rollback()


def rechained(chain: list[Entry]) -> list[Entry]:
    """The adversary's care: numbers in a row, every hash right."""
    previous, made = GENESIS, []
    for number, entry in enumerate(chain, 1):
        bare = replace(entry, number=number, previous=previous, hash="")
        made.append(replace(bare, hash=entry_hash(bare, digest_of(entry.hash))))
        previous = made[-1].hash
    return made


def attacked(chain: list[Entry], chance: random.Random) -> tuple[str, list[Entry], int]:
    """One attack: its name, what it leaves, and the first entry (from 1) that is not what it was."""
    at = chance.randrange(len(chain) - 6)
    match chance.choice(("edit", "delete", "reorder", "truncate", "insert")):
        case "edit":
            field = chance.choice(_FIELDS)
            return f"edit {field}", [*chain[:at], _edited(chain[at], field), *chain[at + 1 :]], at + 1
        case "delete":
            return "delete", [*chain[:at], *chain[at + chance.randint(1, 5) :]], at + 1
        case "reorder":
            first, second = at, chance.randrange(at + 1, len(chain))
            left = list(chain)
            left[first] = replace(chain[second], number=first + 1)
            left[second] = replace(chain[first], number=second + 1)
            return "reorder", left, first + 1
        case "truncate":
            return "truncate", chain[:at], at + 1
        case _:
            forged = replace(chain[at], subject="forged", hash="f" * 64)
            moved = [replace(one, number=one.number + 1) for one in chain[at:]]
            return "insert", [*chain[:at], forged, *moved], at + 1


def _edited(entry: Entry, field: str) -> Entry:
    value = getattr(entry, field)
    if isinstance(value, datetime):
        return replace(entry, **{field: value + timedelta(microseconds=1)})
    if field == "facts":
        return replace(entry, facts={**entry.facts, "more": 1})
    if field in {"previous", "hash"}:
        return replace(entry, **{field: value[:-1] + ("0" if value[-1] != "0" else "1")})
    return replace(entry, **{field: f"{value}x"})


def attack(store: Store, chain: list[Entry], times: int, seed: int) -> dict[str, int]:
    """Attack the log ``times`` times; every promise is checked each time. How often each kind was tried."""
    chance, tried = random.Random(seed), dict[str, int]()  # noqa: S311 - attacks that can be repeated
    anchors = {number: chain[number - 1].hash for number in _ANCHORS}
    for _ in range(times):
        name, left, first = attacked(chain, chance)
        careful = chance.random() < 0.5
        left = rechained(left) if careful else left
        if left == chain:  # an edit of a hash or a link is undone by making them anew
            continue
        head = (len(left), left[-1].hash if left else GENESIS) if careful else None
        with holding(store, left, head=head) as transaction:
            verdict = audit.verify(audit.links(transaction), anchors, written=audit.head(transaction))
        said = f"{name} at {first}, careful: {careful}: {verdict}"
        assert verdict.anchored <= max(_ANCHORS), said
        assert verdict.anchored < first, said
        assert verdict.entries - verdict.tail <= verdict.anchored, said
        if first <= max(_ANCHORS) or not careful:
            assert not verdict.holds, said
        kind = f"{name.split()[0]}{', hashes anew' if careful else ''}"
        tried[kind] = tried.get(kind, 0) + 1
    return tried


def test_random_attacks_are_found_and_the_tail_is_never_called_anchored(store: Store) -> None:
    tried = attack(store, fill(store, _LENGTH), 150, seed=1)
    assert len(tried) == 10


@pytest.mark.drill
def test_ten_thousand_random_attacks_are_found(store: Store) -> None:
    tried = attack(store, fill(store, _LENGTH), 10_000, seed=7)
    print(f"{sum(tried.values())} attacks on {store.dialect}: {tried}")


def test_links_are_the_entries_own_canonical_texts(store: Store) -> None:
    chain = fill(store, 30)
    with store.reading() as transaction:
        assert list(audit.links(transaction)) == [link_of(entry) for entry in chain]
        assert audit.first_break(chain) is None
        assert {digest_of(entry.hash) for entry in chain} == {Digest.SHA256, Digest.SM3}


def test_a_log_as_it_is_holds_and_says_how_far_it_is_anchored(store: Store) -> None:
    chain = fill(store, 50)
    with store.reading() as transaction:
        verdict = audit.verify(audit.links(transaction), {40: chain[39].hash}, written=audit.head(transaction))
    assert (verdict.holds, verdict.entries, verdict.anchored, verdict.tail) == (True, 50, 40, 10)
    assert verdict.en == "the audit log is anchored up to 40, with an unanchored tail of 10"


def test_two_heads_signed_for_one_entry_are_a_difference_whichever_the_log_leads_to(store: Store) -> None:
    """An operator that showed two readers two logs is found when they lay their folders together."""
    chain = fill(store, 20)
    true, other = ({"kind": "audit", "number": 10, "hash": each} for each in (chain[9].hash, "a" * 64))
    assert audit.anchors_in({"audit-10": true, "copy": true}) == {10: chain[9].hash}
    for folder in ({"audit-10": true, "theirs": other}, {"audit-10": other, "theirs": true}):
        with store.reading() as transaction:
            verdict = audit.verify(audit.links(transaction), audit.anchors_in(folder), written=audit.head(transaction))
        assert verdict.difference is not None
        assert (verdict.difference.number, verdict.anchored, verdict.holds) == (10, 0, False)


def test_one_walk_verifies_and_keeps_what_is_asked_for(store: Store) -> None:
    """Who needs some entries besides the verdict reads the log once, and the very texts that were verified."""
    chain = fill(store, 60)
    wanted = {AuditEvent.REFUSED.value, "nothing.such"}
    kept: list[Entry] = []
    with store.reading() as transaction:
        walked = audit.keeping(audit.links(transaction), wanted, kept)
        verdict = audit.verify(walked, {}, written=audit.head(transaction))
    assert verdict.holds
    assert kept == chain[4::5]
    assert [entry_of(link_of(entry)) for entry in chain] == chain


def test_an_empty_log_holds_and_is_anchored_nowhere(store: Store) -> None:
    with store.reading() as transaction:
        verdict = audit.verify(audit.links(transaction), {}, written=audit.head(transaction))
        assert (verdict.holds, verdict.entries, verdict.anchored, verdict.tail) == (True, 0, 0, 0)
        cut = audit.verify(audit.links(transaction), {5: "a" * 64}, written=audit.head(transaction))
    assert cut.difference is not None
    assert "cut off before entry 5" in cut.difference.en
