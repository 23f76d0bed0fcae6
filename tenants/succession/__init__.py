"""How what the tenants' rooms keep open follows an agency's successor, where it is more than one column of a table.

Owns no fact: the register, quotas and needs are their rooms', which also know how an entry closes or a need moves.
Bound in ``wiring`` to ``governance.reorganisation``.
"""

from tenants.succession.environments import open_environments
from tenants.succession.needs import NeedsFollow
from tenants.succession.quotas import QuotasFollow
from tenants.succession.register import RegisterFollows

__all__ = ["NeedsFollow", "QuotasFollow", "RegisterFollows", "open_environments"]
