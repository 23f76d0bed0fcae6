"""Requests 资源申请: what an agency asks for, its estimate, and the bureau's decision bound to both.

Owns the request with its original, requested and decided snapshots. The estimate comes from the billing code through
a port; what a decision sets in motion is ``infra``'s. A request once decided is never edited.
"""

from __future__ import annotations

from tenants.requests.approved import Approved, approved_environment
from tenants.requests.deciding import approve_request, reject_request
from tenants.requests.model import Estimate, Request, RequestKind, RequestState
from tenants.requests.reading import request_of, requests
from tenants.requests.requesting import create_request, request_termination

__all__ = [
    "Approved",
    "Estimate",
    "Request",
    "RequestKind",
    "RequestState",
    "approve_request",
    "approved_environment",
    "create_request",
    "reject_request",
    "request_of",
    "request_termination",
    "requests",
]
