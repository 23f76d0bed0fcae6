from __future__ import annotations

import pytest

from infra.sandbox.changing import changes_the_cloud

FORM = "application/x-www-form-urlencoded; charset=utf-8"


@pytest.mark.parametrize("action", ["CreateVpc", "RunInstances", "TagRole", "DeleteTags", "PutRolePolicy"])
def test_an_action_that_makes_or_alters_is_kept(action: str) -> None:
    assert changes_the_cloud("POST", "", "", FORM, f"Action={action}&Version=2016-11-15".encode())


@pytest.mark.parametrize("action", ["DescribeVpcs", "GetRole", "ListRoles", "GetCallerIdentity"])
def test_an_action_that_only_looks_is_not_kept(action: str) -> None:
    assert not changes_the_cloud("POST", "", "", FORM, f"Version=1&Action={action}".encode())


def test_an_action_in_the_address_counts_too() -> None:
    assert changes_the_cloud("GET", "Action=CreateVpc", "", "", b"")


@pytest.mark.parametrize(("name", "kept"), [("CreateKey", True), ("Encrypt", False), ("Decrypt", False)])
def test_a_target_names_the_operation(name: str, kept: bool) -> None:
    assert changes_the_cloud("POST", "", f"TrentService.{name}", "application/x-amz-json-1.1", b"{}") is kept


@pytest.mark.parametrize(("method", "kept"), [("GET", False), ("HEAD", False), ("PUT", True), ("DELETE", True)])
def test_without_a_name_the_method_decides(method: str, kept: bool) -> None:
    assert changes_the_cloud(method, "tagging=", "", "", b"<Tagging/>") is kept


def test_a_word_that_only_begins_like_a_read_is_a_change() -> None:
    assert changes_the_cloud("POST", "", "X.Signal", "", b"")
    assert changes_the_cloud("POST", "", "X.Listen", "", b"")
