"""Requests 资源申请: what an agency asks for, its estimate and checks, and the decisions bound to them.

Owns the request from submission to its end: original, requested and decided snapshots, the chain of decisions by the
policy in force, evidence, delivery, acceptance, expiry. The estimate comes from the billing code through a port; money
is promised by ``governance.contracts``, quota by ``tenants.quotas``; what a decision sets in motion is ``infra``'s.
"""

from __future__ import annotations

from tenants.requests.admission import Terms
from tenants.requests.approved import Approved, approved_environment, approved_environments
from tenants.requests.content import (
    Content,
    Difference,
    ServiceItem,
    Written,
    content_document,
    content_from_document,
)
from tenants.requests.deciding import Ruling, approve_request, reject_request
from tenants.requests.delivering import accept_request, deliver_request, delivery_subscriber, refuse_delivery
from tenants.requests.evidence_tables import Agreement, CheckRun, Opinion, StepTaken
from tenants.requests.expiring import delivery_clocks, look_after_grants
from tenants.requests.kinds import RequestKind
from tenants.requests.model import Delivery, Estimate, Request, RequestState
from tenants.requests.opinions import Favour, give_opinion
from tenants.requests.pausing import to_carry_out
from tenants.requests.policy import Policy
from tenants.requests.policy_publishing import draft_policy, publish_policy
from tenants.requests.policy_reading import read_policy
from tenants.requests.policy_tables import policy_for, policy_of, published_policies
from tenants.requests.reading import (
    Evidence,
    Page,
    evidence_of,
    request_of,
    requests,
    requests_page,
    visible_request,
)
from tenants.requests.requesting import (
    create_request,
    request_from_need,
    request_items,
    request_on,
    request_on_items,
    request_termination,
)
from tenants.requests.results import CheckResult, Verdict
from tenants.requests.transferring import agree_to_transfer, agreements, decline_transfer
from tenants.requests.withdrawing import withdraw_request
from tenants.requests.writing import read_decided, request_written

__all__ = [
    "Agreement",
    "Approved",
    "CheckResult",
    "CheckRun",
    "Content",
    "Delivery",
    "Difference",
    "Estimate",
    "Evidence",
    "Favour",
    "Opinion",
    "Page",
    "Policy",
    "Request",
    "RequestKind",
    "RequestState",
    "Ruling",
    "ServiceItem",
    "StepTaken",
    "Terms",
    "Verdict",
    "Written",
    "accept_request",
    "agree_to_transfer",
    "agreements",
    "approve_request",
    "approved_environment",
    "approved_environments",
    "content_document",
    "content_from_document",
    "create_request",
    "decline_transfer",
    "deliver_request",
    "delivery_clocks",
    "delivery_subscriber",
    "draft_policy",
    "evidence_of",
    "give_opinion",
    "look_after_grants",
    "policy_for",
    "policy_of",
    "publish_policy",
    "published_policies",
    "read_decided",
    "read_policy",
    "refuse_delivery",
    "reject_request",
    "request_from_need",
    "request_items",
    "request_of",
    "request_on",
    "request_on_items",
    "request_termination",
    "request_written",
    "requests",
    "requests_page",
    "to_carry_out",
    "visible_request",
    "withdraw_request",
]
