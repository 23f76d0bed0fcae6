from __future__ import annotations

import json

from infra.provider.kinds.instance_profile import INSTANCE_PROFILE
from infra.provider.kinds.role import ROLE
from infra.provider.naming import role_name
from tests.infra.provider.kinds.example import Example

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}],
    }
)


def role(short: str) -> Example:
    return Example(
        kind=ROLE,
        create=lambda made: {"name": role_name(made.environment, short), "assume_role_policy": TRUST},
        update=None,
        replace=None,
    )


EXAMPLE = Example(
    kind=INSTANCE_PROFILE,
    needs={"first": role("first"), "second": role("second")},
    create=lambda made: {
        "name": role_name(made.environment, "machines"),
        "role_name": made["first"].id,
        "tags": {"agency": "a"},
    },
    update=lambda made: {
        "name": role_name(made.environment, "machines"),
        "role_name": made["second"].id,
        "tags": {"agency": "b"},
    },
    replace=lambda made: {"name": role_name(made.environment, "others"), "role_name": made["first"].id},
)
