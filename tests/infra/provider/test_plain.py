"""What the engine sends, read and written as the SDK's own values do it."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf.struct_pb2 import Struct
from hypothesis import given
from hypothesis import strategies as st
from pulumi.provider.experimental.property_value import PropertyValue, ResourceReference
from pulumi.runtime import rpc

from infra.provider.normal import UNKNOWN
from infra.provider.plain import secret_names, secret_texts, to_plain, to_struct

TEXT = st.text(st.characters(codec="utf-8"), max_size=8)
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**53), 2**53), st.floats(allow_nan=False, allow_infinity=False), TEXT
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXT, inner, max_size=3)),
    max_leaves=12,
)
PROPERTIES = st.dictionaries(TEXT, VALUES, max_size=5)


def as_sdk(plain: Any) -> PropertyValue:
    if isinstance(plain, dict):
        return PropertyValue({name: as_sdk(one) for name, one in plain.items()})
    if isinstance(plain, list):
        return PropertyValue([as_sdk(one) for one in plain])
    return PropertyValue(float(plain) if isinstance(plain, int) and not isinstance(plain, bool) else plain)


def sent(values: dict[str, PropertyValue]) -> Struct:
    return PropertyValue.marshal_map(values)


@given(PROPERTIES, st.sets(TEXT, max_size=3))
def test_it_writes_what_the_sdk_writes(plain: dict[str, Any], secrets: set[str]) -> None:
    wanted = {name: as_sdk(one).with_secret(name in secrets) for name, one in plain.items()}
    assert to_struct(plain, secrets) == sent(wanted)


@given(PROPERTIES, st.sets(TEXT, max_size=3))
def test_it_reads_back_what_it_wrote_without_nulls_at_the_top(plain: dict[str, Any], secrets: set[str]) -> None:
    struct = to_struct(plain, secrets)
    assert to_plain(struct) == {name: one for name, one in plain.items() if one is not None}
    assert secret_names(struct) == secrets & plain.keys()


@pytest.mark.parametrize("plain", [{}, {"a": {}}, {"a": []}, {"a": [None, {}]}, {"a": ""}, {"a": 0}, {"a": False}])
def test_what_is_empty_stays_what_it_is(plain: dict[str, Any]) -> None:
    assert to_plain(Struct.FromString(to_struct(plain).SerializeToString())) == plain


def test_integers_stay_integers() -> None:
    assert [type(one) for one in to_plain(to_struct({"a": [1, 1.5, True]}))["a"]] == [int, float, bool]


def test_a_secret_anywhere_in_a_property_makes_it_secret_and_is_known_as_a_text() -> None:
    nested = sent({"a": PropertyValue({"b": PropertyValue([PropertyValue("geheim").with_secret(True)])})})
    assert to_plain(nested) == {"a": {"b": ["geheim"]}}
    assert secret_names(nested) == {"a"}
    assert secret_texts(nested) == {"geheim"}
    assert secret_texts(to_struct({"a": {"b": "geheim"}}), declared={"a"}) == {"geheim"}


def test_an_output_is_what_it_holds_and_secret_where_it_says_so() -> None:
    outputs = sent(
        {
            "a": PropertyValue("open").with_dependencies(["urn:pulumi:s::p::t::n"]),
            "b": PropertyValue("shut").with_dependencies(["urn:pulumi:s::p::t::n"]).with_secret(True),
        }
    )
    assert to_plain(outputs) == {"a": "open", "b": "shut"}
    assert secret_names(outputs) == {"b"}


def test_what_is_not_known_yet_comes_and_goes_as_the_engine_writes_it() -> None:
    empty = Struct()
    empty.fields["c"].struct_value.fields[rpc._special_sig_key].string_value = rpc._special_output_value_sig
    assert to_plain(empty) == {"c": UNKNOWN}
    assert to_struct({"c": [UNKNOWN]}) == sent({"c": PropertyValue([PropertyValue(rpc.UNKNOWN)])})
    assert to_plain(to_struct({"c": [UNKNOWN]})) == {"c": [UNKNOWN]}


@pytest.mark.parametrize("value", [ResourceReference("urn:pulumi:s::p::t::n")])
def test_what_no_kind_takes_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="signature"):
        to_plain(sent({"a": PropertyValue(value)}))
