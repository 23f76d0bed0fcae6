"""What is offered can grow and is never edited; prices are drafted by one person and published by another."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.store import AlreadyThere
from foundation.values.instant import Interval, parse_instant
from foundation.values.month import Month
from governance import audit
from governance.authority import Office
from governance.catalogue import (
    CatalogueDocument,
    Comparison,
    CostItem,
    Layer,
    MeterKind,
    PriceList,
    PriceUnit,
    PriceVersion,
    ServiceKind,
    draft_catalogue,
    draft_prices,
    plan_sizes,
    prices,
    propose_prices,
    publish_catalogue,
    publish_prices,
    read_catalogue,
    read_prices,
    record_notices,
    service_of,
    services,
    smallest_plan,
)
from governance.catalogue.price_checks import fit_in
from governance.contracts import record_contract
from governance.errors import InvalidDocument, NotFound, Refused
from tests import examples

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
MARCH = Month(2026, 3)
LATER = parse_instant("2027-01-01T00:00:00+08:00")
CHANGE = parse_instant("2026-03-16T00:00:00+08:00")


@pytest.fixture
def document() -> CatalogueDocument:
    return examples.catalogue()


@pytest.fixture
def lists() -> tuple[PriceList, ...]:
    return examples.prices().lists


@pytest.fixture
def desk(office: Office, people: dict[str, str], document: CatalogueDocument) -> Office:
    """An office with the example's contract and catalogue."""
    record_contract(office, people["bureau-1"], examples.contract())
    offer(office, people, document)
    record_notices(office, people["bureau-1"], examples.prices().notices)
    return office


def offer(office: Office, people: dict[str, str], document: CatalogueDocument) -> None:
    assert draft_catalogue(office, people["bureau-1"], document).new
    assert publish_catalogue(office, people["bureau-2"], document.id)


def with_basis(price_list: PriceList) -> PriceList:
    """The list as the operator owes it: with cost items that add up, and a comparison."""
    lines = (
        replace(
            line,
            basis=(CostItem("折旧", "Depreciation", line.price / 4), CostItem("其他", "Rest", line.price * 3 / 4)),
            comparison=(Comparison("邻市 next city", line.price * 2),),
        )
        for line in price_list.lines
    )
    return replace(price_list, lines=tuple(lines))


def put_in_force(office: Office, people: dict[str, str], price_list: PriceList) -> Sequence[PriceVersion]:
    draft_prices(office, people["bureau-1"], price_list)
    return publish_prices(office, people["bureau-2"], price_list.id)


def test_the_example_has_every_kind_of_service_in_every_layer(desk: Office) -> None:
    with desk.store.reading() as transaction:
        offered = services(transaction)
    assert {(service.layer, service.kind) for service in offered} == set(itertools.product(Layer, ServiceKind))
    assert {meter.kind for service in offered for meter in service.meters} == set(MeterKind)
    assert all(service.form for service in offered)


def test_what_is_read_back_is_what_was_published(desk: Office, document: CatalogueDocument) -> None:
    with desk.store.reading() as transaction:
        for service in document.services:
            found = service_of(transaction, service.code)
            assert replace(found, plans=(), meters=()) == replace(service, plans=(), meters=())
            assert set(map(repr, found.meters)) == set(map(repr, service.meters))
            assert {plan.code: plan for plan in found.plans} == {plan.code: plan for plan in service.plans}
        with pytest.raises(NotFound):
            service_of(transaction, "nothing")


def test_publishing_again_changes_nothing(desk: Office, people: dict[str, str], document: CatalogueDocument) -> None:
    with desk.store.reading() as transaction:
        before = audit.head(transaction)
    assert not draft_catalogue(desk, people["bureau-1"], document).new
    assert publish_catalogue(desk, people["bureau-1"], document.id) == ()
    with desk.store.reading() as transaction:
        assert audit.head(transaction) == before


def test_a_plan_can_be_added_but_never_comes_to_mean_another_size(
    desk: Office, people: dict[str, str], document: CatalogueDocument
) -> None:
    host = next(service for service in document.services if service.code == "cloud-host")
    more = replace(host.plans[0], code="general-64c256g", attributes={"vcpu": Decimal(64), "memory_gb": Decimal(256)})
    grown = replace(document, id="grown", start=LATER, services=(replace(host, plans=(*host.plans, more)),))
    offer(desk, people, grown)
    larger = replace(host.plans[0], attributes={"vcpu": Decimal(3), "memory_gb": Decimal(2)})
    edited = replace(grown, id="edited", services=(replace(host, plans=(larger,)),))
    with pytest.raises(InvalidDocument) as caught:
        draft_catalogue(desk, people["bureau-1"], edited)
    assert "general-1c2g" in str(caught.value.facts["first"])


