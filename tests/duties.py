"""Duties for the people of tests: as many as one natural person may hold, so at most one administrator's."""

from __future__ import annotations

from governance.parties import ADMINISTRATORS, Duty

ORDINARY = frozenset(Duty) - ADMINISTRATORS
"""What may all be in one hand, as far as the database cares."""

_ADMINISTRATORS = {
    "bureau-1": Duty.ADMINISTER_SYSTEM,
    "bureau-2": Duty.ADMINISTER_SECURITY,
    "bureau-3": Duty.ADMINISTER_AUDIT,
    "operator-1": Duty.ADMINISTER_AUDIT,
    "operator-2": Duty.ADMINISTER_SYSTEM,
}


def duties_of(account: str) -> frozenset[Duty]:
    """Every duty but the administrators', and of these the one that this account's person is."""
    return ORDINARY | ({_ADMINISTRATORS[account]} if account in _ADMINISTRATORS else frozenset())
