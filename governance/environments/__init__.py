"""The environment spec: the document an agency asks for, a bureau approves and the operator builds.

Owns its short and its exact form, its checks, its digest's document, the sizes and defaults it is resolved by, and
which part of it is charged by which plan. Deciding on it is ``tenants``'; building it is ``infra``'s.
"""

from __future__ import annotations

from governance.environments.charging import ChargedPart, UnchargedPart, charged_parts, uncharged_parts
from governance.environments.comparing import beyond_later_fields
from governance.environments.documents import spec_document
from governance.environments.model import (
    LANDING_ZONE,
    AdoptSpec,
    BackupSpec,
    BalancerProtocol,
    Baseline,
    BucketSpec,
    DatabaseSpec,
    Engine,
    EnvironmentSpec,
    FileSystemSpec,
    FlowLogSpec,
    IngressRule,
    InstanceSpec,
    KeySpec,
    LoadBalancerSpec,
    PeerSpec,
    PersonRole,
    Protection,
    Purpose,
    SecretSpec,
    SubnetSpec,
    TierRule,
    VolumeSpec,
    Zone,
)
from governance.environments.ports import AddressPlan, BlockWanted, NoRoom
from governance.environments.published import Published, read_published, shipped
from governance.environments.reading import read_environment, spec_from_document
from governance.environments.together import check_together

__all__ = [
    "LANDING_ZONE",
    "AddressPlan",
    "AdoptSpec",
    "BackupSpec",
    "BalancerProtocol",
    "Baseline",
    "BlockWanted",
    "BucketSpec",
    "ChargedPart",
    "DatabaseSpec",
    "Engine",
    "EnvironmentSpec",
    "FileSystemSpec",
    "FlowLogSpec",
    "IngressRule",
    "InstanceSpec",
    "KeySpec",
    "LoadBalancerSpec",
    "NoRoom",
    "PeerSpec",
    "PersonRole",
    "Protection",
    "Published",
    "Purpose",
    "SecretSpec",
    "SubnetSpec",
    "TierRule",
    "UnchargedPart",
    "VolumeSpec",
    "Zone",
    "beyond_later_fields",
    "charged_parts",
    "check_together",
    "read_environment",
    "read_published",
    "shipped",
    "spec_document",
    "spec_from_document",
    "uncharged_parts",
]
