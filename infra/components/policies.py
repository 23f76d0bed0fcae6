"""The policy texts of a tenant environment, as canonical JSON so that the same policy is the same text."""

from __future__ import annotations

from foundation.evidence import canonical_text
from infra.components.placement import Placement
from infra.provider.naming import ENVIRONMENT_TAG

_VERSION = "2012-10-17"


def tls_only(placement: Placement, bucket: str) -> str:
    """Nobody, not even its owner, reaches the bucket without TLS."""
    arn = f"arn:{placement.partition}:s3:::{bucket}"
    return canonical_text(
        {
            "Version": _VERSION,
            "Statement": [
                {
                    "Sid": "TlsOnly",
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": "s3:*",
                    "Resource": [arn, f"{arn}/*"],
                    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                }
            ],
        }
    )


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
