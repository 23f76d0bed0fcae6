"""Several accounts and regions: a resource is made, read and deleted where its inputs say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pulumi.runtime.proto.provider_pb2 import DiffResponse

from infra.provider.checking import check
from infra.provider.clients import Clients
from infra.provider.clouds import Clouds, Place
from infra.provider.differing import differ
from infra.provider.errors import CredentialsRefused
from infra.provider.kind import WHERE
from infra.provider.kinds import KINDS
from infra.provider.kinds.vpc import VPC
from infra.provider.schema import schema
from infra.provider.sweep import sweep, sweep_everywhere

OTHER_ACCOUNT, OTHER_REGION = "111122223333", "cn-northwest-1"
INPUTS = {"name": "n", "cidr_block": "10.0.0.0/16"}


class Lender(Clients):
    """Lends credentials that end when it is told, and counts."""

    def __init__(self, lasting: timedelta) -> None:
        super().__init__(endpoint="http://127.0.0.1:9", region="cn-north-1", access_key="a", secret_key="b")
        self.lasting, self.lent = lasting, 0
        self.roles: list[str] = []

    def call(self, service: str, operation: str, parameters: Any) -> dict[str, Any]:
        if operation == "GetCallerIdentity":
            return {"Account": "123456789012"}
        assert operation == "AssumeRole"
        self.lent += 1
        self.roles.append(parameters["RoleArn"])
        ends = datetime.now(UTC) + self.lasting
        key = {"AccessKeyId": f"key-{self.lent}", "SecretAccessKey": "s", "SessionToken": "t", "Expiration": ends}
        return {"Credentials": key}


def key_of(clients: Clients) -> str:
    credentials = clients.session.get_credentials()
    return str(credentials.get_frozen_credentials().access_key)


def test_clients_of_a_place_are_made_once_and_the_own_place_is_home() -> None:
    clouds = Clouds(Lender(timedelta(hours=1)))
    assert clouds.at(OTHER_ACCOUNT) is clouds.at(OTHER_ACCOUNT)
    assert clouds.at(OTHER_ACCOUNT) is not clouds.at(OTHER_ACCOUNT, OTHER_REGION)
    assert clouds.at() is clouds.at("123456789012", "cn-north-1") is clouds.home
    assert clouds.at(OTHER_ACCOUNT, OTHER_REGION).region == OTHER_REGION


def test_another_accounts_credentials_are_the_deployers_role_there_taken_once() -> None:
    lender = Lender(timedelta(hours=1))
    there = Clouds(lender).at(OTHER_ACCOUNT)
    assert [key_of(there), key_of(there)] == ["key-1", "key-1"]
    assert lender.roles == [f"arn:aws-cn:iam::{OTHER_ACCOUNT}:role/guanyun-deployer"]


def test_they_are_renewed_before_they_end() -> None:
    there = Clouds(Lender(timedelta(minutes=5))).at(OTHER_ACCOUNT)
    assert key_of(there) == "key-1"
    assert key_of(there) == "key-2"


def test_a_role_that_may_not_be_assumed_is_told_in_words() -> None:
    class Refusing(Lender):
        def call(self, service: str, operation: str, parameters: Any) -> dict[str, Any]:
            if operation == "AssumeRole":
                raise CredentialsRefused(operation=operation, reason="ExpiredToken", message="m")
            return super().call(service, operation, parameters)

    there = Clouds(Refusing(timedelta(0))).at(OTHER_ACCOUNT, OTHER_REGION)
    with pytest.raises(CredentialsRefused, match="ExpiredToken"):
        there.call("ec2", "DescribeVpcs", {})


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.short)
def test_every_kind_takes_an_account_and_a_region_and_another_of_either_replaces(kind: Any) -> None:
    for one in WHERE:
        found = differ(kind, {one.name: "a"}, {one.name: "b"})
        assert (one.name,) == found.replaces
        assert one.name in schema([kind])["resources"][kind.type_name]["inputProperties"]


def test_an_account_is_twelve_digits() -> None:
    _, failures = check(VPC, {**INPUTS, "account": "1234"}, "env")
    assert [failure.path for failure in failures] == ["account"]


@pytest.mark.real
@pytest.mark.parametrize("place", [Place(OTHER_ACCOUNT), Place("", OTHER_REGION), Place(OTHER_ACCOUNT, OTHER_REGION)])
def test_a_resource_lives_where_its_inputs_say(place: Place, world: Any, engine: Any) -> None:
    where = {name: value for name, value in place._asdict().items() if value}
    inputs = engine.check(VPC, {**INPUTS, **where})
    identity, state, _ = engine.create(VPC, inputs)
    there = Clouds(world.clients).at(*place)
    assert state.items() >= where.items()
    assert state["arn"] == f"arn:aws-cn:ec2:{there.region}:{there.account}:vpc/{identity}"
    assert there.call("ec2", "DescribeVpcs", {"VpcIds": [identity]})["Vpcs"]
    assert world.there(VPC) == set()
    assert engine.read(VPC, identity, state, inputs) == (identity, state, inputs)
    assert engine.diff(VPC, identity, state, inputs).changes == DiffResponse.DIFF_NONE
    engine.delete(VPC, identity, state)
    assert engine.read(VPC, identity, state, inputs)[0] == ""


@pytest.mark.real
def test_what_exists_elsewhere_is_imported_by_its_id_and_place(world: Any, engine: Any) -> None:
    there = Clouds(world.clients).at(OTHER_ACCOUNT, OTHER_REGION)
    old = there.call("ec2", "CreateVpc", {"CidrBlock": "10.5.0.0/16"})["Vpc"]["VpcId"]
    identity, state, inputs = engine.read(VPC, f"{old}@{OTHER_ACCOUNT}/{OTHER_REGION}", {}, {})
    assert identity == old
    assert (inputs["account"], inputs["region"]) == (state["account"], state["region"]) == (OTHER_ACCOUNT, OTHER_REGION)
    assert engine.read(VPC, f"{old}@/{OTHER_REGION}", {}, {})[0] == ""
    there.call("ec2", "DeleteVpc", {"VpcId": old})


@pytest.mark.real
def test_what_died_in_another_account_is_adopted_there(world: Any) -> None:
    there = Clouds(world.clients).at(OTHER_ACCOUNT, OTHER_REGION)
    inputs = world.checked(VPC, {**INPUTS, "account": OTHER_ACCOUNT, "region": OTHER_REGION})
    lost = world.lifecycle(clients=there).create(VPC, world.urn(VPC), inputs)
    assert sweep(world.clients, world.environment, [VPC])[VPC.type_name] == frozenset()
    everywhere = sweep_everywhere(Clouds(world.clients), world.environment, [Place(OTHER_ACCOUNT, OTHER_REGION)])
    assert everywhere[VPC.type_name] == {lost.id}
    found = world.lifecycle(clients=there, orphans=world.orphans()).create(VPC, world.urn(VPC), inputs)
    assert found.id == lost.id
    world.lifecycle(clients=there).delete(VPC, found.id, found.properties)
