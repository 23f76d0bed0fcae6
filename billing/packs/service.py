"""Handing a pack to whoever may have it: an agency its own statement's, the others also the settlement's."""

from __future__ import annotations

from billing.errors import UnknownStatement
from billing.packs.building import Pack, build_settlement_pack, build_statement_pack
from billing.packs.sources import PackSources
from billing.settlement.errors import WrongState
from billing.settlement.model import SettlementState
from billing.settlement.service import find_settlement
from billing.statements.model import StatementState
from billing.statements.tables import versions
from foundation.evidence import Signer
from governance.authority import Office, viewing


def statement_pack(
    office: Office, token: str, sources: PackSources, statement: str, *, signer: Signer, version: int | None = None
) -> Pack:
    """The pack of an issued version, the newest unless ``version`` says which; ``signer`` holds ``operator.billing``.

    Raises ``UnknownStatement``, also for a statement outside the reader's scope.
    """
    with viewing(office, token) as view:
        found = [
            row
            for row in versions(view.transaction, view.scope, statement)
            if row.state is not StatementState.DRAFT and version in (None, row.version)
        ]
        if not found:
            raise UnknownStatement(id=statement)
        return build_statement_pack(view.transaction, view.scope, sources, found[-1], signer)


def settlement_pack(office: Office, token: str, sources: PackSources, settlement: str, *, signer: Signer) -> Pack:
    """The pack of a settlement that was submitted. Raises ``NoSettlement`` (also for an agency), ``WrongState``."""
    with viewing(office, token) as view:
        row = find_settlement(view, settlement)
        if row.state is SettlementState.DRAFT:
            raise WrongState(settlement=settlement, act="pack", found=row.state.value, expected="submitted")
        return build_settlement_pack(view.transaction, view.scope, sources, row, signer)
