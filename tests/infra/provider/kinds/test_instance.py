"""A virtual machine."""

from __future__ import annotations

from infra.provider.checking import check
from infra.provider.kinds.instance import INSTANCE
from infra.provider.kinds.instance_profile import INSTANCE_PROFILE
from infra.provider.naming import role_name
from tests.infra.provider.kinds import test_security_group, test_subnet
from tests.infra.provider.kinds.example import Example, Made


def inputs(made: Made, **more: object) -> dict[str, object]:
    return {
        "name": "machine",
        "image_id": made.image(),
        "instance_type": "t3.micro",
        "subnet_id": made["subnet"].id,
        "security_group_ids": [made["group"].id],
        "instance_profile_id": made["profile"].id,
        "root_size_gb": 40,
        "root_volume_type": "gp3",
        "root_encrypted": True,
        "user_data": "#!/bin/sh\necho not-for-messages",
        "tags": {"agency": "a"},
        **more,
    }


def profile(short: str) -> Example:
    return Example(
        INSTANCE_PROFILE,
        create=lambda made: {"name": role_name(made.environment, short)},
        update=None,
        replace=None,
    )


NEEDS = {
    "subnet": test_subnet.EXAMPLE,
    "group": test_security_group.EXAMPLE,
    "other": test_security_group.OTHER,
    "profile": profile("machine"),
}
EXAMPLE = Example(
    INSTANCE,
    create=inputs,
    update=lambda made: inputs(
        made,
        instance_type="t3.large",
        instance_profile_id=None,  # not another one: the sandbox goes on showing the first
        metadata_tokens="optional",
        root_size_gb=60,
        security_group_ids=[made["group"].id, made["other"].id],
        tags={"agency": "b"},
    ),
    replace=lambda made: inputs(made, image_id=made.image(1)),
    needs=NEEDS,
    secret=("user_data",),
)
OTHER = Example(INSTANCE, create=lambda made: inputs(made, name="another"), update=None, replace=None, needs=NEEDS)
"""Another machine in the same subnet."""


def test_a_machine_asks_for_a_token_before_it_tells_of_itself() -> None:
    given = {"name": "m", "image_id": "ami-1", "instance_type": "t3.micro", "subnet_id": "subnet-1"}
    assert check(INSTANCE, given, "env")[0]["metadata_tokens"] == "required"
