"""The audit chain names the first entry that was touched."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from governance import audit
from governance.audit import GENESIS, AuditEvent, Entry, entry_hash, first_break
from governance.authority import Office

_NOW = datetime(2026, 3, 1, tzinfo=UTC)


def _chain(length: int) -> list[Entry]:
    chain: list[Entry] = []
    previous = GENESIS
    for number in range(1, length + 1):
        entry = Entry(number, _NOW, _NOW, "price.drafted", "p", "a", f"s:{number}", {"n": number}, previous)
        chain.append(replace(entry, hash=entry_hash(entry)))
        previous = chain[-1].hash
    return chain


_EDITS = {
    "person": "q",
    "subject": "other",
    "event": "price.published",
    "facts": {"n": -1},
    "recorded_at": datetime(2026, 3, 2, tzinfo=UTC),
    "previous": "f" * 64,
    "hash": "e" * 64,
}


@given(st.integers(2, 12), st.data())
def test_any_edit_is_found_at_its_entry(length: int, data: st.DataObject) -> None:
    chain = _chain(length)
    assert first_break(chain) is None
    index = data.draw(st.integers(0, length - 1))
    field = data.draw(st.sampled_from(sorted(_EDITS)))
    chain[index] = replace(chain[index], **{field: _EDITS[field]})
    found = first_break(chain)
    assert found is not None
    assert found.number == index + 1


@given(st.integers(2, 12), st.data())
def test_a_deletion_and_a_swap_are_found_where_they_are(length: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, length - 2))
    deleted = _chain(length)
    del deleted[index]
    swapped = _chain(length)
    swapped[index], swapped[index + 1] = swapped[index + 1], swapped[index]
    for chain in (deleted, swapped):
        found = first_break(chain)
        assert found is not None
        assert found.number == index + 1


def test_an_entry_edited_and_rehashed_breaks_at_the_next(office: Office) -> None:
    chain = _chain(3)
    forged = replace(chain[1], person="q")
    chain[1] = replace(forged, hash=entry_hash(forged))
    found = first_break(chain)
    assert found is not None
    assert found.number == 3


@pytest.mark.parametrize("statement", ["DELETE FROM audit_entry", "UPDATE audit_entry SET person = 'x'"])
def test_the_database_itself_refuses_to_change_the_log(office: Office, statement: str) -> None:
    with office.store.transaction() as transaction:
        audit.append(transaction, AuditEvent.CLOCK_SET, subject="clock", facts={}, recorded_at=_NOW, business_at=_NOW)
    with pytest.raises(IntegrityError, match="append-only"), office.store.transaction() as transaction:
        transaction.write(text(statement))


def test_what_is_read_back_is_what_was_hashed(office: Office) -> None:
    with office.store.transaction() as transaction:
        for number in range(3):
            audit.append(
                transaction,
                AuditEvent.DECIDED,
                subject="事:1",
                facts={"金额": number, "list": ["a", None, True]},
                recorded_at=_NOW,
                business_at=_NOW,
            )
    with office.store.reading() as transaction:
        assert first_break(audit.entries(transaction)) is None
        assert audit.head(transaction)[0] == 3
