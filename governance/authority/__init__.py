"""Who may do what: the acts, their rules, the one policy function, and the transaction of a permitted act.

Owns the separation of duties by natural person and by organisation, and every ``Scope``. Each room calls
``acting`` to change a fact and ``viewing`` to read one; no room decides by itself who may.
"""

import governance.authority.walls  # noqa: F401 - puts the walls up with the tables
from governance.authority.acts import Act, act_named
from governance.authority.audit_reading import audit_entries, export_audit, search_audit
from governance.authority.behalf import asked_for, on_behalf
from governance.authority.breakglass import ask_glass, open_glass, review_glass, reviewers
from governance.authority.countersigning import choose_audit_digest, countersign, countersigned, walk
from governance.authority.credentials import (
    change_password,
    give_password,
    locks,
    set_login_policy,
    take_second_factor,
    unlock_account,
)
from governance.authority.decisions import Decision, decision_table, decisions_on
from governance.authority.explaining import explain, who_can
from governance.authority.glass import Grant, grants, unreviewed
from governance.authority.mandate import Clocks, Mandate, Office, View, acting, viewing
from governance.authority.policy import Actor, Refusal, machine_scope, scope_of
from governance.authority.rules import RULES, Rule
from governance.authority.second_factors import begin_second_factor, confirm_second_factor
from governance.authority.sessions import Door, close_session, open_session, switch_duty
from governance.authority.standing import standing_decision
from governance.authority.subjects import (
    bind_own_subject,
    bind_subject_of,
    open_session_of_subject,
    round_begun,
    round_returned,
)
from governance.authority.tokens import make_token, own_tokens, revoke_token

__all__ = [
    "RULES",
    "Act",
    "Actor",
    "Clocks",
    "Decision",
    "Door",
    "Grant",
    "Mandate",
    "Office",
    "Refusal",
    "Rule",
    "View",
    "act_named",
    "acting",
    "ask_glass",
    "asked_for",
    "audit_entries",
    "begin_second_factor",
    "bind_own_subject",
    "bind_subject_of",
    "change_password",
    "choose_audit_digest",
    "close_session",
    "confirm_second_factor",
    "countersign",
    "countersigned",
    "decision_table",
    "decisions_on",
    "explain",
    "export_audit",
    "give_password",
    "grants",
    "locks",
    "machine_scope",
    "make_token",
    "on_behalf",
    "open_glass",
    "open_session",
    "open_session_of_subject",
    "own_tokens",
    "review_glass",
    "reviewers",
    "revoke_token",
    "round_begun",
    "round_returned",
    "scope_of",
    "search_audit",
    "set_login_policy",
    "standing_decision",
    "switch_duty",
    "take_second_factor",
    "unlock_account",
    "unreviewed",
    "viewing",
    "walk",
    "who_can",
]
