"""Quotas are drafted by one person and published by another; dated, shared out downwards, lifted for a while."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy.exc import IntegrityError

from foundation.store import AlreadyThere
from governance.authority import Office, viewing
from governance.errors import NotFound, Refused
from tenants.errors import InvalidQuotas, QuotaExceeded
from tenants.quotas import (
    Amount,
    QuotaUse,
    draft_quotas,
    publish_quotas,
    quota_history,
    quota_uses,
    quotas,
    read_quotas,
    recount,
    reserve,
    standing,
)
from tests.tenants.quotas.conftest import document

AT = datetime(2026, 3, 10, tzinfo=UTC)
Publish = Callable[..., None]


def use(vcpu: int, *, agency: str = "hrss", region: str = "", project: str = "P-1") -> QuotaUse:
    return QuotaUse(agency, project, (Amount("vcpu", vcpu),), region)


def test_who_drafts_does_not_publish(governed: Office, people: dict[str, str], tmp_path: Path) -> None:
    drafted = document(tmp_path, "Q", quotas=[{"limits": {"vcpu": 1}}])
    assert draft_quotas(governed, people["bureau-1"], drafted)
    assert not draft_quotas(governed, people["bureau-1"], drafted)
    with pytest.raises(Refused):
        publish_quotas(governed, people["bureau-1"], "Q")
    for other in ("operator-1", "hrss-1", "auditor-1"):
        with pytest.raises(Refused):
            publish_quotas(governed, people[other], "Q")
    assert publish_quotas(governed, people["bureau-2"], "Q")
    assert not publish_quotas(governed, people["bureau-2"], "Q")
    with pytest.raises(AlreadyThere):
        draft_quotas(governed, people["bureau-1"], document(tmp_path, "Q", quotas=[{"limits": {"vcpu": 2}}]))
    with pytest.raises(NotFound):
        publish_quotas(governed, people["bureau-2"], "unknown")


def test_the_database_keeps_the_two_persons_apart(governed: Office, people: dict[str, str], tmp_path: Path) -> None:
    from sqlalchemy import update

    from tenants.quotas.tables import document_table

    draft_quotas(governed, people["bureau-1"], document(tmp_path, "Q", quotas=[{"limits": {"vcpu": 1}}]))
    with pytest.raises(IntegrityError), governed.store.transaction() as transaction:
        transaction.write(update(document_table).values(published_by=document_table.c.drafted_by))


def test_a_limit_is_in_force_from_its_day_to_its_end(governed: Office, publish: Publish) -> None:
    publish({"limits": {"vcpu": 1}}, first_day="2026-03-05", end_day="2026-03-20")
    with governed.store.transaction() as transaction:
        for day, fits in ((4, True), (5, False), (19, False), (20, True)):
            at = datetime(2026, 3, day, tzinfo=UTC)
            judged = standing(transaction, "request:1", use(2), at)
            assert all(each.fits for each in judged) is fits


def test_a_newer_limit_ends_the_one_before_and_history_keeps_both(
    governed: Office, publish: Publish, people: dict[str, str]
) -> None:
    publish({"limits": {"vcpu": 10}})
    publish({"limits": {"vcpu": 4}}, first_day="2026-03-05")
    with governed.store.transaction() as transaction:
        assert standing(transaction, "r", use(5), datetime(2026, 3, 1, tzinfo=UTC))[0].fits
        assert not standing(transaction, "r", use(5), AT)[0].fits
    with viewing(governed, people["auditor-1"]) as view:
        first, second = quota_history(view, "vcpu")
    assert (first.units, second.units, first.ends) == (10_000_000, 4_000_000, second.starts)


def test_a_quota_below_what_is_used_shows_as_over_and_takes_nothing_new(
    governed: Office, publish: Publish, people: dict[str, str]
) -> None:
    publish({"limits": {"vcpu": 10}})
    with governed.store.transaction() as transaction:
        reserve(transaction, "request:1", use(8), AT)
    publish({"limits": {"vcpu": 5}})
    with viewing(governed, people["bureau-1"]) as view:
        (found,) = quotas(view, at=AT)
    assert found.over
    with governed.store.transaction() as transaction:
        with pytest.raises(QuotaExceeded):
            reserve(transaction, "request:2", use(1), AT)
        reserve(transaction, "request:1", use(7), AT)  # less is always possible


def test_a_temporary_quota_comes_on_top_until_its_end(governed: Office, publish: Publish) -> None:
    publish({"agency": "hrss", "limits": {"vcpu": 10}})
    publish(
        {"agency": "hrss", "limits": {"vcpu": 5}},
        first_day="2026-03-01",
        end_day="2026-04-01",
        temporary=True,
        reason="防汛应急",
    )
    with governed.store.transaction() as transaction:
        reserve(transaction, "request:1", use(15), AT)
        (found,) = standing(transaction, "request:2", use(0), datetime(2026, 4, 2, tzinfo=UTC))
    assert (found.limit, found.over, found.fits) == (10_000_000, True, True)


def test_a_temporary_quota_needs_one_to_come_on_top_of(governed: Office, publish: Publish) -> None:
    with pytest.raises(InvalidQuotas, match="no quota in force"):
        publish({"limits": {"vcpu": 5}}, end_day="2026-04-01", temporary=True, reason="x")


# shares of a superior's quota


def test_shares_never_exceed_what_they_are_shares_of(governed: Office, publish: Publish) -> None:
    whole = {"region": "guangdong"}
    publish({"region": "guangdong", "limits": {"vcpu": 100}})
    publish({"region": "huizhou", "limits": {"vcpu": 60}, "share_of": whole})
    with pytest.raises(InvalidQuotas, match="exceed"):
        publish({"region": "shenzhen", "limits": {"vcpu": 41}, "share_of": whole})
    publish({"region": "shenzhen", "limits": {"vcpu": 40}, "share_of": whole})
    with pytest.raises(InvalidQuotas, match="exceed"):
        publish({"region": "guangdong", "limits": {"vcpu": 99}})
    with pytest.raises(InvalidQuotas, match="exceed"):  # not even from some day on
        publish({"region": "guangdong", "limits": {"vcpu": 99}}, first_day="2027-01-01")
    with pytest.raises(InvalidQuotas, match="another quota"):
        publish({"region": "shenzhen", "limits": {"vcpu": 1}})
    with pytest.raises(InvalidQuotas, match="exceed"):
        publish({"region": "meizhou", "limits": {"vcpu": 1}, "share_of": {"region": "nowhere"}})


def test_a_level_cannot_use_what_it_handed_down_and_the_level_below_can(governed: Office, publish: Publish) -> None:
    publish({"region": "guangdong", "limits": {"vcpu": 100}})
    publish({"region": "huizhou", "limits": {"vcpu": 60}, "share_of": {"region": "guangdong"}})
    with governed.store.transaction() as transaction:
        reserve(transaction, "request:1", use(40, region="guangdong"), AT)
        with pytest.raises(QuotaExceeded):
            reserve(transaction, "request:2", use(1, region="guangdong"), AT)
        reserve(transaction, "request:3", use(60, region="huizhou"), AT)
        with pytest.raises(QuotaExceeded, match="huizhou"):
            reserve(transaction, "request:4", use(1, region="huizhou"), AT)


# what the reader may know


def test_an_agency_sees_its_own_quotas_and_of_shared_ones_its_own_use(
    governed: Office, publish: Publish, people: dict[str, str]
) -> None:
    publish(
        {"limits": {"vcpu": 100}},
        {"agency": "hrss", "limits": {"vcpu": 10}},
        {"agency": "housing", "limits": {"vcpu": 11}},
        {"project": "P-2", "limits": {"vcpu": 12}},
    )
    with governed.store.transaction() as transaction:
        reserve(transaction, "request:1", use(3), AT)
        reserve(transaction, "request:2", use(5, agency="housing", project="P-2"), AT)
    with viewing(governed, people["hrss-1"]) as view:
        seen = {each.key.id: (each.reserved, each.own) for each in quotas(view, at=AT)}
        assert seen == {"vcpu": (None, 3_000_000), "vcpu|agency=hrss": (3_000_000, 3_000_000)}
        assert [line.subject for line in quota_uses(view, "vcpu")] == ["request:1"]
        assert quota_uses(view, "vcpu|agency=housing") == []
        assert {each.key.id for each in quota_history(view)} == seen.keys()
    with pytest.raises(Refused):
        recount(governed, people["hrss-1"])
    assert recount(governed, people["auditor-1"]) == (4, ())


# the file


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"quotas": [{"limits": {"cpu": 1}}]}, "quotas[0].limits.cpu"),
        ({"quotas": [{"limits": {"fen_month": 1}}]}, "quotas[0].limits.fen_month"),
        ({"quotas": [{"limits": {"vcpu": -1}}]}, "quotas[0].limits.vcpu"),
        ({"quotas": [{"limits": {"vcpu": 1}}, {"limits": {"vcpu": 2}}]}, "quotas[1].limits.vcpu"),
        ({"budgets": [{"yuan": "1.00"}]}, "budgets[0].year"),
        ({"budgets": [{"year": 2026, "yuan_a_month": "1.00"}]}, "budgets[0].year"),
        ({"budgets": [{"yuan_a_month": "1.005"}]}, "budgets[0].yuan_a_month"),
        ({"quotas": [{"limits": {"vcpu": 1}}], "end_day": "2025-01-01"}, "end_day"),
        ({"quotas": [{"limits": {"vcpu": 1}}], "temporary": True}, "temporary"),
        ({}, ""),
    ],
)
def test_what_is_wrong_with_a_file_is_found_where_it_is(tmp_path: Path, content: dict[str, Any], field: str) -> None:
    file = tmp_path / "quotas.yaml"
    fields = {"id": "Q", "basis": "x", "first_day": "2026-01-01", **content}
    file.write_text(yaml.safe_dump(fields, allow_unicode=True), encoding="utf-8")
    read, findings = read_quotas(file)
    assert read is None
    assert field in {finding.place.field for finding in findings}


def test_a_quota_of_nobody_is_refused(governed: Office, people: dict[str, str], tmp_path: Path) -> None:
    for agency in ("operator", "nobody"):
        drafted = document(tmp_path, "Q", quotas=[{"agency": agency, "limits": {"vcpu": 1}}])
        with pytest.raises(InvalidQuotas):
            draft_quotas(governed, people["bureau-1"], drafted)


def test_the_shipped_example_can_be_read() -> None:
    read, findings = read_quotas(Path(__file__).parents[3] / "examples" / "quotas.yaml")
    assert findings == ()
    assert read is not None
    assert len(read.lines) == 15
