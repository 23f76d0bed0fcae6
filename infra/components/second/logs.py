"""The environment's log bucket, and the record of every connection that goes into it."""

from __future__ import annotations

from typing import Any

from governance.environments import EnvironmentSpec
from governance.environments.second import LEAST_LOG_DAYS
from infra.components import names
from infra.components.policies import takes_logs
from infra.components.second.network import Network
from infra.components.site import Site
from infra.provider.kinds.bucket import BUCKET
from infra.provider.kinds.flow_log import FLOW_LOG
from infra.resources import CloudResource


def log_bucket_name(spec: EnvironmentSpec) -> str:
    """The name of the environment's log bucket."""
    return names.bucket_name(spec.environment, names.LOGS)


def build_logs(site: Site[EnvironmentSpec], network: Network, key: Any) -> CloudResource:
    """The log bucket, and the flow log of the whole network into it."""
    name = log_bucket_name(site.spec)
    account = site.account or site.placement.account
    bucket = site.make(
        BUCKET,
        names.LOGS,
        name=name,
        policy=takes_logs(site.placement, name, account),
        versioning=True,
        # Whoever gets into the environment cannot remove the traces; it takes a right that no role here has.
        object_lock=True,
        retention_mode="GOVERNANCE",
        retention_days=_days(site.spec),
        lifecycle_rules=[_kept(_days(site.spec))],
        **encrypted(key),
    )
    site.make(
        FLOW_LOG,
        names.FLOW_LOG,
        # The bucket's policy has to stand before the cloud tries to deliver.
        after=[bucket],
        resource_id=network.vpc.id,
        resource_type="VPC",
        destination_arn=f"arn:{site.placement.partition}:s3:::{name}",
        destination_type="s3",
        traffic_type="ALL",
    )
    return bucket


def _days(spec: EnvironmentSpec) -> int:
    return spec.flow_logs.retention_days if spec.flow_logs else LEAST_LOG_DAYS


def _kept(days: int) -> dict[str, Any]:
    """Logs go when their time is over, and what was overwritten with them."""
    return {"name": "retention", "expire_days": days, "expire_noncurrent_days": days, "abort_upload_days": 7}


def encrypted(key: Any) -> dict[str, Any]:
    """How a bucket is encrypted: by the key, where there is one."""
    return {"encryption": "aws:kms", "kms_key_id": key} if key is not None else {"encryption": "AES256"}
