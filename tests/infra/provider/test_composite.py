"""Objects, lists, sets and maps of declared shape: checked, compared, and changed member by member."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.provider.checking import check
from infra.provider.clients import Clients
from infra.provider.composite import from_cloud, to_cloud
from infra.provider.context import Context
from infra.provider.differing import How, differ
from infra.provider.errors import CloudRefused
from infra.provider.kind import (
    Call,
    Change,
    Field,
    Kind,
    ListOf,
    MapOf,
    ObjectOf,
    Property,
    SetOf,
    Shape,
    TagStyle,
    always,
)
from infra.provider.lifecycle import Lifecycle
from infra.provider.membership import converge_members, members
from infra.provider.normal import UNKNOWN, ShapeError, normal, tag_map
from infra.provider.plain import secret_properties
from infra.provider.schema import schema

ROUTE = ObjectOf(
    (
        Field("cidr", Shape.CIDR, required=True, cloud="DestinationCidrBlock"),
        Field("gateway_id", cloud="Target.GatewayId"),
        Field("weight", Shape.NUMBER, minimum=1, maximum=9),
        Field("state", offered=True),
        Field("password", secret=True),
    )
)
ROUTES = SetOf(ROUTE, key=("cidr",))
KIND = Kind(
    type_name="guanyun:cloud:Fictitious",
    service="ec2",
    properties=(
        Property("name", required=True),
        Property("routes", ROUTES, path="Routes", default=[]),
        Property("steps", ListOf(Shape.TEXT), path="Steps", replaces=always),
        Property("limits", MapOf(Shape.INTEGER), path="Limits"),
        Property("subnet_ids", Shape.TEXTS, path="Associations[].SubnetId", default=[]),
        Property("parent_id", path="parts.parent"),
    ),
    create=Call("CreateVpc"),
    identity={"parent": "$parent_id", "child": "$name"},
    describe=Call("DescribeVpcs"),
    view_path="Vpcs[?Child==$id.child] | [0]",
    delete=Call("DeleteVpc"),
    sweep=Call("DescribeVpcs"),
    changes=(
        Change(
            ("routes",),
            add=Call("CreateRoute", {"Table": "$id.parent", "To": "$item.cidr", "Route": "$item"}),
            remove=Call("DeleteRoute", {"To": "$item.cidr"}, absent=("InvalidRoute.NotFound",)),
            replace=Call("ReplaceRoute", {"To": "$item.cidr", "Via": "$item.gateway_id"}),
        ),
        Change(
            ("subnet_ids",),
            add=Call("AssociateRouteTable", {"Subnets": "$items"}),
            remove=Call("DisassociateRouteTable", {"AssociationId": "$handle"}),
            handle="Associations[?SubnetId==$item].Id | [0]",
            emptied=True,
        ),
    ),
)
ONE = {"cidr": "10.0.0.0/8", "gateway_id": "igw-1"}
OTHER = {"cidr": "10.1.0.0/16", "gateway_id": "igw-2", "weight": 2}


class Recorder(Clients):
    """Answers nothing and remembers what it was asked."""

    def __init__(self, refusing: str = "", reason: str = "") -> None:
        super().__init__(endpoint="http://127.0.0.1:9", region="cn-north-1")
        self.refusing, self.reason = refusing, reason
        self.asked: list[tuple[str, Mapping[str, Any]]] = []

    def call(self, service: str, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        self.asked.append((operation, parameters))
        if operation == self.refusing:
            raise CloudRefused(operation=operation, reason=self.reason, message="m")
        return {}


def test_an_object_is_translated_both_ways_by_its_fields() -> None:
    cloud = to_cloud(ROUTES, normal(ROUTES, [OTHER]))
    assert cloud == [{"DestinationCidrBlock": "10.1.0.0/16", "Target": {"GatewayId": "igw-2"}, "Weight": 2}]
    assert normal(ROUTES, from_cloud(ROUTES, cloud)) == [OTHER]


@given(st.permutations([ONE, OTHER, {"cidr": "fd00::/8"}]))
def test_the_order_of_a_set_is_no_difference(routes: list[Any]) -> None:
    assert normal(ROUTES, routes) == normal(ROUTES, [ONE, OTHER, {"cidr": "fd00::/8"}])


def test_two_members_of_one_key_are_refused() -> None:
    with pytest.raises(ShapeError, match="two of the same cidr"):
        normal(ROUTES, [ONE, {**ONE, "gateway_id": "igw-3"}])


def test_every_failure_inside_is_told_by_its_path() -> None:
    inputs = {
        "name": "n",
        "routes": [{"gateway_id": "x"}, {"cidr": "10.0.0.0/8", "weight": 12}],
        "steps": ["a"],
        "limits": {"cpu": "many"},
    }
    _, failures = check(KIND, inputs, "env")
    assert {failure.path for failure in failures} == {"routes[0].cidr", "routes[1].weight", 'limits["cpu"]'}
    _, failures = check(KIND, {"name": "n", "routes": [{**ONE, "colour": "red"}]}, "env")
    assert [failure.path for failure in failures] == ["routes[0].colour"]
    _, failures = check(KIND, {"name": "n", "routes": [{"cidr": "10.0.0.1/8"}]}, "env")
    assert [failure.path for failure in failures] == ["routes[0].cidr"]


def test_what_a_preview_does_not_know_passes_inside_an_object() -> None:
    checked, failures = check(KIND, {"name": "n", "routes": [{"cidr": "10.0.0.0/8", "gateway_id": UNKNOWN}]}, "env")
    assert not failures
    assert checked["routes"][0]["gateway_id"] is UNKNOWN


def paths(old: dict[str, Any], new: dict[str, Any]) -> dict[str, How]:
    return {item.path: item.how for item in differ(KIND, old, new).items}


def test_a_difference_is_told_down_to_the_field() -> None:
    changed = {**OTHER, "gateway_id": "igw-9"}
    assert paths({"routes": [ONE, OTHER]}, {"routes": [ONE, changed]}) == {"routes[1].gateway_id": How.UPDATE}
    assert paths({"routes": [ONE]}, {"routes": [ONE, OTHER]}) == {"routes[1]": How.ADD}
    assert paths({"routes": [ONE, OTHER]}, {"routes": [ONE]}) == {"routes[1]": How.DELETE}
    assert paths({"limits": {"cpu": 1}}, {"limits": {"cpu": 2, "disk": 1}}) == {
        'limits["cpu"]': How.UPDATE,
        'limits["disk"]': How.ADD,
    }


def test_the_order_of_a_list_is_a_difference_and_replaces_where_the_property_does() -> None:
    found = differ(KIND, {"steps": ["a", "b"]}, {"steps": ["b", "a"]})
    assert [item.path for item in found.items] == ["steps[0]", "steps[1]"]
    assert found.replaces == ("steps",)


def test_a_field_that_the_cloud_chose_is_no_difference() -> None:
    assert not paths({"routes": [{**ONE, "state": "active"}]}, {"routes": [ONE]})
    assert paths({"routes": [{**ONE, "state": "active"}]}, {"routes": [{**ONE, "state": "blackhole"}]})


def test_a_replacement_that_keeps_the_inputs_its_id_is_made_of_deletes_first() -> None:
    same = {"parent_id": "p", "name": "n"}
    assert differ(KIND, {**same, "steps": ["a"]}, {**same, "steps": ["b"]}).delete_first


def converge(change: Change, view: dict[str, Any], old: Any, desired: dict[str, Any], **cloud: str) -> list[Any]:
    recorder = Recorder(**cloud)
    context = Context(recorder, KIND, "env")
    converge_members(context, "parent,child", change, view, old, desired)
    return recorder.asked


def test_members_that_go_are_removed_that_change_replaced_that_come_added() -> None:
    desired = {"routes": [{**ONE, "gateway_id": "igw-9"}, {"cidr": "10.9.0.0/16"}]}
    assert converge(KIND.changes[0], {}, [ONE, OTHER], desired) == [
        ("DeleteRoute", {"To": "10.1.0.0/16"}),
        ("ReplaceRoute", {"To": "10.0.0.0/8", "Via": "igw-9"}),
        ("CreateRoute", {"Table": "parent", "To": "10.9.0.0/16", "Route": {"DestinationCidrBlock": "10.9.0.0/16"}}),
    ]


def test_without_a_replacing_call_a_changed_member_is_removed_and_added() -> None:
    found = members(ROUTES, [ONE], [{**ONE, "gateway_id": "igw-9"}], replaceable=False)
    assert (len(found.removed), len(found.replaced), len(found.added)) == (1, 0, 1)


def test_a_removal_takes_its_handle_from_the_cloud_and_additions_go_in_one_call() -> None:
    view = {"Associations": [{"SubnetId": "subnet-1", "Id": "assoc-1"}, {"SubnetId": "it's", "Id": "assoc-2"}]}
    desired = {"subnet_ids": ["subnet-3", "subnet-4"]}
    assert converge(KIND.changes[1], view, ["it's", "gone", "subnet-1"], desired) == [
        ("DisassociateRouteTable", {"AssociationId": "assoc-2"}),
        ("DisassociateRouteTable", {"AssociationId": "assoc-1"}),
        ("AssociateRouteTable", {"Subnets": ["subnet-3", "subnet-4"]}),
    ]


def test_a_member_that_is_gone_already_is_removed_and_any_other_refusal_is_passed_on() -> None:
    gone = {"refusing": "DeleteRoute", "reason": "InvalidRoute.NotFound"}
    assert converge(KIND.changes[0], {}, [ONE], {"routes": []}, **gone)
    with pytest.raises(CloudRefused):
        converge(KIND.changes[0], {}, [ONE], {"routes": []}, refusing="DeleteRoute", reason="AccessDenied")


def test_an_id_of_several_parts_is_made_and_taken_apart_again() -> None:
    context = Context(Recorder(), KIND, "env")
    assert context.foreseen({"parent_id": "p", "name": "n"}) == "p,n"
    assert context.fill({"a": "$id.parent", "b": "$id.child"}, {}, "p,n") == {"a": "p", "b": "n"}
    assert context.expression(KIND.view_path, "p,n") == "Vpcs[?Child=='n'] | [0]"


@pytest.mark.parametrize(
    ("style", "tags"),
    [
        (TagStyle.LIST, [{"Key": "a", "Value": "b"}]),
        (TagStyle.LOWER, [{"key": "a", "value": "b"}]),
        (TagStyle.KMS, [{"TagKey": "a", "TagValue": "b"}]),
        (TagStyle.MAP, {"a": "b"}),
    ],
)
def test_tags_are_written_in_the_services_style_and_read_in_any(style: TagStyle, tags: Any) -> None:
    context = Context(Recorder(), replace(KIND, tag_style=style), "env")
    assert context.tags({"a": "b"}) == tags
    assert tag_map(tags) == {"a": "b"}


def test_a_declared_secret_deep_inside_makes_its_property_secret() -> None:
    assert secret_properties(KIND) == {"routes"}


def test_the_schema_has_a_type_for_every_declared_object() -> None:
    found = schema([KIND])
    assert found["types"]["guanyun:cloud:FictitiousRoutes"]["required"] == ["cidr"]
    routes = found["resources"][KIND.type_name]["inputProperties"]["routes"]
    assert routes["items"] == {"$ref": "#/types/guanyun:cloud:FictitiousRoutes"}


def test_a_newborn_is_not_asked_what_is_known_of_it() -> None:
    class Newborn(Recorder):
        def call(self, service: str, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
            super().call(service, operation, parameters)
            return {"Vpc": {"VpcId": "vpc-1"}, "Vpcs": [{"State": "available", "CidrBlock": "10.0.0.0/16"}]}

    from infra.provider.kinds.vpc import VPC

    clients = Newborn()
    clients._account.append("123456789012")
    inputs = {"name": "n", "cidr_block": "10.0.0.0/16", "dns_hostnames": False, "tags": {}}
    Lifecycle(clients, "env", "d").create(VPC, "urn:pulumi:env::p::t::n", inputs)
    assert "DescribeVpcAttribute" not in [operation for operation, _ in clients.asked]
