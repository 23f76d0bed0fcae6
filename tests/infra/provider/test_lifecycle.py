"""Create and its kin in a cloud that fails for a while, for good, or in the middle."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import pytest

from infra.provider.clients import Clients
from infra.provider.errors import AnswerLost, CloudRefused, CredentialsRefused, Forsaken, ProviderError, UnsupportedHere
from infra.provider.kind import Change, Kind
from infra.provider.kinds.vpc import VPC
from infra.provider.lifecycle import Lifecycle, Resource
from infra.provider.sending import BUSY_SECONDS

INPUTS = {"name": "n", "cidr_block": "10.0.0.0/16", "dns_hostnames": True, "tags": {}}
URN = "urn:pulumi:env::guanyun::guanyun:cloud:Vpc::n"


class Cloud(Clients):
    """A cloud of one VPC, with a clock that only pauses move; ``fail`` raises what an operation meets."""

    def __init__(self) -> None:
        super().__init__(endpoint="http://127.0.0.1:9", region="cn-north-1")
        self.now = 0.0
        self.vpcs: list[dict[str, Any]] = []
        self.asked: list[str] = []
        self._account.append("123456789012")

    def fail(self, operation: str) -> None:
        """Nothing, here."""

    def call(self, service: str, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        self.asked.append(operation)
        self.fail(operation)
        if operation == "CreateVpc":
            tags = parameters["TagSpecifications"][0]["Tags"]
            made = {"VpcId": "vpc-1", "State": "available", "CidrBlock": "10.0.0.0/16", "Tags": tags}
            self.vpcs.append(made)
            return {"Vpc": made}
        if operation == "DeleteVpc":
            self.vpcs.clear()
        return {"Vpcs": self.vpcs} if operation == "DescribeVpcs" else {}

    def pause(self, seconds: float) -> None:
        self.now += seconds


def create(cloud: Cloud, kind: Kind = VPC) -> Resource:
    return Lifecycle(cloud, "env", "d", sleep=cloud.pause, clock=lambda: cloud.now).create(kind, URN, INPUTS)


def test_a_create_outlives_a_minute_of_errors_and_makes_one() -> None:
    class Minute(Cloud):
        def fail(self, operation: str) -> None:
            if operation == "CreateVpc" and self.now < 60:
                raise AnswerLost(operation=operation, message="500")

    cloud = Minute()
    assert create(cloud).id == "vpc-1"
    assert len(cloud.vpcs) == 1


def test_errors_without_end_are_passed_on_after_about_two_minutes() -> None:
    class Forever(Cloud):
        def fail(self, operation: str) -> None:
            if operation == "CreateVpc":
                raise AnswerLost(operation=operation, message="500")

    cloud = Forever()
    with pytest.raises(AnswerLost):
        create(cloud)
    assert BUSY_SECONDS / 2 - 5 < cloud.now <= BUSY_SECONDS
    assert not cloud.vpcs


def test_credentials_that_end_before_the_create_are_told_as_such() -> None:
    class Expired(Cloud):
        def fail(self, operation: str) -> None:
            raise CredentialsRefused(operation=operation, reason="ExpiredToken", message="")

    with pytest.raises(CredentialsRefused):
        create(Expired())


def test_credentials_that_end_in_the_middle_leave_a_named_resource_for_the_next_run() -> None:
    class Expiring(Cloud):
        def fail(self, operation: str) -> None:
            if self.vpcs:
                raise CredentialsRefused(operation=operation, reason="ExpiredToken", message="")

    with pytest.raises(Forsaken, match=r"vpc-1.*credentials are missing, expired"):
        create(Expiring())


def test_an_operation_that_the_cloud_lacks_is_told_with_the_kind_and_leaves_nothing() -> None:
    class Poor(Cloud):
        def fail(self, operation: str) -> None:
            if operation == "ModifyVpcAttribute":
                raise UnsupportedHere(kind="ec2", operation=operation)

    cloud = Poor()
    with pytest.raises(UnsupportedHere) as error:
        create(cloud)
    assert error.value.facts == {"kind": "Vpc", "operation": "ModifyVpcAttribute"}
    assert not cloud.vpcs


def test_a_resource_that_is_going_is_not_deleted_again() -> None:
    going = dataclasses.replace(VPC, dying="State == 'deleting'")
    cloud = Cloud()
    cloud.vpcs.append({"VpcId": "vpc-1", "State": "deleting"})
    Lifecycle(cloud, "env", "d").delete(going, "vpc-1", {})
    assert cloud.asked == ["DescribeVpcs"]


def test_a_delete_whose_answer_was_lost_is_done_if_nothing_is_there() -> None:
    class Lossy(Cloud):
        def fail(self, operation: str) -> None:
            if operation == "DeleteVpc":
                self.vpcs.clear()
                raise AnswerLost(operation=operation, message="reset")

    cloud = Lossy()
    cloud.vpcs.append({"VpcId": "vpc-1", "State": "available"})
    gone = dataclasses.replace(VPC, describe=dataclasses.replace(VPC.describe, absent=("x",)))
    Lifecycle(cloud, "env", "d").delete(gone, "vpc-1", {})
    assert not cloud.vpcs


def test_a_change_may_wait_for_what_it_began() -> None:
    class Slow(Cloud):
        def fail(self, operation: str) -> None:
            if operation == "ModifyVpcAttribute":
                self.vpcs[0]["State"] = "modifying"
            if operation == "DescribeVpcs" and self.now > 5:
                self.vpcs[0]["State"] = "available"

    (change, *others) = VPC.changes
    waiting = Change(change.properties, change.calls, until="State == 'available'")
    cloud = Slow()
    create(cloud, dataclasses.replace(VPC, changes=(waiting, *others)))
    assert cloud.now > 5


def test_a_refusal_in_the_middle_takes_the_half_made_one_back() -> None:
    class Refusing(Cloud):
        def fail(self, operation: str) -> None:
            if operation == "ModifyVpcAttribute":
                raise CloudRefused(operation=operation, reason="Denied", message="no")

    cloud = Refusing()
    with pytest.raises(ProviderError, match="Denied"):
        create(cloud)
    assert not cloud.vpcs
