"""What people may take up in an environment: one role each, all under the same bound."""

from __future__ import annotations

from dataclasses import replace

from governance.environments import EnvironmentSpec, PersonRole
from infra.components import names
from infra.components.policies import assumed_in_account, boundary, look, operate, read_logs
from infra.components.second.logs import log_bucket_name
from infra.components.site import Site
from infra.provider.kinds.policy import POLICY
from infra.provider.kinds.role import ROLE

_SAYS = {PersonRole.OPERATE: "Operate", PersonRole.READ: "Look at", PersonRole.AUDIT: "Audit"}


def build_roles(site: Site[EnvironmentSpec]) -> None:
    """The roles that the spec names. Who may take which is for the account's own identities."""
    spec, placement = site.spec, replace(site.placement, account=site.account or site.placement.account)
    policies = {
        PersonRole.OPERATE: operate(spec.environment),
        PersonRole.READ: look(spec.environment),
        PersonRole.AUDIT: read_logs(placement, spec.environment, log_bucket_name(spec)),
    }
    if not spec.roles:
        return
    bound = site.make(
        POLICY,
        names.BOUNDARY,
        name=names.role_name(spec.environment, names.BOUNDARY),
        description=f"The most that a role of environment {spec.environment} may do",
        policy=boundary(spec.environment),
    )
    for role in spec.roles:
        site.make(
            ROLE,
            role.value,
            name=names.role_name(spec.environment, role.value),
            description=f"{_SAYS[role]} environment {spec.environment}",
            assume_role_policy=assumed_in_account(placement),
            permissions_boundary=bound.output("arn"),
            inline_policies={role.value: policies[role]},
        )
