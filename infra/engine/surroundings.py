"""The facts of a cloud that an environment is placed by, asked from the cloud once."""

from __future__ import annotations

from infra.components import BACKUP_SELECTION, Placement
from infra.provider.clients import Clients
from infra.provider.errors import CloudRefused, UnsupportedHere

_BOUNDARY = "arn:{partition}:iam::aws:policy/PowerUserAccess"
"""A policy which every AWS partition brings along: everything but identities and the organisation."""


def read_placement(clients: Clients, *, partition: str, account: str, boundary: str | None = None) -> Placement:
    """The region's zones, asked from the cloud; ``boundary`` is the ARN of a site's own permission boundary."""
    zones = clients.call("ec2", "DescribeAvailabilityZones", {})
    return Placement(
        partition=partition,
        account=account,
        zones=tuple(sorted(str(zone["ZoneName"]) for zone in zones["AvailabilityZones"])),
        permissions_boundary=boundary or _BOUNDARY.format(partition=partition),
        lacks=_lacks(clients),
    )


def _lacks(clients: Clients) -> tuple[str, ...]:
    """What this cloud cannot do; asked of a plan that there is none of, so that a cloud which can says just that."""
    try:
        clients.call("backup", "ListBackupSelections", {"BackupPlanId": "none"})
    except UnsupportedHere:
        return (BACKUP_SELECTION,)
    except CloudRefused:
        return ()
    return ()
