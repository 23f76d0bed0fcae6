"""The policy texts of a tenant environment, as canonical JSON so that the same policy is the same text."""

from __future__ import annotations

from typing import Any

from foundation.evidence import canonical_text
from infra.components.placement import Placement
from infra.provider.naming import ENVIRONMENT_TAG

_VERSION = "2012-10-17"


def tls_only(placement: Placement, bucket: str) -> str:
    """Nobody, not even its owner, reaches the bucket without TLS."""
    return canonical_text({"Version": _VERSION, "Statement": [without_tls(f"arn:{placement.partition}:s3:::{bucket}")]})


def takes_logs(placement: Placement, bucket: str, account: str) -> str:
    """The cloud's log delivery may put files into the bucket, for this account only; nobody comes without TLS."""
    arn = f"arn:{placement.partition}:s3:::{bucket}"
    principal = {"Service": "delivery.logs.amazonaws.com"}
    own = {"aws:SourceAccount": account}
    deliver = {
        "Sid": "DeliverLogs",
        "Effect": "Allow",
        "Principal": principal,
        "Action": "s3:PutObject",
        "Resource": f"{arn}/*",
        "Condition": {"StringEquals": {**own, "s3:x-amz-acl": "bucket-owner-full-control"}},
    }
    check = {
        "Sid": "CheckBucket",
        "Effect": "Allow",
        "Principal": principal,
        "Action": ["s3:GetBucketAcl", "s3:ListBucket"],
        "Resource": arn,
        "Condition": {"StringEquals": own},
    }
    return canonical_text({"Version": _VERSION, "Statement": [deliver, check, without_tls(arn)]})


def without_tls(arn: str) -> dict[str, Any]:
    """The statement that refuses a bucket to whoever comes without TLS."""
    return {
        "Sid": "TlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, f"{arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def assumed_in_account(placement: Placement) -> str:
    """Principals of the environment's own account may take the role, if their own policies let them."""
    return canonical_text(
        {
            "Version": _VERSION,
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": f"arn:{placement.partition}:iam::{placement.account}:root"},
                    "Action": "sts:AssumeRole",
                }
            ],
        }
    )


def assumed_by_service(service: str) -> str:
    """A service of the cloud takes the role, and nobody else."""
    allow = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return canonical_text({"Version": _VERSION, "Statement": [allow]})


def operate(environment: str) -> str:
    """Look at everything, start and stop what carries the environment's tag, and nothing else."""
    return canonical_text(
        {
            "Version": _VERSION,
            "Statement": [
                {"Sid": "Look", "Effect": "Allow", "Action": ["ec2:Describe*"], "Resource": "*"},
                {
                    "Sid": "Run",
                    "Effect": "Allow",
                    "Action": ["ec2:RebootInstances", "ec2:StartInstances", "ec2:StopInstances"],
                    "Resource": "*",
                    "Condition": {"StringEquals": {f"aws:ResourceTag/{ENVIRONMENT_TAG}": environment}},
                },
            ],
        }
    )


def look(environment: str) -> str:
    """See what there is of the environment and how it fares; no data, and no change."""
    return canonical_text(
        {
            "Version": _VERSION,
            "Statement": [
                {
                    "Sid": "Look",
                    "Effect": "Allow",
                    "Action": [
                        "backup:List*",
                        "cloudwatch:GetMetricData",
                        "cloudwatch:ListMetrics",
                        "ec2:Describe*",
                        "elasticfilesystem:Describe*",
                        "elasticloadbalancing:Describe*",
                        "rds:Describe*",
                        "tag:GetResources",
                    ],
                    "Resource": "*",
                },
                _no_data(environment),
            ],
        }
    )


