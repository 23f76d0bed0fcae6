"""Needs 需求: from business questions to a decision; rounds that merge them, and the urgent path.

Owns a need from its first statement to its decision, what it is alike to, what it was merged into, and what the urgent
path lends meanwhile. What is then built is asked for by ``tenants.requests``, which reads ``approved_alternative``;
quotas are ``tenants.quotas``'s, costs the billing code's, both through ports. Nothing that was said is ever edited.
"""

from __future__ import annotations

from tenants.needs.answering import agree, send_back
from tenants.needs.approved import ApprovedNeed, approved_alternative
from tenants.needs.comparing import conclude, likenesses
from tenants.needs.deciding import approve_need, reject_need, return_need
from tenants.needs.documents import read_need, read_proposal
from tenants.needs.likeness import Conclusion
from tenants.needs.likeness_tables import Likeness
from tenants.needs.merging import merge_needs
from tenants.needs.model import Alternative, ItemUse, Need, NeedState, Proposal, Questions, Round, Temporary
from tenants.needs.moving import REQUEST
from tenants.needs.proposing import propose
from tenants.needs.reading import led_by, need_of, needs, proposal_of, questions_of, steps_of
from tenants.needs.rounds import close_round, join_round, open_round, round_of, rounds
from tenants.needs.stating import restate_need, state_need, withdraw_need
from tenants.needs.succeeding import move_open_needs
from tenants.needs.terms import Terms, read_terms, set_terms, terms_at
from tenants.needs.urgent import (
    Finding,
    allow_urgent,
    expire_temporaries,
    hand_in_papers,
    review_urgent,
    temporaries,
    temporary_of,
)

__all__ = [
    "REQUEST",
    "Alternative",
    "ApprovedNeed",
    "Conclusion",
    "Finding",
    "ItemUse",
    "Likeness",
    "Need",
    "NeedState",
    "Proposal",
    "Questions",
    "Round",
    "Temporary",
    "Terms",
    "agree",
    "allow_urgent",
    "approve_need",
    "approved_alternative",
    "close_round",
    "conclude",
    "expire_temporaries",
    "hand_in_papers",
    "join_round",
    "led_by",
    "likenesses",
    "merge_needs",
    "move_open_needs",
    "need_of",
    "needs",
    "open_round",
    "proposal_of",
    "propose",
    "questions_of",
    "read_need",
    "read_proposal",
    "read_terms",
    "reject_need",
    "restate_need",
    "return_need",
    "review_urgent",
    "round_of",
    "rounds",
    "send_back",
    "set_terms",
    "state_need",
    "steps_of",
    "temporaries",
    "temporary_of",
    "terms_at",
    "withdraw_need",
]
