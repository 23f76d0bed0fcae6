"""Using a dataset or application support: asked for, decided by its holder, in force for its term, metered, ended."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from foundation.values.instant import Interval
from foundation.work import deliver_and_report
from governance.authority import machine_scope, viewing
from governance.errors import NotFound, Refused
from governance.installation import set_business_clock
from governance.tasks import inbox
from tenants.datasets import dataset_of, withdraw_dataset
from tenants.errors import GrantUnfit, InvalidGrant
from tenants.grants import (
    Grant,
    GrantState,
    Offer,
    Wish,
    access,
    approve_grant,
    ask_grant,
    grant_of,
    grants,
    grants_to_decide,
    read_wish,
    reject_grant,
    revoke_grant,
    turn_grants,
    withdraw_grant,
    withdrawal_subscriber,
)
from tenants.register import entries
from tests.conftest import MARCH
from tests.tenants.datasets.conftest import Directory

APRIL, YEAR = MARCH + timedelta(days=31), MARCH + timedelta(days=365)
EXAMPLES = Path(__file__).resolve().parents[3] / "examples"


def wished(**changed: Any) -> Wish:
    wish = Wish(Offer.DATASET, "employment", "permits", "核验", "条例第二十六条", ("employer",), 2, 500, MARCH, YEAR)
    return replace(wish, **changed)


@pytest.fixture
def published(directory_of: Directory) -> Directory:
    directory_of.go(directory_of.compile())
    return directory_of


def ask(here: Directory, account: str = "housing-1", **changed: Any) -> Grant:
    return ask_grant(here.office, here.tokens[account], wished(**changed))[0]


def approve(here: Directory, grant: Grant, account: str = "hrss-2") -> Grant:
    return approve_grant(here.office, here.tokens[account], grant.number, digest=grant.digest)[0]


def on_register(here: Directory) -> list[tuple[str, str, datetime, datetime | None]]:
    with here.office.store.reading() as transaction:
        found = entries(transaction, machine_scope(), Interval(MARCH, YEAR + timedelta(days=9)))
        return [(one.resource, one.service, one.opened, one.closed) for one in found]


def turn(here: Directory, at: datetime) -> list[str]:
    with here.office.store.transaction() as transaction:
        set_business_clock(transaction, at, here.office.clocks.real)
        done = turn_grants(transaction, now=at, recorded_at=here.office.clocks.real())
        return [grant.state.value for grant in done]


def test_the_holder_decides_and_from_then_on_calls_are_metered(published: Directory) -> None:
    grant = ask(published)
    assert (grant.holder, grant.state) == ("hrss", GrantState.ASKED)
    with viewing(published.office, published.tokens["hrss-1"]) as view:
        assert [one.number for one in grants_to_decide(view)] == [grant.number]
        assert [task.subject for task in inbox(view)] == [grant.subject]
    approved = approve(published, grant)
    assert (approved.state, approved.began) == (GrantState.APPROVED, MARCH)
    assert on_register(published) == [(grant.subject, "query-service", MARCH, None)]
    with viewing(published.office, published.tokens["hrss-1"]) as view:
        assert inbox(view) == []


def test_only_asker_and_holder_see_a_grant(published: Directory) -> None:
    grant = ask(published)
    for account, sees in (("housing-2", True), ("hrss-1", True), ("bureau-1", True)):
        with viewing(published.office, published.tokens[account]) as view:
            assert (grant_of(view, grant.number) == grant) is sees
    other = ask(published, system="permits", thing="licence", offer=Offer.SUPPORT, items=(), level=0)
    assert other.holder == "bureau"
    with viewing(published.office, published.tokens["hrss-1"]) as view:
        assert grants(view) == []
        with pytest.raises(NotFound):
            grant_of(view, other.number)


@pytest.mark.parametrize("account", ["housing-1", "housing-2", "bureau-1", "operator-1"])
def test_nobody_but_the_holder_decides_on_a_dataset(published: Directory, account: str) -> None:
    grant = ask(published)
    with pytest.raises(Refused):
        approve(published, grant, account)


def test_application_support_is_decided_by_the_bureau(published: Directory) -> None:
    grant = ask(published, thing="licence", offer=Offer.SUPPORT, items=(), level=0)
    with pytest.raises(Refused):
        approve(published, grant, "housing-2")
    assert approve(published, grant, "bureau-1").began == MARCH
    assert on_register(published)[0][1] == "licence-service"


def test_asked_again_it_is_the_same_and_decided_again_it_stays(published: Directory) -> None:
    office, tokens = published.office, published.tokens
    grant = ask(published)
    assert ask_grant(office, tokens["housing-1"], wished()) == (grant, False)
    approve(published, grant)
    assert approve_grant(office, tokens["hrss-2"], grant.number, digest=grant.digest)[1] is False
    with pytest.raises(GrantUnfit):
        reject_grant(office, tokens["hrss-2"], grant.number, digest=grant.digest, reason="no")
    with pytest.raises(Refused, match="D02"):
        approve_grant(office, tokens["hrss-2"], grant.number, digest="0" * 64)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"purpose": " "}, "purpose"),
        ({"basis": ""}, "basis"),
        ({"end": MARCH}, "term"),
        ({"end": MARCH + timedelta(days=4000)}, "term"),
        ({"calls_a_day": 0}, "calls"),
        ({"system": "portal"}, "system"),
        ({"items": ()}, "items"),
        ({"items": ("employer", "other")}, "items"),
        ({"level": 1}, "level"),
        ({"items": ("identity",)}, "level"),
    ],
)
def test_what_does_not_fit_names_its_field(published: Directory, changed: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidGrant, match=field):
        ask(published, **changed)


def test_nobody_asks_for_their_own_data_which_flows_back_without_a_grant(published: Directory) -> None:
    with pytest.raises(InvalidGrant, match="read it back"):
        ask(published, "hrss-1", system="portal")
    with viewing(published.office, published.tokens["hrss-1"]) as view:
        found = access(view, "employment")
    assert (found.allowed, found.rule, sorted(found.items)) == (True, "holder", ["employer", "identity"])


def test_access_holds_for_the_term_and_the_items_only(published: Directory) -> None:
    grant = ask(published, start=APRIL)
    approve(published, grant)

    def may() -> tuple[bool, list[str]]:
        with viewing(published.office, published.tokens["housing-1"]) as view:
            found = access(view, "employment")
            return found.allowed, list(found.items)

    assert may() == (False, [])
    assert on_register(published) == [], "nothing is charged before the term"
    assert turn(published, APRIL + timedelta(hours=3)) == ["approved"]
    assert may() == (True, ["employer"])
    assert on_register(published) == [(grant.subject, "query-service", APRIL, None)]
    assert turn(published, YEAR + timedelta(days=2)) == ["expired"]
    assert turn(published, YEAR + timedelta(days=3)) == []
    assert may() == (False, [])
    assert on_register(published) == [(grant.subject, "query-service", APRIL, YEAR)]


def test_a_revoked_or_withdrawn_grant_ends_at_once(published: Directory) -> None:
    office, tokens = published.office, published.tokens
    for act, account, state in (
        (revoke_grant, "hrss-2", GrantState.REVOKED),
        (withdraw_grant, "housing-1", GrantState.WITHDRAWN),
    ):
        grant = ask(published, purpose=f"for {state}")
        approve(published, grant)
        with office.store.transaction() as transaction:
            now = office.clocks.business(transaction) + timedelta(days=1)
            set_business_clock(transaction, now, office.clocks.real)
        more = {"reason": "改作他用"} if act is revoke_grant else {}
        ended, new = act(office, tokens[account], grant.number, digest=grant.digest, **more)
        assert (ended.state, ended.ended, new) == (state, now, True)
        assert act(office, tokens[account], grant.number, digest=grant.digest, **more)[1] is False
        assert [closed for resource, _, _, closed in on_register(published) if resource == grant.subject] == [now]


def test_the_holder_cannot_withdraw_for_the_agency(published: Directory) -> None:
    grant = ask(published)
    with pytest.raises(NotFound):
        withdraw_grant(published.office, published.tokens["hrss-1"], grant.number, digest=grant.digest)


def test_grants_end_with_the_dataset_they_are_on(published: Directory) -> None:
    office, tokens = published.office, published.tokens
    grant, waiting = ask(published), ask(published, purpose="另一用途")
    approve(published, grant)
    with viewing(office, tokens["hrss-1"]) as view:
        digest = dataset_of(view, "employment").digest
    with office.store.transaction() as transaction:
        set_business_clock(transaction, MARCH + timedelta(days=1), office.clocks.real)
    withdraw_dataset(office, tokens["hrss-1"], "employment", digest=digest, reason="合并")
    done = deliver_and_report(office.store, [withdrawal_subscriber(office.clocks.real)], clock=office.clocks.real)
    assert not done.failed
    with viewing(office, tokens["housing-1"]) as view:
        assert [(one.number, one.state) for one in grants(view)] == [
            (grant.number, GrantState.REVOKED),
            (waiting.number, GrantState.REJECTED),
        ]
    assert [closed for _, _, _, closed in on_register(published)] == [MARCH + timedelta(days=1)]


def test_the_example_is_right_and_findings_say_where(tmp_path: Path) -> None:
    wish, findings = read_wish(EXAMPLES / "grant.yaml")
    assert findings == ()
    assert wish is not None
    assert (wish.start, wish.items) == (MARCH, ("name", "employer"))
    wrong = tmp_path / "grant.yaml"
    wrong.write_text((EXAMPLES / "grant.yaml").read_text().replace("end: 2027-03-01", "end: 2026-03-01"))
    assert [one.place.field for one in read_wish(wrong)[1]] == ["end"]
