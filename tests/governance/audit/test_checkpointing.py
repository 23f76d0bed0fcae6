"""Checkpoints: when one is due, what it signs, and that it is handed out once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from foundation.evidence import FileSigner, create_key, open_signed, read_key_ring, signed_from_document
from foundation.store import Store
from foundation.work.outbox import outbox_table
from governance import audit
from governance.audit import AuditEvent, CheckpointPolicy, checkpoints, make_checkpoints
from governance.audit.checkpointing import due_numbers

_NOW = datetime(2026, 3, 1, tzinfo=UTC)
_POLICY = CheckpointPolicy(entries=10, interval=timedelta(minutes=10))


@given(st.integers(0, 200), st.integers(0, 300), st.integers(-60, 60))
def test_no_more_than_so_many_entries_and_no_longer_than_the_interval_stay_unsigned(
    last: int, more: int, minutes: int
) -> None:
    now = _NOW + timedelta(minutes=minutes)
    due = due_numbers((last, _NOW) if last else None, last + more, now, _POLICY)
    reached = due[-1] if due else last
    assert list(due) == sorted(set(due))
    assert last + more - reached < _POLICY.entries
    if not last or minutes >= 10 or minutes < 0:
        assert reached == last + more
    assert all(number > last for number in due)


def write(store: Store, many: int) -> None:
    with store.transaction() as transaction:
        for _ in range(many):
            audit.append(transaction, AuditEvent.DECIDED, subject="s", facts={}, recorded_at=_NOW, business_at=_NOW)


def test_a_checkpoint_signs_the_hash_and_goes_out_once(store: Store, tmp_path: Path) -> None:
    create_key(tmp_path / "private.pem", tmp_path / "operator.evidence.pub.pem")
    signer, ring = FileSigner(tmp_path / "private.pem"), read_key_ring(tmp_path)
    write(store, 25)
    for again in (False, True):
        with store.transaction() as transaction:
            made = make_checkpoints(transaction, signer, clock=lambda: _NOW, policy=_POLICY)
            assert [point.number for point in made] == ([] if again else [10, 20, 25])
    write(store, 3)
    with store.transaction() as transaction:
        assert make_checkpoints(transaction, signer, clock=lambda: _NOW, policy=_POLICY) == []
        asked = make_checkpoints(transaction, signer, clock=lambda: _NOW, policy=_POLICY, at_once=True)
        assert [point.number for point in asked] == [28]
    with store.reading() as transaction:
        by_number = {entry.number: entry.hash for entry in audit.entries(transaction)}
        told = transaction.rows(select(outbox_table.c.payload).where(outbox_table.c.topic == audit.HANDED_OUT))
        points = checkpoints(transaction)
    assert [row["payload"]["name"] for row in told] == ["audit-10", "audit-20", "audit-25", "audit-28"]
    for point, row in zip(points, told, strict=True):
        signed = signed_from_document(row["payload"]["signed"], what="head")
        body = open_signed(signed, ring, owner="operator.evidence", what="head")
        assert (body["number"], body["hash"]) == (point.number, by_number[point.number])
        assert point.signed == signed
