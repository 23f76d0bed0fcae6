"""The central log archive and the audit trail of everything that is done in the cloud, into it."""

from __future__ import annotations

from typing import Any

from foundation.evidence import canonical_text
from governance.environments.landing_zone import LandingZoneSpec
from infra.components.names import bucket_name
from infra.components.policies import without_tls
from infra.components.site import Site
from infra.provider.kinds.bucket import BUCKET
from infra.provider.kinds.key import KEY
from infra.provider.kinds.trail import TRAIL
from infra.resources import CloudResource

ARCHIVE = "archive"
TRAIL_NAME = "trail"
_SERVICES = ("cloudtrail.amazonaws.com", "delivery.logs.amazonaws.com")


def archive_name(spec: LandingZoneSpec) -> str:
    """The name of the log archive's bucket."""
    return bucket_name(spec.environment, ARCHIVE)


def archive_arn(site: Site[LandingZoneSpec]) -> str:
    """The ARN of the log archive's bucket, known before it exists."""
    return f"arn:{site.placement.partition}:s3:::{archive_name(site.spec)}"


def build_archive(site: Site[LandingZoneSpec]) -> CloudResource:
    """The archive, its key, and the trail. The cloud's own log services may add to it; nobody takes anything away."""
    spec = site.spec
    key = site.make(
        KEY,
        ARCHIVE,
        description="Log archive",
        alias=f"alias/guanyun/{spec.environment}/{ARCHIVE}",
        policy=_key_policy(site),
    )
    bucket = site.make(
        BUCKET,
        ARCHIVE,
        name=archive_name(spec),
        policy=_bucket_policy(site),
        versioning=True,
        object_lock=True,
        retention_mode=spec.archive.mode.value.upper(),
        retention_days=spec.archive.retention_days,
        encryption="aws:kms",
        kms_key_id=key.output("arn"),
    )
    site.make(
        TRAIL,
        TRAIL_NAME,
        name=f"guanyun-{spec.environment}",
        # The bucket's policy has to stand before the trail is let into it.
        after=[bucket],
        bucket_name=archive_name(spec),
        kms_key_id=key.output("arn"),
        all_regions=True,
        global_events=True,
        validation=True,
        organization=spec.organisation,
    )
    return bucket


def _key_policy(site: Site[LandingZoneSpec]) -> str:
    account = {"AWS": f"arn:{site.placement.partition}:iam::{site.placement.account}:root"}
    return _policy(
        {"Sid": "Account", "Effect": "Allow", "Principal": account, "Action": "kms:*", "Resource": "*"},
        {
            "Sid": "Logs",
            "Effect": "Allow",
            "Principal": {"Service": list(_SERVICES)},
            "Action": ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"],
            "Resource": "*",
        },
    )


def _bucket_policy(site: Site[LandingZoneSpec]) -> str:
    arn, services = archive_arn(site), {"Service": list(_SERVICES)}
    return _policy(
        {"Sid": "Check", "Effect": "Allow", "Principal": services, "Action": "s3:GetBucketAcl", "Resource": arn},
        {
            "Sid": "Deliver",
            "Effect": "Allow",
            "Principal": services,
            "Action": "s3:PutObject",
            "Resource": f"{arn}/*",
            "Condition": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}},
        },
        {
            "Sid": "TakeNothingAway",
            "Effect": "Deny",
            "Principal": "*",
            "Action": ["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:BypassGovernanceRetention"],
            "Resource": f"{arn}/*",
        },
        without_tls(arn),
    )


def _policy(*statements: dict[str, Any]) -> str:
    return canonical_text({"Version": "2012-10-17", "Statement": list(statements)})
