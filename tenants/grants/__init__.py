"""Grants 授权使用: who may use which dataset or application support, for what purpose, on what basis, until when.

Owns the application, the holder's decision and the term; opens and closes the register, against which calls are
metered. What is on offer is ``tenants.datasets``'s and the catalogue's.
"""

from tenants.grants.asking import ask_grant
from tenants.grants.deciding import approve_grant, reject_grant, revoke_grant, withdraw_grant
from tenants.grants.documents import read_wish
from tenants.grants.model import Access, Grant, GrantState, Offer, Wish
from tenants.grants.reading import access, grant_of, grants, grants_to_decide
from tenants.grants.turning import TURN_KIND, turn_grants, withdrawal_subscriber

__all__ = [
    "TURN_KIND",
    "Access",
    "Grant",
    "GrantState",
    "Offer",
    "Wish",
    "access",
    "approve_grant",
    "ask_grant",
    "grant_of",
    "grants",
    "grants_to_decide",
    "read_wish",
    "reject_grant",
    "revoke_grant",
    "turn_grants",
    "withdraw_grant",
    "withdrawal_subscriber",
]