@pytest.mark.parametrize(
    ("vcpu", "memory", "plan"),
    [
        (1, "2", "general-1c2g"),
        (1, "2.5", "general-2c4g"),
        (3, "3", "general-4c8g"),
        (2, "16", "general-4c16g"),
        (32, "128", "general-32c128g"),
        (33, "1", None),
        (1, "129", None),
    ],
)
def test_a_machine_takes_the_smallest_plan_that_holds_it(
    desk: Office, vcpu: int, memory: str, plan: str | None
) -> None:
    with desk.store.reading() as transaction:
        sizes = plan_sizes(transaction, "cloud-host")
    fitting = smallest_plan(sizes, Decimal(vcpu), Decimal(memory))
    assert (fitting.code if fitting else None) == plan
    assert all(size.instance_type for size in sizes)


def test_a_list_ends_the_earlier_versions_of_its_meters_and_no_other(
    desk: Office, people: dict[str, str], lists: tuple[PriceList, ...]
) -> None:
    for each in lists:
        put_in_force(desk, people, each)
    with desk.store.reading() as transaction:
        march = prices(transaction, MARCH.interval)
    vcpu = [
        (each.price, each.start, each.end) for each in march if (each.service, each.meter) == ("cloud-host", "vcpu")
    ]
    assert vcpu == [
        (Decimal(48), lists[0].start, CHANGE),
        (Decimal("45.6"), CHANGE, None),
    ]
    assert all(each.end is None for each in march if (each.service, each.meter) != ("cloud-host", "vcpu"))
    assert len(march) == 45


def test_a_draft_is_not_yet_a_price(desk: Office, people: dict[str, str], lists: tuple[PriceList, ...]) -> None:
    propose_prices(desk, people["operator-1"], with_basis(lists[0]))
    with desk.store.reading() as transaction:
        assert prices(transaction, MARCH.interval) == []


def test_nobody_publishes_what_they_drafted(desk: Office, people: dict[str, str], lists: tuple[PriceList, ...]) -> None:
    draft_prices(desk, people["bureau-1"], lists[0])
    with pytest.raises(Refused, match="R05"):
        publish_prices(desk, people["bureau-1"], lists[0].id)
    assert publish_prices(desk, people["bureau-2"], lists[0].id)


def test_the_operator_proposes_prices_and_cannot_publish_them(
    desk: Office, people: dict[str, str], lists: tuple[PriceList, ...]
) -> None:
    propose_prices(desk, people["operator-1"], with_basis(lists[0]))
    with pytest.raises(Refused, match="R05"):
        publish_prices(desk, people["operator-2"], lists[0].id)


def test_the_publisher_publishes_what_they_read(
    desk: Office, people: dict[str, str], lists: tuple[PriceList, ...]
) -> None:
    digest = draft_prices(desk, people["bureau-1"], lists[0])
    with pytest.raises(Refused, match="price-digest"):
        publish_prices(desk, people["bureau-2"], lists[0].id, digest="0" * 64)
    assert publish_prices(desk, people["bureau-2"], lists[0].id, digest=digest)


def test_drafting_and_publishing_again_change_nothing(
    desk: Office, people: dict[str, str], lists: tuple[PriceList, ...]
) -> None:
    first = put_in_force(desk, people, lists[0])
    with desk.store.reading() as transaction:
        before = audit.head(transaction)
    shuffled = replace(lists[0], lines=lists[0].lines[::-1])
    assert put_in_force(desk, people, shuffled) == first
    with desk.store.reading() as transaction:
        assert audit.head(transaction) == before


def test_a_published_price_is_never_edited(desk: Office, people: dict[str, str], lists: tuple[PriceList, ...]) -> None:
    put_in_force(desk, people, lists[0])
    cheaper = tuple(replace(line, price=line.price / 2) for line in lists[0].lines)
    with pytest.raises(AlreadyThere):
        draft_prices(desk, people["bureau-1"], replace(lists[0], lines=cheaper))
    with pytest.raises(Refused, match="price-never-edited"):
        put_in_force(desk, people, replace(lists[0], id="P-other", lines=cheaper))
    with desk.store.reading() as transaction:
        assert len(prices(transaction, MARCH.interval)) == 44


