from __future__ import annotations

import pytest

from infra.provider.clients import Clients
from infra.provider.kinds.file_system import FILE_SYSTEM
from infra.provider.kinds.mount_target import MOUNT_TARGET
from infra.provider.kinds.security_group import SECURITY_GROUP
from infra.provider.lifecycle import Lifecycle
from tests.infra.provider.kinds.example import Example
from tests.infra.provider.kinds.test_database_subnet_group import NETWORK, SUBNETS

SHARED = Example(kind=FILE_SYSTEM, create=lambda made: {"name": "shared"}, update=None, replace=None)


def group(name: str) -> Example:
    return Example(
        kind=SECURITY_GROUP,
        needs={"vpc": NETWORK},
        create=lambda made: {"name": name, "description": name, "vpc_id": made["vpc"].id},
        update=None,
        replace=None,
    )


EXAMPLE = Example(
    kind=MOUNT_TARGET,
    needs={"files": SHARED, "one": group("one"), "two": group("two"), **SUBNETS},
    create=lambda made: {
        "file_system_id": made["files"].id,
        "subnet_id": made["a"].id,
        "security_group_ids": [made["one"].id],
    },
    update=lambda made: {
        "file_system_id": made["files"].id,
        "subnet_id": made["a"].id,
        "security_group_ids": [made["one"].id, made["two"].id],
    },
    replace=lambda made: {
        "file_system_id": made["files"].id,
        "subnet_id": made["b"].id,
        "security_group_ids": [made["one"].id],
    },
)


@pytest.mark.real
def test_one_that_a_broken_run_left_in_the_subnet_is_taken_over(clients: Clients) -> None:
    vpc = clients.call("ec2", "CreateVpc", {"CidrBlock": "10.0.0.0/16"})["Vpc"]["VpcId"]
    asked = {"VpcId": vpc, "CidrBlock": "10.0.0.0/24", "AvailabilityZone": "cn-north-1a"}
    subnet = clients.call("ec2", "CreateSubnet", asked)["Subnet"]["SubnetId"]
    files = clients.call("efs", "CreateFileSystem", {"CreationToken": "taken-over"})["FileSystemId"]
    inputs = {"file_system_id": files, "subnet_id": subnet}
    left = clients.call("efs", "CreateMountTarget", {"FileSystemId": files, "SubnetId": subnet})["MountTargetId"]
    lifecycle = Lifecycle(clients, "env_mount", "deployment-1")
    made = lifecycle.create(MOUNT_TARGET, f"urn:pulumi:env_mount::guanyun::{MOUNT_TARGET.type_name}::m", inputs)
    assert made.id == left
