"""What is refused about the landing zone.

InfraError
└── LandingZoneError
    ├── NoLandingZone      none is approved
    ├── ProposalUnfit      a proposal that cannot be decided, or names what is not there
    ├── NetworksOverlap    a network that cannot be joined to the hub beside another
    └── RegionNotReadable  a region that is only registered
"""

from __future__ import annotations

from infra.errors import InfraError


class LandingZoneError(InfraError):
    """Base of this room's errors."""

    code = "infra.landing-zone"


class NoLandingZone(LandingZoneError):
    """Nothing stands approved."""

    code = "infra.no-landing-zone"
    exit_status = 3
    zh = "没有已批准的着陆区:先由运营方提出,主管部门批准"
    en = "no landing zone is approved: the operator proposes one, the bureau approves it"


class ProposalUnfit(LandingZoneError):
    """``proposal`` cannot be taken or decided: ``because_zh``, ``because_en``."""

    code = "infra.landing-zone-unfit"
    exit_status = 2
    zh = "着陆区 {proposal}:{because_zh}"
    en = "landing zone {proposal}: {because_en}"


class NetworksOverlap(LandingZoneError):
    """The network ``cidr`` of ``environment`` lies over ``other`` of ``whose``, which is joined to the hub."""

    code = "infra.networks-overlap"
    exit_status = 2
    zh = "环境 {environment} 的网段 {cidr} 与 {whose} 的 {other} 重叠,不能同时接入枢纽:请改用地址规划分配的网段"
    en = (
        "network {cidr} of environment {environment} overlaps {other} of {whose}; both cannot join the hub: "
        "take a block from the address plan"
    )


class RegionNotReadable(LandingZoneError):
    """Of a region that is only registered nothing is read: ``region``, ``managed``."""

    code = "infra.region-not-readable"
    exit_status = 3
    zh = "区域 {region} 的纳管方式为 {managed},只登记、不读取"
    en = "region {region} is managed as {managed}: it is listed, and not read"