def test_a_list_that_fits_no_meter_is_refused_with_every_finding(
    desk: Office, people: dict[str, str], lists: tuple[PriceList, ...]
) -> None:
    wrong = replace(
        lists[0],
        start=datetime(2025, 1, 1, tzinfo=UTC),
        lines=(
            replace(lists[0].lines[0], meter="gpu"),
            replace(lists[0].lines[1], unit=PriceUnit.PER_UNIT),
        ),
    )
    with pytest.raises(InvalidDocument) as caught:
        draft_prices(desk, people["bureau-1"], wrong)
    findings = caught.value.facts["findings"]
    assert [finding.place.field for finding in findings] == [  # type: ignore[attr-defined]
        "P-2026-01.prices[0].meter",
        "P-2026-01.prices[1].unit",
        "P-2026-01.start",
    ]


def test_a_list_cites_a_contract_that_exists(
    desk: Office, people: dict[str, str], lists: tuple[PriceList, ...]
) -> None:
    with pytest.raises(NotFound):
        draft_prices(desk, people["bureau-1"], replace(lists[0], cites="contract:C-none"))


def test_a_file_of_prices_must_cite_something(tmp_path: Path) -> None:
    path = tmp_path / "prices.yaml"
    text = (EXAMPLES / "prices.yaml").read_text(encoding="utf-8")
    text = text.replace("cites: {contract: C-2026-01}", "cites: {}").replace('"48.00"', "48.00")
    path.write_text(text, encoding="utf-8")
    read, findings = read_prices(path)
    assert read is None
    assert [each.place.field for each in findings] == ["lists[0].prices[0].price", "lists[0].cites"]
    path.write_text(text.replace("48.00", '"48.00"'), encoding="utf-8")
    read, findings = read_prices(path)
    assert [(each.place.row, each.place.field) for each in findings] == [(7, "lists[0].cites")]


def test_a_catalogue_with_a_code_twice_or_a_meter_without_attribute_is_found(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.yaml"
    text = (EXAMPLES / "catalogue.yaml").read_text(encoding="utf-8")
    text = text.replace("code: general-4c8g", "code: general-2c4g").replace(", attribute: size_gb", "", 1)
    path.write_text(text, encoding="utf-8")
    read, findings = read_catalogue(path)
    assert read is None
    assert sorted(each.place.field for each in findings) == [
        "services[0].meters[2].attribute",
        "services[0].plans[3].code",
    ]


@given(st.permutations(range(6)))
def test_versions_of_a_meter_never_overlap_in_whatever_order_they_are_published(order: list[int]) -> None:
    start = parse_instant("2026-01-01T00:00:00+08:00")
    standing: dict[str, PriceVersion] = {}
    for days in order:
        new = PriceVersion(
            f"v{days}",
            "cloud-host",
            "vcpu",
            PriceUnit.PER_MONTH,
            Decimal(days),
            start + timedelta(days=days),
            None,
            True,
            Decimal("0.06"),
            "notice:1",
        )
        fitted = fit_in(new, list(standing.values()))
        assert fitted is not None
        for version in fitted:
            if version is not None:
                standing[version.id] = version
    in_order = sorted(standing.values(), key=lambda each: each.start)
    assert [each.end for each in in_order] == [*(each.start for each in in_order[1:]), None]
    assert fit_in(in_order[0], in_order) is None


def test_prices_are_those_that_meet_the_interval(
    desk: Office, people: dict[str, str], lists: tuple[PriceList, ...]
) -> None:
    for each in lists:
        put_in_force(desk, people, each)
    with desk.store.reading() as transaction:
        before = prices(transaction, Interval(MARCH.interval.start, CHANGE))
        after = prices(transaction, Interval(CHANGE, MARCH.interval.end))
        never = prices(transaction, Month(2025, 12).interval)
    assert [each.price for each in before if each.id.endswith("cloud-host/vcpu")] == [Decimal(48)]
    assert [each.price for each in after if each.id.endswith("cloud-host/vcpu")] == [Decimal("45.6")]
    assert never == []
