"""Metering and settlement: from usage records to a paid, provable bill.

Owns the usage store, rating, usage statements, settlement, the ledger, exports and their verification. Does not own
the register (``tenants``), SLI minutes (``monitoring``), prices and contracts (``governance``) or the grade
(``supervision``): they come in through ``ports`` or from the floor below. The rooms are imported by name, because
``billing.verification`` must load without a database: ``billing.usage``, ``billing.rating``, ``billing.statements`` …
"""

__all__: list[str] = []
