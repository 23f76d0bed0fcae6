"""What a request asks for, as a document, and how far a decision may change it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from foundation.evidence import canonical_bytes, sha256_hex
from governance.environments import EnvironmentSpec, InstanceSpec, Protection, VolumeSpec, Zone, spec_document
from tenants.requests.content import (
    Content,
    ServiceItem,
    beyond,
    compare,
    content_digest,
    content_document,
    content_from_document,
)
from tests.tenants.conftest import SPEC

ITEM = ServiceItem("patrol", "system-maintenance", "", 2, {"hours": "7x24"})


def with_machines(*sizes: int) -> EnvironmentSpec:
    machines = [
        InstanceSpec(f"web-{n}", "general-2c4g", "c5.large", "ami-1", "front", (VolumeSpec(f"web-{n}-data", size),))
        for n, size in enumerate(sizes)
    ]
    return replace(SPEC, instances=tuple(machines))


def test_one_environment_alone_is_its_own_document_and_digest() -> None:
    assert content_document(Content((SPEC,))) == spec_document(SPEC)
    assert content_digest(Content((SPEC,))) == sha256_hex(canonical_bytes(spec_document(SPEC)))


def test_an_end_a_receiver_and_an_item_are_bound_too() -> None:
    alone = content_digest(Content((SPEC,)))
    others = {
        content_digest(Content((SPEC,)), until=datetime(2027, 1, 1, tzinfo=UTC)),
        content_digest(Content((SPEC,)), counterpart="housing"),
        content_digest(Content((SPEC,), (ITEM,))),
        content_digest(Content((), (ITEM,))),
    }
    assert len(others | {alone}) == 5


def test_a_document_reads_back() -> None:
    for content in (Content((SPEC,)), Content((SPEC,), (ITEM,)), Content((), (ITEM,))):
        assert content_from_document(content_document(content)) == (content, ())


def test_every_finding_of_a_document_is_named() -> None:
    wrong = {
        "items": [{"name": "", "service": "x", "quantity": 0}, "text", {"name": "a", "service": "b", "extra": 1}],
        "more": 1,
    }
    content, findings = content_from_document(wrong, file="request.yaml")
    assert content is None
    assert [finding.place.field for finding in findings] == [
        "more",
        "items.0.name",
        "items.0.quantity",
        "items.1",
        "items.2.extra",
    ]
    assert {finding.place.file for finding in findings} == {"request.yaml"}
    assert content_from_document({"items": []})[1][0].found == "none"


def test_each_name_once() -> None:
    twice = {"items": [{"name": "a", "service": "b"}, {"name": "a", "service": "c"}]}
    assert [finding.found for finding in content_from_document(twice)[1]] == ["a"]


def test_a_decision_names_each_item_as_requested_or_changed() -> None:
    asked = Content((with_machines(100, 100),), (ITEM, replace(ITEM, name="watch")))
    decided = Content((with_machines(100),), (ITEM,))
    found = {each.item: (each.changed, each.because) for each in compare(asked, decided, "规格过大")}
    assert found == {
        "environment:hrss-portal": (True, "规格过大"),
        "item:patrol": (False, ""),
        "item:watch": (True, "规格过大"),
    }


@given(st.lists(st.integers(1, 500), min_size=1, max_size=5), st.data())
def test_fewer_and_smaller_is_inside_the_request(sizes: list[int], data: st.DataObject) -> None:
    kept = data.draw(st.integers(0, len(sizes)))
    smaller = [data.draw(st.integers(1, size)) for size in sizes[:kept]]
    assert beyond(Content((with_machines(*sizes),)), Content((with_machines(*smaller),))) == ()


@given(st.lists(st.integers(1, 500), min_size=1, max_size=4), st.integers(1, 100))
def test_more_is_beyond_it(sizes: list[int], more: int) -> None:
    asked = Content((with_machines(*sizes),), (ITEM,))
    bigger = [*sizes[:-1], sizes[-1] + more]
    assert beyond(asked, Content((with_machines(*bigger),)))
    assert beyond(asked, Content((with_machines(*sizes, 1),)))
    assert beyond(asked, Content(asked.specs, (replace(ITEM, quantity=ITEM.quantity + more),)))
    assert beyond(asked, Content(asked.specs, (ITEM, replace(ITEM, name="another"))))


def test_nothing_moves_elsewhere_and_no_protection_falls() -> None:
    asked = Content((replace(SPEC, protection=Protection.LEVEL_3),))
    for change in (
        {"agency": "housing"},
        {"system": "permits"},
        {"zone": Zone.INTERNET},
        {"protection": Protection.LEVEL_2},
        {"environment": "other"},
    ):
        assert beyond(asked, Content((replace(asked.specs[0], **change),))), change
    assert beyond(Content((SPEC,)), asked) == ()
