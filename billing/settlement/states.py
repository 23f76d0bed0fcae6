"""The walk of a settlement: which act leads from which state to which. Pure data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from billing.settlement.model import SettlementState
from governance.audit import AuditEvent
from governance.authority import Act


@dataclass(frozen=True, slots=True)
class Step:
    """One act: the states it may start from, the state it leads to, how the audit log calls it.

    ``rests_on``: acts on the same version that it carries out, whose persons are looked at again then.
    """

    start: frozenset[SettlementState]
    end: SettlementState
    event: AuditEvent
    rests_on: tuple[Act, ...] = ()


def _step(end: SettlementState, event: AuditEvent, *start: SettlementState, rests_on: tuple[Act, ...] = ()) -> Step:
    return Step(frozenset(start), end, event, rests_on)


_S = SettlementState
STEPS: Mapping[Act, Step] = {
    Act.SETTLEMENT_SUBMIT: _step(_S.SUBMITTED, AuditEvent.SETTLEMENT_SUBMITTED, _S.DRAFT),
    Act.SETTLEMENT_ACCEPT: _step(_S.ACCEPTED, AuditEvent.SETTLEMENT_ACCEPTED, _S.SUBMITTED),
    Act.SETTLEMENT_REVIEW: _step(
        _S.REVIEWED, AuditEvent.SETTLEMENT_REVIEWED, _S.ACCEPTED, rests_on=(Act.SETTLEMENT_ACCEPT,)
    ),
    # Also an approved one may go back: otherwise an approval that has fallen could be neither paid nor given anew.
    Act.SETTLEMENT_RETURN: _step(
        _S.RETURNED, AuditEvent.SETTLEMENT_RETURNED, _S.SUBMITTED, _S.ACCEPTED, _S.REVIEWED, _S.APPROVED
    ),
    Act.SETTLEMENT_APPROVE: _step(
        _S.APPROVED,
        AuditEvent.SETTLEMENT_APPROVED,
        _S.REVIEWED,
        rests_on=(Act.SETTLEMENT_ACCEPT, Act.SETTLEMENT_REVIEW),
    ),
    Act.SETTLEMENT_PAY: _step(
        _S.PAID,
        AuditEvent.SETTLEMENT_PAID,
        _S.APPROVED,
        rests_on=(Act.SETTLEMENT_ACCEPT, Act.SETTLEMENT_REVIEW, Act.SETTLEMENT_APPROVE),
    ),
}
FROZEN = frozenset(_S) - {_S.DRAFT, _S.RETURNED}
"""States in which a settlement stands: its amounts count against the ceiling."""
