"""A catalogue version is published by another person, dated, never edited; what changed between dates is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from foundation.store import AlreadyThere
from foundation.values.instant import parse_instant
from governance.catalogue import (
    BASE,
    CatalogueDocument,
    Change,
    ChangeKind,
    FieldKind,
    FormField,
    Service,
    catalogue_at,
    catalogue_versions,
    changes_between,
    draft_catalogue,
    offer_history,
    offers_at,
    publish_catalogue,
    service_of,
    services,
)
from governance.errors import InvalidDocument, NotFound, Refused
from tests import examples
from tests.governance.catalogue.conftest import Desk

FIRST = parse_instant("2026-01-01T00:00:00+08:00")
SECOND = parse_instant("2026-09-01T00:00:00+08:00")
THIRD = parse_instant("2026-12-01T00:00:00+08:00")


def changed(document: CatalogueDocument, id_: str) -> CatalogueDocument:
    """Without the last service, the first under another name, with a plan more, a meter less and a question more."""
    host, *rest = document.services
    question = FormField("note", FieldKind.TEXT, "备注", "Note")
    more = replace(host.plans[0], code="general-64c256g", attributes={"vcpu": Decimal(64), "memory_gb": Decimal(256)})
    grown = replace(
        host, zh="弹性云主机", plans=(*host.plans, more), meters=host.meters[:3], form=(*host.form, question)
    )
    return replace(document, id=id_, start=SECOND, services=(grown, *rest[:-1]))


@pytest.fixture
def second(desk: Desk) -> CatalogueDocument:
    document = changed(examples.catalogue(), "example-2026-09")
    desk.offer(document)
    return document


def test_nobody_publishes_the_catalogue_they_drafted(desk: Desk) -> None:
    document = changed(examples.catalogue(), "second")
    draft_catalogue(desk.office, desk.people["bureau-1"], document)
    with pytest.raises(Refused, match="R03"):
        publish_catalogue(desk.office, desk.people["bureau-1"], "second")
    with pytest.raises(Refused, match="R03"):
        publish_catalogue(desk.office, desk.people["operator-1"], "second")
    with pytest.raises(Refused, match="R40"):
        draft_catalogue(desk.office, desk.people["operator-1"], document)
    with pytest.raises(Refused, match="catalogue-digest"):
        publish_catalogue(desk.office, desk.people["bureau-2"], "second", digest="0" * 64)
    assert publish_catalogue(desk.office, desk.people["bureau-2"], "second")


def test_a_draft_is_not_on_offer(desk: Desk) -> None:
    draft_catalogue(desk.office, desk.people["bureau-1"], changed(examples.catalogue(), "second"))
    with desk.office.store.reading() as transaction:
        assert catalogue_at(transaction, THIRD) == examples.catalogue()
        assert [each.published_at is None for each in catalogue_versions(transaction)] == [False, True]


def test_what_was_on_offer_at_any_instant_is_one_query(desk: Desk, second: CatalogueDocument) -> None:
    def offered(text_second: int) -> dict[str, Service]:
        with desk.office.store.reading() as transaction:
            found = offers_at(transaction, SECOND + timedelta(seconds=text_second))
        return {each.service.code: each.service for each in found}

    before, after = offered(-1), offered(0)
    assert before == {each.code: each for each in examples.catalogue().services}
    assert after == {each.code: each for each in second.services}
    assert set(before) - set(after) == {"platform-construction"}
    with desk.office.store.reading() as transaction:
        assert offers_at(transaction, FIRST - timedelta(seconds=1)) == []
        assert catalogue_at(transaction, SECOND - timedelta(seconds=1)) == examples.catalogue()
        assert catalogue_at(transaction, SECOND) == second
        with pytest.raises(NotFound):
            catalogue_at(transaction, FIRST - timedelta(seconds=1))


def test_an_unchanged_service_keeps_its_offer_and_a_changed_one_gets_another(
    desk: Desk, second: CatalogueDocument
) -> None:
    with desk.office.store.reading() as transaction:
        spans = {
            code: [(each.start, each.end, each.version) for each in offer_history(transaction, code)]
            for code in ("cloud-host", "bare-metal", "platform-construction")
        }
    assert spans["cloud-host"] == [(FIRST, SECOND, "example-2026"), (SECOND, None, second.id)]
    assert spans["bare-metal"] == [(FIRST, None, "example-2026")]
    assert spans["platform-construction"] == [(FIRST, SECOND, "example-2026")]


def test_the_difference_between_two_dates_is_told_field_by_field(desk: Desk, second: CatalogueDocument) -> None:
    with desk.office.store.reading() as transaction:
        found = changes_between(transaction, FIRST, SECOND)
    added, altered, gone = ChangeKind.ADDED, ChangeKind.CHANGED, ChangeKind.WITHDRAWN
    vcpu = "price cloud-host/vcpu"
    assert found == (
        Change(added, BASE, "field cloud-host/note", "", "", "备注"),
        Change(gone, BASE, "field platform-construction/approval", "", "立项批复文号", ""),
        Change(gone, BASE, "meter cloud-host/cpu-seconds", "", "处理器用量", ""),
        Change(gone, BASE, "meter platform-construction/milestone", "", "建设里程碑", ""),
        Change(added, BASE, "plan cloud-host/general-64c256g", "", "", "通用型 1核2GB"),
        Change(altered, BASE, "service cloud-host", "zh", "云主机", "弹性云主机"),
        Change(gone, BASE, "service platform-construction", "", "平台建设", ""),
        Change(altered, BASE, vcpu, "cites", "contract:C-2026-01", "notice:市政数〔2026〕11号"),
        Change(altered, BASE, vcpu, "price", "48", "45.6"),
        Change(altered, BASE, vcpu, "version", "P-2026-01/cloud-host/vcpu", "P-2026-03/cloud-host/vcpu"),
    )
    with desk.office.store.reading() as transaction:
        assert changes_between(transaction, FIRST, FIRST) == ()
        backwards = changes_between(transaction, SECOND, FIRST)
    assert [(each.old, each.new) for each in backwards if each.kind is altered] == [
        (each.new, each.old) for each in found if each.kind is altered
    ]


def test_what_somebody_holds_keeps_its_name_after_it_is_withdrawn(desk: Desk, second: CatalogueDocument) -> None:
    """Billing, the register and bills of past months go on knowing withdrawn services, plans and meters."""
    with desk.office.store.reading() as transaction:
        known = {each.code for each in services(transaction)}
        host = service_of(transaction, "cloud-host")
    assert "platform-construction" in known
    assert "cpu-seconds" in {meter.code for meter in host.meters}
    assert host.zh == "弹性云主机"
    assert len(host.plans) == 12


def test_a_code_that_comes_back_means_what_it_meant(desk: Desk, second: CatalogueDocument) -> None:
    back = examples.catalogue().services[-1]
    [meter] = back.meters
    other = replace(back, meters=(replace(meter, unit_zh="项"),))
    for service, works in ((other, False), (back, True)):
        document = replace(second, id="third", start=THIRD, services=(*second.services, service))
        if works:
            desk.offer(document)
        else:
            with pytest.raises(InvalidDocument, match="unit_zh"):
                draft_catalogue(desk.office, desk.people["bureau-1"], document)
    with desk.office.store.reading() as transaction:
        spans = [(each.start, each.end) for each in offer_history(transaction, "platform-construction")]
    assert spans == [(FIRST, SECOND), (THIRD, None)]


@pytest.mark.parametrize("start", [FIRST, parse_instant("2026-06-01T00:00:00+08:00"), SECOND])
def test_the_past_is_not_rewritten(desk: Desk, second: CatalogueDocument, start: object) -> None:
    desk.clock(parse_instant("2026-10-01T00:00:00+08:00"))
    earlier = replace(examples.catalogue(), id="earlier", start=start)  # type: ignore[arg-type]
    earlier = replace(earlier, services=earlier.services[:2])
    draft_catalogue(desk.office, desk.people["bureau-1"], earlier)
    with pytest.raises(Refused, match="catalogue-not-rewritten"):
        publish_catalogue(desk.office, desk.people["bureau-2"], "earlier")


def test_a_version_is_never_edited(desk: Desk, second: CatalogueDocument) -> None:
    with pytest.raises(AlreadyThere):
        draft_catalogue(desk.office, desk.people["bureau-1"], replace(second, services=second.services[:3]))
    with pytest.raises(NotFound):
        publish_catalogue(desk.office, desk.people["bureau-2"], "never-drafted")


def test_the_publisher_is_told_what_would_change(desk: Desk) -> None:
    drafted = draft_catalogue(desk.office, desk.people["bureau-1"], changed(examples.catalogue(), "second"))
    assert {(each.kind, each.thing) for each in drafted.changes} >= {
        (ChangeKind.WITHDRAWN, "service platform-construction"),
        (ChangeKind.ADDED, "plan cloud-host/general-64c256g"),
    }
    assert publish_catalogue(desk.office, desk.people["bureau-2"], "second") == drafted.changes


def test_a_past_month_reads_what_was_offered_then(desk: Desk, second: CatalogueDocument) -> None:
    with desk.office.store.reading() as transaction:
        then = {each.code: each for each in services(transaction, at=SECOND - timedelta(seconds=1))}
        now = {each.code: each for each in services(transaction, at=SECOND)}
        before = {each.code: each for each in services(transaction, at=FIRST - timedelta(days=1))}
    assert (then["cloud-host"].zh, now["cloud-host"].zh) == ("云主机", "弹性云主机")
    assert len(then["cloud-host"].plans) + 1 == len(now["cloud-host"].plans)
    assert before == then
