from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from infra.provider.checking import check
from infra.provider.clients import Clients
from infra.provider.errors import CloudRefused
from infra.provider.kinds.database import DATABASE
from infra.provider.lifecycle import Lifecycle, Resource
from infra.provider.naming import name_prefix
from tests.infra.provider.kinds.example import Example
from tests.infra.provider.kinds.test_database_subnet_group import EXAMPLE as SUBNET_GROUP
from tests.infra.provider.kinds.test_key import EXAMPLE as KEY

PLAIN = {
    "engine": "postgres",
    "engine_version": "15.4",
    "instance_class": "db.t3.medium",
    "size_gb": 50,
    "master_username": "guanyun",
    "master_password": "correct-horse",
    "database_name": "census",
    "deletion_protection": False,
    "final_snapshot": False,
}


def inputs(made: Any, **changes: Any) -> dict[str, Any]:
    return {
        **PLAIN,
        "name": f"{name_prefix(made.environment)}census",
        "database_subnet_group_id": made["subnets"].id,
        "kms_key_id": made["key"].properties["arn"],
        "tags": {"agency": "a"},
        **changes,
    }


CHANGED = {
    "instance_class": "db.m5.large",
    "size_gb": 100,
    "multi_zone": True,
    "backup_days": 14,
    "master_password": "another-horse",
    "tags": {"agency": "b"},
}

EXAMPLE = Example(
    kind=DATABASE,
    needs={"subnets": SUBNET_GROUP, "key": KEY},
    create=inputs,
    update=lambda made: inputs(made, **CHANGED),
    replace=lambda made: inputs(made, **CHANGED, engine="mysql", master_username="other"),
    secret=("master_password",),
)


def failures(**changes: Any) -> list[str]:
    given = {**PLAIN, "name": f"{name_prefix('env')}d", "database_subnet_group_id": "group", **changes}
    return [failure.path for failure in check(DATABASE, given, "env")[1]]


def test_a_password_that_the_cloud_refuses_is_refused_before() -> None:
    assert failures(master_password="short") == ["master_password"]  # no real password
    assert failures(master_password="with a space") == ["master_password"]
    assert failures() == []


@pytest.mark.parametrize("name", ["", "Census", "two--hyphens", "ends-", "a" * 60])
def test_a_name_that_rds_would_not_take_is_refused(name: str) -> None:
    assert failures(name=f"{name_prefix('env')}{name}") == ["name"]


@pytest.mark.parametrize(
    ("old", "new", "replaces"),
    [("15.4", "16.1", False), ("16.1", "15.4", True), ("8.0.35", "8.0", False), ("15.10", "15.9", True)],
)
def test_a_version_rises_in_place_and_never_falls(old: str, new: str, replaces: bool) -> None:
    says = DATABASE.named_property("engine_version").replaces
    assert says is not None
    assert says(old, new) is replaces


def test_a_minor_version_that_the_cloud_chose_is_no_difference() -> None:
    same = DATABASE.named_property("engine_version").same
    assert same("8.0.35", "8.0")
    assert not same("8.10", "8.1")


@dataclass
class Standing:
    """A database in an environment of its own, as the rules below need it."""

    clients: Clients
    environment: str

    def __post_init__(self) -> None:
        self.lifecycle = Lifecycle(self.clients, self.environment, "deployment-1")
        self.urn = f"urn:pulumi:{self.environment}::guanyun::{DATABASE.type_name}::d"
        zones = [self.subnet(number) for number in (0, 1)]
        group = {"DBSubnetGroupName": self.environment, "DBSubnetGroupDescription": "d", "SubnetIds": zones}
        self.clients.call("rds", "CreateDBSubnetGroup", group)
        self.made = self.lifecycle.create(DATABASE, self.urn, self.inputs())

    def subnet(self, number: int) -> str:
        if number == 0:
            vpc = self.clients.call("ec2", "CreateVpc", {"CidrBlock": "10.0.0.0/16"})["Vpc"]["VpcId"]
            self.vpc = vpc
        asked = {
            "VpcId": self.vpc,
            "CidrBlock": f"10.0.{number}.0/24",
            "AvailabilityZone": f"cn-north-1{'ab'[number]}",
        }
        return str(self.clients.call("ec2", "CreateSubnet", asked)["Subnet"]["SubnetId"])

    def inputs(self, **more: Any) -> dict[str, Any]:
        name = f"{name_prefix(self.environment)}d"
        given = {**PLAIN, "name": name, "database_subnet_group_id": self.environment, **more}
        checked, found = check(DATABASE, given, self.environment)
        assert not found
        return checked

    def update(self, **more: Any) -> Resource:
        return self.lifecycle.update(DATABASE, self.urn, self.made.id, self.made.properties, self.inputs(**more))

    def snapshots(self) -> list[str]:
        found = self.clients.call("rds", "DescribeDBSnapshots", {"SnapshotType": "manual"})["DBSnapshots"]
        return [one["DBSnapshotIdentifier"] for one in found if one["DBInstanceIdentifier"] == self.made.id]


@pytest.mark.real
def test_a_higher_version_is_an_upgrade_and_what_comes_with_it_is_in_the_state(clients: Clients) -> None:
    standing = Standing(clients, "env-database-upgrade")
    changed = standing.update(engine_version="16.1")
    assert changed.id == standing.made.id
    assert changed.properties["engine_version"] == "16.1"
    assert standing.lifecycle.read(DATABASE, changed.id, changed.properties) == changed


@pytest.mark.real
def test_a_deleted_database_leaves_a_final_snapshot_unless_the_spec_says_otherwise(clients: Clients) -> None:
    kept = Standing(clients, "env-database-kept")
    kept.lifecycle.delete(DATABASE, kept.made.id, {**kept.made.properties, "final_snapshot": True})
    assert kept.snapshots() == [f"{kept.made.id}-{kept.made.properties['token'][-4:]}"]
    dropped = Standing(clients, "env-database-dropped")
    dropped.lifecycle.delete(DATABASE, dropped.made.id, dropped.made.properties)
    assert dropped.snapshots() == []


@pytest.mark.real
def test_a_protected_database_is_not_deleted(clients: Clients) -> None:
    standing = Standing(clients, "env-database-protected")
    protected = standing.update(deletion_protection=True)
    with pytest.raises(CloudRefused):
        standing.lifecycle.delete(DATABASE, protected.id, protected.properties)
    assert standing.lifecycle.read(DATABASE, protected.id, protected.properties) == protected


@pytest.mark.real
def test_a_changed_password_is_set_and_an_unchanged_one_is_not(
    clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    standing = Standing(clients, "env-database-password")
    passwords: list[str] = []
    call = Clients.call

    def listening(self: Clients, service: str, operation: str, parameters: Any) -> Any:
        passwords.extend(value for name, value in parameters.items() if name == "MasterUserPassword")
        return call(self, service, operation, parameters)

    monkeypatch.setattr(Clients, "call", listening)
    standing.update(backup_days=14)
    assert passwords == []
    standing.update(master_password="another-horse")  # no real password
    assert passwords == ["another-horse"]
