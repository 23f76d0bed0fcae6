from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.provider.differing import How, differ
from infra.provider.kind import Shape
from infra.provider.kinds import KINDS
from infra.provider.normal import UNKNOWN, normal, policy

RULES = [
    {"protocol": "tcp", "from_port": 1, "to_port": 2, "cidr": "10.0.0.0/8"},
    {"protocol": "-1", "group": "sg-1", "description": "a"},
    {"protocol": "udp", "from_port": 53, "to_port": 53, "cidr": "2001:db8::/32"},
]


def of(short: str, old: dict[str, Any], new: dict[str, Any]) -> Any:
    return differ(KINDS[f"guanyun:cloud:{short}"], old, new)


def test_tags_differ_key_by_key() -> None:
    found = of("Vpc", {"tags": {"a": "1", "b": "2"}}, {"tags": {"b": "3", "c": "4"}})
    assert {item.path: item.how for item in found.items} == {
        'tags["a"]': How.DELETE,
        'tags["b"]': How.UPDATE,
        'tags["c"]': How.ADD,
    }
    assert found.properties == ("tags",)
    assert not found.replaces


@given(st.permutations(RULES))
def test_the_order_of_rules_is_no_difference(rules: list[Any]) -> None:
    assert normal(Shape.RULES, rules) == normal(Shape.RULES, RULES)


def test_a_policy_is_compared_by_meaning() -> None:
    one = {"Statement": [{"Action": ["b", "a"], "Resource": ["*"], "Effect": "Allow"}]}
    other = json.dumps({"Statement": [{"Effect": "Allow", "Resource": "*", "Action": ["a", "b"]}]}, indent=2)
    assert policy(one) == policy(other)


@given(st.recursive(st.text() | st.integers() | st.booleans(), lambda inner: st.dictionaries(st.text(), inner)))
def test_the_normal_form_of_a_policy_is_its_own_normal_form(value: Any) -> None:
    once = policy({"Statement": value})
    assert policy(once) == once


@pytest.mark.parametrize(("size", "replaces"), [(8, True), (12, False)])
def test_a_disk_grows_in_place_and_is_replaced_to_shrink(size: int, replaces: bool) -> None:
    assert bool(of("Volume", {"size_gb": 10}, {"size_gb": size}).replaces) == replaces


def test_a_key_may_be_named_by_id_where_the_cloud_answers_with_its_arn() -> None:
    old = {"kms_key_id": "arn:aws-cn:kms:cn-north-1:1:key/1234-5"}
    assert not of("Volume", old, {"kms_key_id": "1234-5"}).items
    assert of("Volume", old, {"kms_key_id": "1234-6"}).replaces == ("kms_key_id",)


def test_what_the_cloud_chose_is_no_difference_and_an_empty_value_is_none() -> None:
    assert not of("Instance", {"private_ip": "10.0.0.4", "tags": {}}, {}).items


def test_an_unknown_value_counts_as_a_change() -> None:
    assert of("Subnet", {"vpc_id": "vpc-1"}, {"vpc_id": UNKNOWN}).replaces == ("vpc_id",)
    assert of("Volume", {"instance_id": "i-1"}, {"instance_id": UNKNOWN}).properties == ("instance_id",)


def test_what_the_cloud_holds_once_is_deleted_before_its_replacement() -> None:
    old = {"image_id": "ami-1", "subnet_id": "s", "private_ip": "10.0.0.4"}
    assert of("Instance", old, {**old, "image_id": "ami-2"}).delete_first
    assert not of("Instance", old, {"image_id": "ami-2", "subnet_id": "s"}).delete_first
    assert not of("Instance", old, {**old, "subnet_id": "t"}).delete_first
    assert not of("Instance", old, {**old, "name": "n"}).delete_first
