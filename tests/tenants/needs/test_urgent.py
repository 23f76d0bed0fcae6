"""The urgent path: allowed for a named reason, lent with an end, papers afterwards, reviewed by another person."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from foundation.evidence import sha256_hex
from governance.attachments import attachments
from governance.authority import viewing
from governance.errors import NotFound, Refused
from tenants.errors import NeedUnfit, TemporaryUnfit
from tenants.needs import (
    Finding,
    Temporary,
    allow_urgent,
    expire_temporaries,
    hand_in_papers,
    reject_need,
    review_urgent,
    temporaries,
    temporary_of,
    withdraw_need,
)
from tests.conftest import MARCH
from tests.tenants.needs.conftest import URGENT, City

UNTIL = MARCH + timedelta(days=30)
USE = {"vcpu": 8, "memory_gb": 16}
PAPERS = "补交材料。".encode()


def allowed(city: City, account: str = "bureau-1", until: datetime = UNTIL) -> Temporary:
    need = city.state(URGENT)
    return allow_urgent(
        city.office, city.people[account], need.number, use=USE, until=until, reason="台风", quota=city.quota
    )[0]


def hand_in(city: City, number: str) -> tuple[Temporary, bool]:
    token = city.people["hrss-1"]
    return hand_in_papers(city.office, token, number, name="材料.txt", content=PAPERS, blobs=city.blobs)


def test_urgent_needs_run_on_shorter_clocks(city: City) -> None:
    city.state(URGENT)
    (task,) = city.inbox("operator-1")
    assert task.due_at == datetime(2026, 3, 3, 16, tzinfo=UTC)


def test_what_is_lent_has_an_end_papers_and_a_review_to_come(city: City) -> None:
    lent = allowed(city)
    assert city.quota.lent == {"need:NEED-2026-0001": USE}
    assert (lent.until, lent.papers_by) == (UNTIL, datetime(2026, 3, 27, 16, tzinfo=UTC))
    assert city.waits("hrss-1") == ["need.papers"]
    assert city.waits("bureau-1") == ["need.review"]
    again = allow_urgent(
        city.office, city.people["bureau-1"], lent.need, use=USE, until=UNTIL, reason="台风", quota=city.quota
    )
    assert again == (lent, False)


def test_it_is_allowed_once_for_an_urgent_need_within_the_terms(city: City) -> None:
    ordinary = city.state()
    bureau = city.people["bureau-1"]
    with pytest.raises(TemporaryUnfit):
        allow_urgent(city.office, bureau, ordinary.number, use=USE, until=UNTIL, reason="x", quota=city.quota)
    for until in (MARCH, MARCH + timedelta(days=400)):
        with pytest.raises(TemporaryUnfit):
            allowed(city, until=until)
    lent = allowed(city)
    with pytest.raises(TemporaryUnfit):
        allow_urgent(city.office, bureau, lent.need, use={"vcpu": 9}, until=UNTIL, reason="x", quota=city.quota)
    with pytest.raises(Refused):
        allow_urgent(city.office, city.people["hrss-1"], lent.need, use=USE, until=UNTIL, reason="x", quota=city.quota)


def test_the_review_is_by_another_person_after_the_papers(city: City) -> None:
    lent = allowed(city)
    reviewer = city.people["bureau-2"]
    with pytest.raises(TemporaryUnfit):
        review_urgent(city.office, reviewer, lent.need, Finding.JUSTIFIED, note="属实")
    handed_in, new = hand_in(city, lent.need)
    assert (handed_in.papers, new) == (sha256_hex(PAPERS), True)
    with viewing(city.office, city.people["hrss-1"]) as view:
        (attached,) = attachments(view.transaction, view.scope, subject=f"need:{lent.need}")
    assert attached.digest == handed_in.papers
    assert hand_in(city, lent.need) == (handed_in, False)
    assert city.waits("hrss-1") == []
    with pytest.raises(Refused):
        review_urgent(city.office, city.people["bureau-1"], lent.need, Finding.JUSTIFIED, note="属实")
    reviewed, _ = review_urgent(city.office, reviewer, lent.need, Finding.JUSTIFIED, note="属实")
    assert (reviewed.review, reviewed.reviewed_at) == ("justified", MARCH)
    assert city.waits("bureau-1") == []
    assert review_urgent(city.office, reviewer, lent.need, Finding.JUSTIFIED, note="属实") == (reviewed, False)


def test_papers_that_never_come_do_not_stop_the_review(city: City) -> None:
    lent = allowed(city)
    city.clock(lent.papers_by)
    assert [task.overdue(lent.papers_by) for task in city.inbox("hrss-1")] == [True]
    reviewed, _ = review_urgent(city.office, city.people["bureau-2"], lent.need, Finding.NOT_JUSTIFIED, note="未补材料")
    assert reviewed.review == "not-justified"


def test_what_has_expired_ends_opens_tasks_and_is_listed(city: City) -> None:
    lent = allowed(city)
    for now, ended in ((UNTIL - timedelta(seconds=1), []), (UNTIL, [lent.need]), (UNTIL, [])):
        with city.office.store.transaction() as transaction:
            found = expire_temporaries(transaction, now=now, recorded_at=now, quota=city.quota)
        assert list(found) == ended
    assert city.quota.lent == {}
    assert city.waits("hrss-1") == ["need.papers", "need.temporary-ended"]
    assert city.waits("bureau-1") == ["need.review", "need.temporary-ended"]
    assert city.entries()[-1] == "need.temporary-ended"
    assert city.topics().count("need.temporary-ended") == 1
    with viewing(city.office, city.people["hrss-1"]) as view:
        assert [one.need for one in temporaries(view, running=False)] == [lent.need]
        assert temporaries(view, running=True) == []
    with viewing(city.office, city.people["housing-1"]) as view:
        assert temporaries(view) == []
        assert temporary_of(view.transaction, view.scope, lent.need) is None


@pytest.mark.parametrize("way", ["withdrawn", "rejected"])
def test_what_was_lent_for_a_need_that_came_to_nothing_ends_at_once(city: City, way: str) -> None:
    lent = allowed(city)
    need = city.now_of(lent.need)
    if way == "withdrawn":
        withdraw_need(city.office, city.people["hrss-1"], lent.need, reason="x", quota=city.quota)
    else:
        agreed = city.agree(need)
        reject_need(
            city.office,
            city.people["bureau-2"],
            lent.need,
            digest=agreed.decision_digest,
            reason="x",
            quota=city.quota,
        )
    assert city.quota.lent == {}
    assert "need.temporary-ended" in city.waits("bureau-1")
    with pytest.raises(NeedUnfit):
        allow_urgent(
            city.office, city.people["bureau-1"], lent.need, use={"a": 1}, until=UNTIL, reason="x", quota=city.quota
        )


def test_the_papers_of_what_was_never_urgent_are_nobodys(city: City) -> None:
    need = city.state()
    with pytest.raises(NotFound):
        hand_in(city, need.number)
