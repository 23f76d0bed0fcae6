"""What is shown of a value: never a secret, nothing lost but on purpose."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from infra.engine.model import Operation
from infra.engine.plans import UNKNOWN
from infra.views.values import SECRET, UNTOLD, changes_of, elided, text_of
from tests.infra.views.conftest import HMAC, step

NAMES = st.sampled_from(["size_gb", "tags", "user_data", "policy", "a.b"])
KEYS = st.text("abc", min_size=1, max_size=3)
VALUES = st.recursive(
    st.one_of(st.integers(), st.booleans(), st.text(max_size=12), st.just(UNKNOWN), st.just({"secret": HMAC})),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(NAMES, VALUES, max_size=4), st.dictionaries(NAMES, VALUES, max_size=4))
def test_no_secret_is_ever_shown_nor_its_hmac(before: dict[str, object], after: dict[str, object]) -> None:
    for operation in Operation:
        for one in changes_of(step("Instance", "x", operation, before, after)):
            assert HMAC not in f"{one.old}{one.new}"


@given(st.dictionaries(NAMES, st.integers() | st.text(max_size=5), max_size=4), st.data())
def test_every_property_that_differs_is_told_and_no_other(before: dict[str, object], data: st.DataObject) -> None:
    after = data.draw(st.dictionaries(NAMES, st.integers() | st.text(max_size=5), max_size=4))
    told = {one.path for one in changes_of(step("Instance", "x", Operation.UPDATE, before, after))}
    missing = object()
    assert told == {key for key in before.keys() | after.keys() if before.get(key, missing) != after.get(key, missing)}


def test_a_secret_that_changes_is_told_as_such() -> None:
    changed = step(
        "Instance", "x", Operation.UPDATE, {"user_data": {"secret": "unchanged"}}, {"user_data": {"secret": HMAC}}
    )
    assert [(one.path, one.old, one.new) for one in changes_of(changed)] == [("user_data", SECRET, SECRET)]


def test_a_map_is_told_key_by_key_and_a_list_whole() -> None:
    changed = step(
        "X", "x", Operation.UPDATE, {"tags": {"a": "1", "b": "2"}}, {"tags": {"a": "1", "b": "3"}, "ids": ["i"]}
    )
    assert [(one.path, one.old, one.new) for one in changes_of(changed)] == [
        ("ids", None, '["i"]'),
        ("tags.b", "2", "3"),
    ]


def test_a_property_that_forces_a_replacement_is_marked() -> None:
    replaced = step("X", "x", Operation.REPLACE, {"a": 1, "b": 1}, {"a": 2, "b": 2}, because=("a",))
    assert {one.path: one.replaces for one in changes_of(replaced)} == {"a": True, "b": False}


def test_what_the_engine_names_without_values_is_not_left_out() -> None:
    from dataclasses import replace

    odd = replace(step("X", "x", Operation.UPDATE, {"a": 1}, {"a": 1}), changed=("computed",))
    assert [(one.path, one.new) for one in changes_of(odd)] == [("computed", UNTOLD)]


def test_unknown_and_plain_values_read_as_people_expect() -> None:
    assert [text_of(one) for one in (UNKNOWN, "文", 3, True, {"b": 1, "a": "二"})] == [
        UNTOLD,
        "文",
        "3",
        "true",
        '{"a": "二", "b": 1}',
    ]


@given(st.text(max_size=200), st.integers(min_value=12, max_value=80))
def test_an_elided_value_is_one_line_and_never_longer(text: str, longest: int) -> None:
    short = elided(text, longest)
    assert len(short) <= longest
    assert "\n" not in short