def read_logs(placement: Placement, environment: str, bucket: str) -> str:
    """Read the environment's logs and the trail of what was done; nothing else, and change nothing."""
    arn = f"arn:{placement.partition}:s3:::{bucket}"
    return canonical_text(
        {
            "Version": _VERSION,
            "Statement": [
                {
                    "Sid": "Logs",
                    "Effect": "Allow",
                    "Action": ["s3:GetObject", "s3:ListBucket"],
                    "Resource": [arn, f"{arn}/*"],
                },
                {"Sid": "Trail", "Effect": "Allow", "Action": ["cloudtrail:LookupEvents"], "Resource": "*"},
                _no_data(environment),
            ],
        }
    )


def _no_data(environment: str) -> dict[str, Any]:
    """A look is not a way to the data: secrets stay shut whatever else is attached to the role."""
    return {
        "Sid": "NoData",
        "Effect": "Deny",
        "Action": ["secretsmanager:GetSecretValue"],
        "Resource": "*",
        "Condition": {"StringEquals": {f"aws:ResourceTag/{ENVIRONMENT_TAG}": environment}},
    }


def key_of_account(partition: str, account: str, *others: str) -> str:
    """The account's own policies say who uses the key; the cloud's log delivery may encrypt with it for the account.

    ``others`` are accounts whose own policies say the same of using it, and not of what becomes of the key.
    """
    using = {
        "Sid": "OwnAccounts",
        "Effect": "Allow",
        "Principal": {"AWS": [f"arn:{partition}:iam::{one}:root" for one in sorted(others)]},
        "Action": ["kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*"],
        "Resource": "*",
    }
    sources = [account, *sorted(others)] if others else account
    return canonical_text(
        {
            "Version": _VERSION,
            "Statement": [
                {
                    "Sid": "Account",
                    "Effect": "Allow",
                    "Principal": {"AWS": f"arn:{partition}:iam::{account}:root"},
                    "Action": "kms:*",
                    "Resource": "*",
                },
                {
                    "Sid": "Logs",
                    "Effect": "Allow",
                    "Principal": {"Service": "delivery.logs.amazonaws.com"},
                    "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
                    "Resource": "*",
                    "Condition": {"StringEquals": {"aws:SourceAccount": sources}},
                },
                *([using] if others else []),
            ],
        }
    )


def boundary(environment: str) -> str:
    """The most that any role of the environment may ever do, whatever is attached to it later.

    Reading is open; changing only what carries the environment's tag; identities, keys, logs, networks and the tag
    itself are never changed.
    """
    return canonical_text(
        {
            "Version": _VERSION,
            "Statement": [
                {
                    "Sid": "See",
                    "Effect": "Allow",
                    "Action": [
                        "backup:List*",
                        "cloudtrail:LookupEvents",
                        "cloudwatch:*",
                        "ec2:Describe*",
                        "elasticfilesystem:Describe*",
                        "elasticloadbalancing:Describe*",
                        "logs:*",
                        "rds:Describe*",
                        "s3:*",
                        "tag:GetResources",
                    ],
                    "Resource": "*",
                },
                {
                    "Sid": "Work",
                    "Effect": "Allow",
                    "Action": ["ec2:*", "kms:*", "rds:*", "secretsmanager:*", "ssm:*"],
                    "Resource": "*",
                    "Condition": {"StringEquals": {f"aws:ResourceTag/{ENVIRONMENT_TAG}": environment}},
                },
                {
                    "Sid": "Never",
                    "Effect": "Deny",
                    "Action": [
                        "account:*",
                        "backup:Delete*",
                        "ec2:CreateTags",
                        "ec2:Delete*",
                        "ec2:DeleteTags",
                        "ec2:TerminateInstances",
                        "iam:*",
                        "kms:DisableKey",
                        "kms:PutKeyPolicy",
                        "kms:ScheduleKeyDeletion",
                        "logs:Delete*",
                        "organizations:*",
                        "rds:Delete*",
                        "s3:DeleteBucket*",
                        "s3:PutBucket*",
                    ],
                    "Resource": "*",
                },
            ],
        }
    )
