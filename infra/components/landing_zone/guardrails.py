"""Guardrail policies of the organisation: what no account may do, whatever its own policies say.

Each exempts the deployer's role, which has to build what the others may not touch. The cloud takes 5,120 characters a
policy and five policies a target (one of them its own ``FullAWSAccess``), so statements are packed together.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from foundation.evidence import canonical_text
from governance.environments.landing_zone import Guardrail, LandingZoneSpec, Managed
from infra.components.errors import PolicyTooLong

LONGEST = 5120
"""Characters the cloud takes in one policy."""
MOST = 4
"""Policies that fit on a target beside ``FullAWSAccess``."""

_GLOBAL = (
    "budgets:*",
    "ce:*",
    "cloudfront:*",
    "cloudtrail:*",
    "iam:*",
    "kms:*",
    "organizations:*",
    "route53:*",
    "s3:GetAccountPublic*",
    "s3:ListAllMyBuckets",
    "sts:*",
    "support:*",
)
"""What answers from one region for all; and keys and trails, which a global service may name anywhere."""

_TRAIL = (
    "cloudtrail:DeleteTrail",
    "cloudtrail:PutEventSelectors",
    "cloudtrail:StopLogging",
    "cloudtrail:UpdateTrail",
    "config:DeleteConfigurationRecorder",
    "config:StopConfigurationRecorder",
    "ec2:DeleteFlowLogs",
)
_ARCHIVE = (
    "s3:BypassGovernanceRetention",
    "s3:DeleteBucket",
    "s3:DeleteBucketPolicy",
    "s3:DeleteObject",
    "s3:DeleteObjectVersion",
    "s3:PutBucketObjectLockConfiguration",
    "s3:PutBucketPolicy",
    "s3:PutLifecycleConfiguration",
    "s3:PutObjectRetention",
)
_ROUND_THE_HUB = (
    "ec2:AcceptVpcPeeringConnection",
    "ec2:CreateTransitGateway",
    "ec2:CreateVpcPeeringConnection",
    "ec2:CreateVpnGateway",
)
"""A way round the hub is a way round its route domains."""

_TO_THE_INTERNET = (
    "ec2:AllocateAddress",
    "ec2:AssociateAddress",
    "ec2:AttachInternetGateway",
    "ec2:CreateEgressOnlyInternetGateway",
    "ec2:CreateInternetGateway",
    "ec2:CreateNatGateway",
)

NETWORK_GUARDRAILS = (Guardrail.PRIVATE,)
"""What holds in the extranet zone and at level 3 only; the others hold everywhere."""


def policies(spec: LandingZoneSpec, partition: str, archive: str, chosen: Iterable[Guardrail]) -> tuple[str, ...]:
    """The policies for one target, as few as fit. ``archive`` is the log archive bucket's ARN.

    Raises ``PolicyTooLong`` for a statement that fits in none, and where there are too many for a target.
    """
    wanted = [guardrail for guardrail in chosen if guardrail in spec.guardrails]
    statements = [one for guardrail in wanted for one in _statements(spec, partition, archive, guardrail)]
    packed: list[list[dict[str, Any]]] = []
    for statement in statements:
        if packed and len(_document([*packed[-1], statement])) <= LONGEST:
            packed[-1].append(statement)
        elif len(_document([statement])) <= LONGEST:
            packed.append([statement])
        else:
            raise PolicyTooLong(policy=statement["Sid"], size=len(_document([statement])), limit=LONGEST)
    if len(packed) > MOST:
        size = sum(len(_document(one)) for one in packed)
        raise PolicyTooLong(policy=", ".join(wanted), size=size, limit=MOST * LONGEST)
    return tuple(_document(one) for one in packed)


def _document(statements: Sequence[dict[str, Any]]) -> str:
    return canonical_text({"Version": "2012-10-17", "Statement": list(statements)})


def _statements(
    spec: LandingZoneSpec, partition: str, archive: str, guardrail: Guardrail
) -> tuple[dict[str, Any], ...]:
    exempt = {"ArnNotLike": {"aws:PrincipalArn": f"arn:{partition}:iam::*:role/{spec.deployer_role}"}}

    def deny(sid: str, actions: Sequence[str], resource: Any = "*", **condition: Any) -> dict[str, Any]:
        return {
            "Sid": sid,
            "Effect": "Deny",
            "Action": list(actions),
            "Resource": resource,
            "Condition": {**exempt, **condition},
        }

    applied = sorted(one.region for one in spec.regions if one.managed is Managed.APPLIED)
    elsewhere = deny("ApprovedRegions", [], StringNotEquals={"aws:RequestedRegion": applied})
    del elsewhere["Action"]
    root = {"StringLike": {"aws:PrincipalArn": f"arn:{partition}:iam::*:root"}}
    denied = {
        Guardrail.STAY: [deny("StayInOrganisation", ["organizations:LeaveOrganization", "account:CloseAccount"])],
        Guardrail.TRAIL: [deny("KeepTrail", _TRAIL)],
        Guardrail.ARCHIVE: [deny("KeepArchive", _ARCHIVE, [archive, f"{archive}/*"])],
        Guardrail.KEYS: [deny("KeepKeys", ["kms:DeleteAlias", "kms:DisableKey*", "kms:ScheduleKeyDeletion"])],
        Guardrail.ROOT: [deny("NoRootUser", ["*"], **root)],
        Guardrail.REGIONS: [{**elsewhere, "NotAction": list(_GLOBAL)}],
        Guardrail.ENCRYPTION: [
            deny("EncryptDisks", ["ec2:CreateVolume"], Bool={"ec2:Encrypted": "false"}),
            deny("EncryptDatabases", ["rds:CreateDBInstance"], Bool={"rds:StorageEncrypted": "false"}),
            deny(
                "EncryptFiles",
                ["elasticfilesystem:CreateFileSystem"],
                Bool={"elasticfilesystem:Encrypted": "false"},
            ),
        ],
        Guardrail.HUB: [deny("OnlyThroughHub", _ROUND_THE_HUB)],
        Guardrail.PRIVATE: [deny("NoPublicNetwork", _TO_THE_INTERNET)],
    }
    return tuple(denied[guardrail])


def exempts(policy: str, role: str) -> bool:
    """Whether every statement of a policy lets the role be."""
    return all(
        str(statement["Condition"]["ArnNotLike"]["aws:PrincipalArn"]).endswith(f":role/{role}")
        for statement in json.loads(policy)["Statement"]
    )
