"""Metering and settlement: from usage records to a paid, provable bill.

Owns the usage store, rating, usage statements, settlement, the ledger, exports and their verification. Does not own
the register (``tenants``), SLI minutes (``monitoring``), prices and contracts (``governance``) or the grade
(``supervision``): they come in through ``ports`` or from the floor below. The rooms are imported by name, because
``billing.verification`` must load without a database: ``billing.usage``, ``billing.rating``, ``billing.statements`` …
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from billing.handing_out import hand_out_subscriber

__all__ = ["hand_out_subscriber"]


def __getattr__(name: str) -> Any:
    if name == "hand_out_subscriber":
        from billing import handing_out  # noqa: PLC0415 - the outbox brings a database with it

        return handing_out.hand_out_subscriber
    raise AttributeError(name)
