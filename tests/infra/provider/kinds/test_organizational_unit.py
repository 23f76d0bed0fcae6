from __future__ import annotations

import contextlib

from infra.provider.errors import CloudRefused
from infra.provider.kinds.organizational_unit import ORGANIZATIONAL_UNIT
from tests.infra.provider.kinds.example import Example, Made


def root(made: Made) -> str:
    """The root of the sandbox's organisation."""
    with contextlib.suppress(CloudRefused):  # there is one already
        made.clients.call("organizations", "CreateOrganization", {"FeatureSet": "ALL"})
    top = made.clients.call("organizations", "ListRoots", {})["Roots"][0]
    with contextlib.suppress(CloudRefused):
        asked = {"RootId": top["Id"], "PolicyType": "SERVICE_CONTROL_POLICY"}
        made.clients.call("organizations", "EnablePolicyType", asked)
    return str(top["Id"])


def unit(name: str) -> Example:
    """A unit under the root; its name is its environment's, for no two under one parent are alike."""
    return Example(
        kind=ORGANIZATIONAL_UNIT,
        create=lambda made: {
            "name": f"{name} {made.environment}",
            "parent_id": root(made),
        },
        update=None,
        replace=None,
    )


EXAMPLE = Example(
    kind=ORGANIZATIONAL_UNIT,
    needs={"other": unit("互联网区")},
    create=lambda made: {
        "name": f"政务外网 {made.environment}",
        "parent_id": root(made),
        "tags": {"zone": "extranet"},
    },
    update=lambda made: {
        "name": f"政务外网 等保三级 {made.environment}",
        "parent_id": root(made),
        "tags": {"zone": "extranet", "level": "3"},
    },
    replace=lambda made: {"name": "moved", "parent_id": made["other"].id},
)
