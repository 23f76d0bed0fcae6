"""Whether books and settlements agree: every difference is a finding, none stops the check."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from billing.ledger.model import (
    LedgerEvent,
    LedgerTransaction,
    Posting,
    acceptance_of,
    payment_of,
    return_of,
)
from billing.ledger.tables import transactions
from foundation.store import Scope, Transaction
from foundation.values.findings import Finding, Place, Severity

_NO_INSTANT = datetime(1970, 1, 1, tzinfo=UTC)
_MAKERS: Mapping[LedgerEvent, Callable[..., LedgerTransaction]] = {
    LedgerEvent.ACCEPTED: acceptance_of,
    LedgerEvent.RETURNED: return_of,
    LedgerEvent.PAID: payment_of,
}
_REQUIRED: Mapping[str, frozenset[LedgerEvent]] = {
    "accepted": frozenset({LedgerEvent.ACCEPTED}),
    "reviewed": frozenset({LedgerEvent.ACCEPTED}),
    "approved": frozenset({LedgerEvent.ACCEPTED}),
    "paid": frozenset({LedgerEvent.ACCEPTED, LedgerEvent.PAID}),
}
"""What the books must hold of a settlement in a state; a returned one holds acceptance and return, or neither."""


@dataclass(frozen=True, slots=True)
class Booked:
    """A version of a settlement as the books must show it."""

    id: str
    version: int
    state: str
    digest: str
    document: Mapping[str, Any]


def check_ledger(transaction: Transaction, scope: Scope, settlements: Iterable[Booked]) -> tuple[Finding, ...]:
    """Every transaction sums to zero and posts exactly what its settlement says; none is missing, none too many."""
    standing = {id_: (event, digest, postings) for id_, event, digest, postings in transactions(transaction, scope)}
    known: set[str] = set()
    findings = [found for id_, (_, _, postings) in standing.items() for found in _unbalanced(id_, postings)]
    for settled in settlements:
        for event, make in _MAKERS.items():
            expected = make(settled.document, digest=settled.digest, at=_NO_INSTANT)
            known.add(expected.id)
            found = standing.get(expected.id)
            if found is not None:
                findings.extend(_differing(expected, found[1], found[2]))
            elif event in _REQUIRED.get(settled.state, frozenset()):
                findings.append(_finding("missing", expected.id, "nothing", event.value, "账上没有", "is not posted"))
        accepted, returned = (f"{settled.id}/{settled.version}/{event.value}" in standing for event in _TAKEN_BACK)
        if settled.state == "returned" and accepted != returned:
            name = f"{settled.id}/{settled.version}"
            findings.append(_finding("not-taken-back", name, "open", "reversed", "退回后未冲销", "was not reversed"))
    for id_ in sorted(set(standing) - known):
        findings.append(_finding("unknown", id_, "posted", "a settlement", "没有对应的结算单", "has no settlement"))
    return tuple(findings)


_TAKEN_BACK = (LedgerEvent.ACCEPTED, LedgerEvent.RETURNED)


def _unbalanced(id_: str, postings: Iterable[Posting]) -> Iterator[Finding]:
    rest = sum(posting.amount for posting in postings)
    if rest:
        yield _finding("unbalanced", id_, str(rest), "0", f"不平,差 {rest} 分", f"does not balance by {rest} fen")


def _differing(expected: LedgerTransaction, digest: str, postings: tuple[Posting, ...]) -> Iterator[Finding]:
    if digest != expected.digest:
        yield _finding(
            "digest", expected.id, digest, expected.digest, "依据的结算单摘要不符", "rests on another settlement digest"
        )
    found, wanted = set(postings), set(expected.postings)
    for posting in sorted(found ^ wanted, key=str):
        side = "多出" if posting in found else "缺少"
        extra = "has" if posting in found else "lacks"
        line = f"{posting.account}/{posting.agency}/{posting.fund_source} {posting.amount}"
        yield _finding("posting", expected.id, line, "the settlement's breakdown", f"{side} {line}", f"{extra} {line}")


def _finding(code: str, id_: str, found: str, expected: str, zh: str, en: str) -> Finding:
    return Finding(
        code=f"billing.ledger.{code}",
        severity=Severity.ERROR,
        place=Place(field=id_),
        found=found,
        expected=expected,
        zh=f"账务 {id_}:{zh}",
        en=f"ledger {id_}: {en}",
    )
