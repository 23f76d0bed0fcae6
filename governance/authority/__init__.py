"""Who may do what: the acts, their rules, the one policy function, and the transaction of a permitted act.

Owns the separation of duties by natural person and by organisation, and every ``Scope``. Each room calls
``acting`` to change a fact and ``viewing`` to read one; no room decides by itself who may.
"""

from governance.authority.acts import RULES, Act, Rule
from governance.authority.audit_reading import audit_entries
from governance.authority.behalf import on_behalf
from governance.authority.decisions import Decision, decision_table, decisions_on
from governance.authority.mandate import Clocks, Mandate, Office, View, acting, viewing
from governance.authority.policy import Actor, Refusal, machine_scope, scope_of
from governance.authority.sessions import close_session, open_session
from governance.authority.standing import standing_decision

__all__ = [
    "RULES",
    "Act",
    "Actor",
    "Clocks",
    "Decision",
    "Mandate",
    "Office",
    "Refusal",
    "Rule",
    "View",
    "acting",
    "audit_entries",
    "close_session",
    "decision_table",
    "decisions_on",
    "machine_scope",
    "on_behalf",
    "open_session",
    "scope_of",
    "standing_decision",
    "viewing",
]
