"""Object storage."""

from __future__ import annotations

from typing import Any

from governance.environments import EnvironmentSpec
from infra.components import names
from infra.components.policies import tls_only
from infra.components.second.logs import encrypted
from infra.components.site import Site
from infra.provider.kinds.bucket import BUCKET


def build_buckets(site: Site[EnvironmentSpec], key: Any) -> None:
    """Each bucket, private and encrypted by the key."""
    for bucket in site.spec.buckets:
        name = names.bucket_name(site.spec.environment, bucket.name)
        policy = tls_only(site.placement, name)
        site.make(BUCKET, bucket.name, name=name, policy=policy, versioning=bucket.versioning, **encrypted(key))
