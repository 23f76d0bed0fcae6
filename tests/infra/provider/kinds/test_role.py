"""An IAM role."""

from __future__ import annotations

import json

from infra.provider.kinds.role import ROLE
from infra.provider.naming import role_name
from tests.infra.provider.kinds.example import Example, Made

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}],
}
READ_ONLY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s3:Get*"], "Resource": "*"}]}
WRITE_ONLY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s3:Put*"], "Resource": "*"}]}


def inputs(made: Made, short: str = "app") -> dict[str, object]:
    return {
        "name": role_name(made.environment, short),
        "assume_role_policy": json.dumps(TRUST),
        "description": "应用",
        "permissions_boundary": "arn:aws-cn:iam::aws:policy/PowerUserAccess",
        "inline_policies": {"read": json.dumps(READ_ONLY), "write": json.dumps(WRITE_ONLY)},
        "attached_policy_arns": ["arn:aws-cn:iam::aws:policy/ReadOnlyAccess"],
        "tags": {"agency": "a", "system": "s"},
    }


def changed(made: Made) -> dict[str, object]:
    return {
        "name": role_name(made.environment, "app"),
        "assume_role_policy": json.dumps(TRUST).replace("ec2.", "lambda."),
        "inline_policies": {"read": json.dumps(WRITE_ONLY)},
        "attached_policy_arns": ["arn:aws-cn:iam::aws:policy/job-function/ViewOnlyAccess"],
        "tags": {"agency": "b"},
    }


EXAMPLE = Example(ROLE, create=inputs, update=changed, replace=lambda made: inputs(made, "other"))
