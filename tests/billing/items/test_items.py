"""Service items and outcome items: what is recorded stays, another person accepts, the price in force pays."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from billing.items import (
    Acceptance,
    AlreadyAccepted,
    Criterion,
    InvalidItem,
    ItemFrozen,
    NotAnOutcome,
    item_digest,
    price_in_force,
)
from billing.items.model import Item, ItemKind
from billing.items.reading import read_items
from billing.items.service import ItemEntry, accept_item, record_item
from billing.rating.model import Price, PriceUnit
from billing.verification.decoding import decode
from foundation.evidence import plain, sha256_hex
from foundation.values.month import Month
from governance.errors import NotFound, Refused

MARCH = Month(2026, 3)
CRITERION = Criterion("连续运行 7 天", "业务系统日志", "0", Decimal("0.4"), "housing")
MAINTENANCE = ItemEntry(
    "M-9", "C-2026-01", MARCH, "housing-fund", "system-maintenance", "system-month", Decimal(1), "运行维护"
)
OUTCOME = replace(
    MAINTENANCE, id="B-9", service="platform-construction", meter="milestone", description="里程碑", criterion=CRITERION
)
OPERATION = replace(MAINTENANCE, id="O-9", service="business-operation", meter="person-month", description="运营")


def record(town: Any, entry: ItemEntry, account: str = "operator-1") -> Item:
    return record_item(town.office, town.token(account), entry)


def accept(town: Any, item: Item, share: str = "1", account: str = "housing-1", digest: str = "") -> Acceptance:
    return accept_item(
        town.office,
        town.token(account),
        item.id,
        digest=digest or item_digest(item),
        share=Decimal(share),
        measured="0",
    )


def test_agency_project_and_fund_source_follow_from_the_system(confirmed_town: Any) -> None:
    item = record(confirmed_town, MAINTENANCE)
    assert (item.kind, item.agency, item.project, item.fund_source) == (
        ItemKind.MAINTENANCE,
        "housing",
        "P-HOUSING-2026-01",
        "住房公积金增值收益",
    )


def test_recording_again_gives_the_standing_item_and_another_content_is_refused(confirmed_town: Any) -> None:
    first = record(confirmed_town, MAINTENANCE)
    assert record(confirmed_town, MAINTENANCE, "operator-2") == first
    with pytest.raises(ItemFrozen):
        record(confirmed_town, replace(MAINTENANCE, quantity=Decimal(2)))


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        (replace(MAINTENANCE, service="cloud-host", meter="vcpu"), "service"),
        (replace(MAINTENANCE, meter="milestone"), "meter"),
        (replace(MAINTENANCE, quantity=Decimal(0)), "quantity"),
        (replace(MAINTENANCE, month=Month(2025, 12)), "month"),
        (replace(MAINTENANCE, criterion=CRITERION), "criterion"),
        (replace(OUTCOME, criterion=None), "criterion"),
        (replace(OUTCOME, criterion=replace(CRITERION, share=Decimal("1.1"))), "criterion.share"),
        (replace(OUTCOME, criterion=replace(CRITERION, text="")), "criterion.text"),
        (replace(OUTCOME, criterion=replace(CRITERION, acceptor="hrss")), "criterion.acceptor"),
        (OPERATION, "evidence"),
        (replace(OPERATION, evidence=("attachment.pdf",)), "evidence"),
    ],
)
def test_what_does_not_fit_its_service_is_refused_with_the_field(
    confirmed_town: Any, entry: ItemEntry, field: str
) -> None:
    with pytest.raises(InvalidItem) as refused:
        record(confirmed_town, entry)
    assert refused.value.facts["field"] == field


def test_business_operation_rests_on_digests_of_its_attachments(confirmed_town: Any) -> None:
    digest = sha256_hex(b"report")
    assert record(confirmed_town, replace(OPERATION, evidence=(digest,))).evidence == (digest,)


def test_only_the_operator_records_and_only_the_named_agency_accepts(confirmed_town: Any) -> None:
    with pytest.raises(Refused):
        record(confirmed_town, MAINTENANCE, "housing-1")
    item = record(confirmed_town, OUTCOME)
    for account, error in (("hrss-1", NotFound), ("operator-2", Refused), ("bureau-1", Refused)):
        with pytest.raises(error):
            accept(confirmed_town, item, account=account)
    assert accept(confirmed_town, item).party == "housing"


def test_an_acceptance_binds_to_the_digest_and_is_given_once(confirmed_town: Any) -> None:
    item = record(confirmed_town, OUTCOME)
    with pytest.raises(InvalidItem):
        accept(confirmed_town, item, digest="0" * 64)
    first = accept(confirmed_town, item, "0.5")
    assert accept(confirmed_town, item, "0.5", account="housing-2") == first
    with pytest.raises(AlreadyAccepted):
        accept(confirmed_town, item, "0.6")


def test_a_share_is_between_nothing_and_all(confirmed_town: Any) -> None:
    item = record(confirmed_town, OUTCOME)
    for share in ("-0.1", "1.01"):
        with pytest.raises(InvalidItem):
            accept(confirmed_town, item, share)
    assert accept(confirmed_town, item, "0").share == 0


def test_a_service_item_needs_no_acceptance(confirmed_town: Any) -> None:
    with pytest.raises(NotAnOutcome):
        accept(confirmed_town, record(confirmed_town, MAINTENANCE))


def test_the_price_is_the_one_in_force_at_the_months_end() -> None:
    def price(id_: str, start: datetime, end: datetime | None) -> Price:
        return Price(id_, "s", "m", PriceUnit.PER_UNIT, Decimal(1), start, end, True, Decimal(0), "c")

    change = datetime(2026, 3, 15, 16, tzinfo=UTC)
    versions = [price("old", datetime(2026, 1, 1, tzinfo=UTC), change), price("new", change, None)]
    for order in (versions, versions[::-1]):
        found = price_in_force("s", "m", MARCH, order)
        assert found is not None
        assert found.id == "new"
    assert price_in_force("s", "m", Month(2025, 12), versions) is None


def test_an_item_comes_back_from_its_document(confirmed_town: Any) -> None:
    item = record(confirmed_town, OUTCOME)
    assert decode(Item, plain(item), what="item") == item


def test_a_file_of_items_says_line_and_field_of_what_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "items.yaml"
    item = "  - {id: A-1, contract: C, month: %s, system: s, service: s, meter: m, quantity: 1, description: 文%s}\n"
    path.write_text(
        "items:\n" + item % ("2026-13", "") + item % ("2026-03", ", attachments: [missing.md]"), encoding="utf-8"
    )
    entries, findings = read_items(path)
    assert entries is None
    assert [(each.place.row, each.place.field) for each in findings] == [
        (2, "items[0].month"),
        (3, "items[1].id"),
        (3, "items[1].attachments[0]"),
    ]
