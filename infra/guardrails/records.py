"""The ``Records`` port over this package's own tables."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from foundation.store import Transaction
from governance.authority import Act, decisions_on, machine_scope
from infra.guardrails.model import Exemption, ExemptionState, Judgement
from infra.guardrails.tables import exemptions_of, insert_judgement


class TableRecords:
    """Exemptions and judgements as the database holds them, whoever asks."""

    def standing(self, transaction: Transaction, environment: str, at: datetime) -> Sequence[Exemption]:
        """See ``Records``. A row that says "approved" without the decision on record, bound to its digest, is none."""
        found = exemptions_of(transaction, machine_scope(), environment=environment, state=ExemptionState.APPROVED)
        return tuple(one for one in found if one.holds(at) and _decided(transaction, one))

    def keep(self, transaction: Transaction, plan: str, agency: str, judgement: Judgement, at: datetime) -> None:
        """See ``Records``."""
        insert_judgement(transaction, machine_scope(), plan, agency, judgement, at)


def _decided(transaction: Transaction, exemption: Exemption) -> bool:
    return any(
        one.act is Act.EXEMPTION_APPROVE and one.digest == exemption.digest
        for one in decisions_on(transaction, exemption.subject)
    )
