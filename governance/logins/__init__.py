"""Logins: sessions that serve one duty, passwords, lockout, second factors, API tokens, the issuer's subjects.

Owns how somebody proves who they are, and for how long. Who they are is ``governance.parties``', what they may do is
``governance.authority``'s, where the use cases with their audit entries are.
"""

from governance.logins.api_tokens import add_token, end_tokens, is_api_token, tokens_of
from governance.logins.model import ApiToken, Bearer, Opened, Way
from governance.logins.passwords import add_password, check_new_password, fits, hash_password, password_of
from governance.logins.policy import LoginPolicy, policy_from_document, published_policy, read_policy
from governance.logins.rules import add_policy, policy_in_force
from governance.logins.secrets import Vault
from governance.logins.sessions import (
    add_session,
    bearer_of,
    duties_for,
    duty_of_asker,
    end_all_sessions,
    end_session,
    end_sessions,
    in_office,
    remember_asker,
    switch_session,
    touch,
)

__all__ = [
    "ApiToken",
    "Bearer",
    "LoginPolicy",
    "Opened",
    "Vault",
    "Way",
    "add_password",
    "add_policy",
    "add_session",
    "add_token",
    "bearer_of",
    "check_new_password",
    "duties_for",
    "duty_of_asker",
    "end_all_sessions",
    "end_session",
    "end_sessions",
    "end_tokens",
    "fits",
    "hash_password",
    "in_office",
    "is_api_token",
    "password_of",
    "policy_from_document",
    "policy_in_force",
    "published_policy",
    "read_policy",
    "remember_asker",
    "switch_session",
    "tokens_of",
    "touch",
]
