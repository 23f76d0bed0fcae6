"""What stands approved of a need: what a request is made from."""

from __future__ import annotations

from dataclasses import dataclass

from foundation.store import Scope, Transaction
from governance.authority import Act, decisions_on
from tenants.needs.model import Alternative, NeedState
from tenants.needs.reading import need_of, proposal_of


@dataclass(frozen=True, slots=True)
class ApprovedNeed:
    """The alternative that the agency agreed to and the bureau approved.

    ``agency`` asks for it; ``participants`` are those it is for as well. ``digest`` is what the approval binds to:
    whoever relies on it looks at the decision ``need.approve`` on ``subject`` again (``Mandate.rely_on``).
    """

    number: str
    agency: str
    participants: tuple[str, ...]
    system: str
    alternative: Alternative
    digest: str

    @property
    def subject(self) -> str:
        """What decisions call it."""
        return f"need:{self.number}"


def approved_alternative(transaction: Transaction, scope: Scope, need: str) -> ApprovedNeed | None:
    """What stands approved of a need inside the scope; None where nothing does. Raises ``NotFound``.

    A row that says "approved" without a decision on record that is bound to what it holds is none. A need that was
    merged has nothing of its own: its lead's agency asks for all.
    """
    found = need_of(transaction, scope, need)
    proposal = proposal_of(transaction, scope, need)
    if found.state is not NeedState.APPROVED or found.leading or proposal is None:
        return None
    decided = {one.digest for one in decisions_on(transaction, found.subject) if one.act is Act.NEED_APPROVE}
    alternative = proposal.alternative(found.chosen)
    if found.decision_digest not in decided or proposal.digest != found.proposal_digest or alternative is None:
        return None
    return ApprovedNeed(
        number=found.number,
        agency=found.agency,
        participants=found.participants,
        system=found.system,
        alternative=alternative,
        digest=found.decision_digest,
    )
