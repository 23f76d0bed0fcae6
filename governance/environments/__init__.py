"""The environment spec: the document an agency asks for, a bureau approves and the operator builds.

Owns its shape, its checks and its digest. Deciding on it is ``tenants``'; building it is ``infra``'s.
"""

from governance.environments.model import (
    BucketSpec,
    EnvironmentSpec,
    IngressRule,
    InstanceSpec,
    Protection,
    SubnetSpec,
    VolumeSpec,
    Zone,
    spec_document,
    spec_from_document,
)

__all__ = [
    "BucketSpec",
    "EnvironmentSpec",
    "IngressRule",
    "InstanceSpec",
    "Protection",
    "SubnetSpec",
    "VolumeSpec",
    "Zone",
    "spec_document",
    "spec_from_document",
]
