"""Checkpoints: every so many entries or minutes the operator signs the chain's head, and hands it to its readers.

Source: DESIGN §6 (every 1,000 entries or 10 minutes, as data).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from foundation.evidence import Signed, Signer, sign
from foundation.store import Transaction
from foundation.values.instant import Clock
from foundation.work import Event, publish
from governance.audit.checkpoint_tables import Checkpoint, newest_checkpoint, record_checkpoint
from governance.audit.tables import hash_at, head

HANDED_OUT = "root.signed"
"""The event by which anything signed goes out to its readers: ``name`` and ``signed`` {body, key, signature}."""


@dataclass(frozen=True, slots=True)
class CheckpointPolicy:
    """At the latest every ``entries`` entries, and ``interval`` after the last one where there is anything new."""

    entries: int = 1000
    interval: timedelta = timedelta(minutes=10)


def due_numbers(
    last: tuple[int, datetime] | None, newest: int, now: datetime, policy: CheckpointPolicy
) -> Sequence[int]:
    """The entries a checkpoint is due at, given the last one (number, time) and the newest entry."""
    number, made_at = (0, None) if last is None else last
    due = list(range(number + policy.entries, newest + 1, policy.entries))
    reached = due[-1] if due else number
    # A clock set back must not put the next one off: what lies in the future counts as long ago.
    late = made_at is None or not made_at <= now < made_at + policy.interval
    if reached < newest and late:
        due.append(newest)
    return due


def checkpoint_due(transaction: Transaction, now: datetime, policy: CheckpointPolicy) -> bool:
    """Whether ``make_checkpoints`` would find something to do."""
    newest, _ = head(transaction)
    return bool(due_numbers(newest_checkpoint(transaction), newest, now, policy))


def make_checkpoints(
    transaction: Transaction, signer: Signer, *, clock: Clock, policy: CheckpointPolicy, at_once: bool = False
) -> Sequence[Checkpoint]:
    """Sign what is due (``at_once``: the head in any case), and hand it out by an event. On the real clock.

    Made twice, the second finds nothing to do. The operator's key signs: that the log is right, nobody says by that.
    """
    transaction.stand_alone()
    newest, _ = head(transaction)
    now, last = clock(), newest_checkpoint(transaction)
    numbers = list(due_numbers(last, newest, now, policy))
    if at_once and newest > (numbers[-1] if numbers else 0 if last is None else last[0]):
        numbers.append(newest)
    made = []
    for number in numbers:
        hash_ = str(hash_at(transaction, number))
        signed = sign_head(number, hash_, signer)
        checkpoint = Checkpoint(number, hash_, now, signed)
        record_checkpoint(transaction, checkpoint)
        announce_head(transaction, number, signed, clock=clock)
        made.append(checkpoint)
    return made


def sign_head(number: int, hash_: str, signer: Signer) -> Signed:
    """The signed statement that entry ``number`` has ``hash_``."""
    return sign({"kind": "audit", "number": number, "hash": hash_}, signer)


def announce_head(transaction: Transaction, number: int, signed: Signed, *, clock: Clock) -> None:
    """Hand a signed head out."""
    event = Event(HANDED_OUT, "audit:head", {"name": f"audit-{number}", "signed": asdict(signed)})
    publish(transaction, event, clock=clock)
