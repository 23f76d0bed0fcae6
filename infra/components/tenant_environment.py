"""``TenantEnvironment``: one business system's isolated place, from its spec."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from governance.environments import Baseline, EnvironmentSpec
from infra.components.first import build_first
from infra.components.names import device_name
from infra.components.passwords import Passwords
from infra.components.placement import Placement
from infra.components.second import build_second
from infra.components.site import Site
from infra.components.tags import cost_tags

__all__ = ["TenantEnvironment", "TenantEnvironmentArgs", "cost_tags", "device_name"]


@dataclass(frozen=True, kw_only=True)
class TenantEnvironmentArgs:
    """The approved spec, the cloud it is built in, and where databases have their first passwords from."""

    spec: EnvironmentSpec
    placement: Placement
    passwords: Passwords | None = None


class TenantEnvironment(pulumi.ComponentResource):  # type: ignore[misc]
    """An environment on the baseline that its spec names.

    ``outputs`` maps kind → spec name → cloud id; the resource register is opened from it.
    """

    def __init__(self, name: str, args: TenantEnvironmentArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("guanyun:environment:TenantEnvironment", name, {}, opts)
        spec, options = args.spec, pulumi.ResourceOptions(parent=self)
        account = spec.account or args.placement.agency_account
        site = Site(spec, args.placement, options, account=account, region=spec.region, passwords=args.passwords)
        if spec.baseline is Baseline.SECOND:
            build_second(site)
        else:
            build_first(site)
        self.outputs = site.outputs()
        self.register_outputs(self.outputs)
