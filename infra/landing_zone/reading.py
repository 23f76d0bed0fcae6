"""What is there in a region that may be read: found by asking the cloud, changed by nobody."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from governance.authority import Office, viewing
from governance.errors import NotFound, Refused
from infra.components import may_read
from infra.landing_zone.enrolling import enrolled
from infra.landing_zone.errors import NoLandingZone, RegionNotReadable
from infra.landing_zone.tables import standing_proposal
from infra.provider.clouds import Clouds
from infra.provider.naming import ENVIRONMENT_TAG
from infra.provider.normal import tag_map

_LISTINGS = (
    ("Vpc", "ec2", "DescribeVpcs", "Vpcs", "VpcId"),
    ("Subnet", "ec2", "DescribeSubnets", "Subnets", "SubnetId"),
    ("Volume", "ec2", "DescribeVolumes", "Volumes", "VolumeId"),
    ("Database", "rds", "DescribeDBInstances", "DBInstances", "DBInstanceIdentifier"),
)


@dataclass(frozen=True, slots=True)
class FoundThere:
    """One thing in a region: ``environment`` is the one of ours it carries the tag of, "" for what is not ours."""

    region: str
    kind: str
    id: str
    name: str
    environment: str


def read_region(office: Office, token: str, clouds: Callable[[], Clouds], region: str) -> Sequence[FoundThere]:
    """The networks, machines, disks and databases of a region of the layer, by kind and id.

    ``clouds`` is asked once it is settled that the region may be read.

    Raises ``NoLandingZone``, ``NotFound``, ``RegionNotReadable`` where it is only registered, ``Refused`` for an
    agency: what is there is not told apart by whose it is.
    """
    with viewing(office, token) as view:
        if view.scope.agencies is not None:
            zh, en = "使用单位不读取纳管区域", "an agency does not read the regions of the layer"
            raise Refused(act="region.read", subject=f"region:{region}", rule="R203", because_zh=zh, because_en=en)
        standing = standing_proposal(view.transaction, view.scope)
        if standing is None:
            raise NoLandingZone
        spec = enrolled(view.transaction, view.scope, standing.spec)
    named = spec.region(region)
    if named is None:
        raise NotFound(what_zh="纳管区域", what_en="region of the layer", key=region)
    if not may_read(spec, region):
        raise RegionNotReadable(region=region, managed=named.managed.value)
    clients = clouds().at(region=region)
    found = []
    for kind, service, operation, member, identity in _LISTINGS:
        for page in clients.pages(service, operation, {}):
            for row in page.get(member, ()):
                tags = tag_map(row.get("Tags") or row.get("TagList"))
                name = str(tags.get("Name", ""))
                found.append(FoundThere(region, kind, str(row[identity]), name, str(tags.get(ENVIRONMENT_TAG, ""))))
    for page in clients.pages("ec2", "DescribeInstances", {}):
        for row in (each for group in page.get("Reservations", ()) for each in group["Instances"]):
            tags = tag_map(row.get("Tags"))
            told = str(tags.get("Name", "")), str(tags.get(ENVIRONMENT_TAG, ""))
            found.append(FoundThere(region, "Instance", str(row["InstanceId"]), *told))
    return tuple(sorted(found, key=lambda one: (one.kind, one.id)))
