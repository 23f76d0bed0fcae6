"""The states of a usage statement: who may move it, what each act binds to, and that a rerun changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from billing.collect import collect_month
from billing.errors import (
    DaysNotClosed,
    NotDue,
    OtherDigest,
    PriceGap,
    UnknownLines,
    UnknownStatement,
    WrongState,
)
from billing.handing_out import hand_out_subscriber
from billing.ports import SliMonth
from billing.statements import ServiceAvailability, StatementState, digest, document, recompute
from billing.statements.drawing import Sources, inputs_of
from billing.statements.service import (
    confirm_statement,
    deem_confirmed,
    dispute_statement,
    draft_statement,
    issue_statement,
    statement,
    statements,
)
from billing.statements.tables import StatementRow, versions
from foundation.evidence import read_handed_out, read_key_ring
from foundation.store import Scope, Transaction
from foundation.values.errors import InvalidValue
from foundation.values.instant import Interval
from foundation.values.month import Month
from foundation.values.working_days import published_calendar
from foundation.work import deliver
from governance import audit
from governance.authority import machine_scope
from governance.catalogue import prices_for
from governance.errors import Refused
from governance.metering import RegisterEntry, UsageRecord
from governance.sla import MinuteCounts
from tests.billing.conftest import Works
from tests.billing.usage.conftest import FakeRegister

MARCH = Month(2026, 3)
START = MARCH.interval.start
ID = "US-hrss-2026-03"
Make = Callable[..., UsageRecord]


class FakeSli:
    """Every agency's cloud hosts were up for 44,000 of 44,640 minutes."""

    def month(
        self, transaction: Transaction, scope: Scope, agency: str, month: Month, *, names: object = None
    ) -> SliMonth:
        return SliMonth((ServiceAvailability("cloud-host", MinuteCounts(44000, 640, 0, 0)),), ())


def entry(resource: str, agency: str, system: str, project: str) -> RegisterEntry:
    return RegisterEntry(
        resource=resource,
        cloud_id="i-1",
        kind="instance",
        name=resource,
        agency=agency,
        system=system,
        project=project,
        fund_source="general-budget",
        environment="env",
        service="cloud-host",
        plan="general-2c4g",
        attributes={"vcpu": Decimal(2), "memory_gb": Decimal(4), "size_gb": Decimal(40)},
        opened=START + timedelta(days=4),
    )


@dataclass
class Billing:
    """A collected and closed month of two agencies, and what the use cases need."""

    works: Works
    sources: Sources
    register: FakeRegister

    def draft(self, agency: str = "hrss", **more: Any) -> StatementRow:
        works = self.works
        return draft_statement(
            works.office, works.operator, self.sources, agency=agency, month=MARCH, contract="C-2026-01", **more
        )

    def issue(self, row: StatementRow) -> StatementRow:
        works = self.works
        return issue_statement(
            works.office, works.operator, self.sources, works.signer, id_=row.id, expected=row.digest
        )

    def confirm(self, row: StatementRow, account: str = "hrss-1") -> StatementRow:
        return confirm_statement(self.works.office, self.works.people[account], id_=row.id, expected=row.digest)

    def dispute(self, row: StatementRow, lines: Sequence[int], reason: str = "not ours") -> StatementRow:
        return dispute_statement(
            self.works.office,
            self.works.people["hrss-1"],
            id_=row.id,
            expected=row.digest,
            lines=lines,
            reason=reason,
        )

    def deem(self) -> StatementRow:
        return deem_confirmed(self.works.office, self.works.operator, id_=ID)

    def entries(self) -> list[audit.Entry]:
        with self.works.office.store.reading() as transaction:
            return list(audit.entries(transaction))


@pytest.fixture
def billing(works: Works) -> Billing:
    register = FakeRegister(
        [
            entry("env/instance/a", "hrss", "social-insurance", "hrss-2026-01"),
            entry("env/instance/b", "housing", "construction-permit", "housing-2026-01"),
        ]
    )
    collect_month(works.office, works.operator, store=works.store, register=register, month=MARCH)
    works.close()
    return Billing(works, Sources(works.store, register, FakeSli(), "0.1.0"), register)


def test_a_month_from_the_register_to_a_statement(billing: Billing) -> None:
    row = billing.draft()
    amounts = {(line["meter"], line["price_version"]): line["amount"] for line in row.document["lines"]}
    # 27 days held: 11 before the price change, 16 after.
    assert amounts == {
        ("vcpu", "P-2026-01/cloud-host/vcpu"): 3406,
        ("vcpu", "P-2026-03/cloud-host/vcpu"): 4707,
        ("memory", "P-2026-01/cloud-host/memory"): 7490,
        ("disk", "P-2026-01/cloud-host/disk"): 1463,
    }
    (deduction,) = row.document["deductions"]
    assert (deduction["base"], deduction["amount"]) == (17066, -5120)
    assert (row.document["charged"], row.document["deducted"], row.document["payable"]) == (17066, -5120, 11946)
    assert "system:social-insurance" in row.document["names"]
    assert "system:construction-permit" not in row.document["names"]
    assert row.digest == digest(row.document)
    assert len(row.document["inputs"]["days"]) == 31


def test_drawing_again_changes_nothing(billing: Billing) -> None:
    first, before = billing.draft(), billing.entries()
    assert billing.draft() == first
    assert billing.entries() == before


def test_a_draft_follows_late_usage_once_its_day_is_closed_again(billing: Billing, record: Make) -> None:
    first = billing.draft()
    start = START + timedelta(days=6)
    billing.works.take(record("k", start, start + timedelta(hours=1), "500000", resource="env/instance/a"))
    with pytest.raises(DaysNotClosed):
        billing.draft()
    billing.works.close()
    second = billing.draft()
    assert (second.version, second.digest == first.digest) == (1, False)
    with pytest.raises(OtherDigest):
        billing.issue(first)


def test_a_draft_overtaken_by_facts_cannot_be_issued(billing: Billing, record: Make) -> None:
    row = billing.draft()
    start = START + timedelta(days=6)
    billing.works.take(record("k", start, start + timedelta(hours=1), "500000", resource="env/instance/a"))
    with pytest.raises(DaysNotClosed):
        billing.issue(row)
    billing.works.close()
    with pytest.raises(OtherDigest):
        billing.issue(row)


def test_issuing_freezes_the_version_and_hands_out_the_audit_head(billing: Billing, tmp_path: Path) -> None:
    issued = billing.issue(billing.draft())
    assert (issued.state, issued.issued_at) == (StatementState.ISSUED, MARCH.interval.end)
    (entry_of_issue,) = [each for each in billing.entries() if each.event == "statement.issued"]
    assert entry_of_issue.facts == {"version": 1, "digest": issued.digest}
    office = billing.works.office
    deliver(office.store, [hand_out_subscriber(tmp_path / "out")], clock=office.clocks.real)
    bodies = read_handed_out(tmp_path / "out", read_key_ring(tmp_path / "public"), owner="operator.evidence")
    assert bodies[f"audit-{issued.audit_number}"] == {
        "kind": "audit",
        "number": entry_of_issue.number,
        "hash": entry_of_issue.hash,
    }
    before = billing.entries()
    assert billing.issue(issued) == issued
    assert billing.draft() == issued
    assert billing.entries() == before


def test_an_issued_version_recomputes_to_its_digest_after_the_month_moved_on(billing: Billing, record: Make) -> None:
    issued = billing.issue(billing.draft())
    start = START + timedelta(days=6)
    billing.works.take(record("k", start, start + timedelta(hours=1), "500000", resource="env/instance/a"))
    billing.works.close()
    billing.register.held = [
        replace(each, closed=MARCH.interval.end + timedelta(days=2)) for each in billing.register.held
    ]
    with billing.works.office.store.reading() as transaction:
        inputs = inputs_of(transaction, machine_scope(), billing.sources, issued)
    assert digest(document(recompute(inputs))) == issued.digest


def test_the_agency_confirms_by_digest_and_only_once(billing: Billing) -> None:
    issued = billing.issue(billing.draft())
    with pytest.raises(OtherDigest):
        billing.confirm(replace(issued, digest="0" * 64))
    confirmed = billing.confirm(issued)
    assert confirmed.state is StatementState.CONFIRMED
    before = billing.entries()
    assert billing.confirm(issued) == confirmed
    assert billing.entries() == before
    with pytest.raises(WrongState):
        billing.dispute(issued, [1])


def test_a_draft_cannot_be_confirmed(billing: Billing) -> None:
    with pytest.raises(WrongState):
        billing.confirm(billing.draft())


def test_the_operator_cannot_confirm_and_the_agency_cannot_issue(billing: Billing) -> None:
    row = billing.draft()
    with pytest.raises(Refused):
        issue_statement(
            billing.works.office,
            billing.works.people["hrss-1"],
            billing.sources,
            billing.works.signer,
            id_=ID,
            expected=row.digest,
        )
    with pytest.raises(Refused):
        billing.confirm(billing.issue(row), account="operator-2")
    assert [each.event for each in billing.entries()].count("act.refused") == 2


def test_an_agency_sees_confirms_and_lists_only_its_own(billing: Billing) -> None:
    issued = billing.issue(billing.draft())
    billing.draft("housing")
    office, people = billing.works.office, billing.works.people
    with pytest.raises(UnknownStatement):
        billing.confirm(issued, account="housing-1")
    with pytest.raises(UnknownStatement):
        statement(office, people["housing-1"], ID)
    assert statement(office, people["hrss-2"], ID) == issued
    assert [row.agency for row in statements(office, people["housing-1"], MARCH)] == ["housing"]
    assert [row.agency for row in statements(office, people["bureau-1"], MARCH)] == ["housing", "hrss"]


def test_lines_are_disputed_by_number_with_a_reason(billing: Billing) -> None:
    issued = billing.issue(billing.draft())
    with pytest.raises(UnknownLines):
        billing.dispute(issued, [2, 99])
    with pytest.raises(InvalidValue):
        billing.dispute(issued, [])
    with pytest.raises(InvalidValue):
        billing.dispute(issued, [2], reason=" ")
    disputed = billing.dispute(issued, [5, 2, 2])
    assert (disputed.state, disputed.disputed) == (StatementState.DISPUTED, (2, 5))
    assert billing.dispute(issued, [2, 5]) == disputed


def test_a_disputed_version_is_followed_by_the_next_which_names_it(billing: Billing) -> None:
    disputed = billing.dispute(billing.issue(billing.draft()), [1])
    assert billing.draft() == disputed
    following = billing.draft(reissue=True)
    assert (following.version, following.document["supersedes"]) == (2, disputed.digest)
    assert billing.draft(reissue=True) == following
    with billing.works.office.store.reading() as transaction:
        assert [row.version for row in versions(transaction, machine_scope(), ID)] == [1, 2]


def test_ten_working_days_of_silence_confirm_and_are_shown_apart(billing: Billing) -> None:
    # Issued Wednesday 1 April 2026; Monday 6 April is a holiday: the tenth working day is 16 April.
    billing.issue(billing.draft())
    billing.works.move_clock(datetime(2026, 4, 16, 15, 59, tzinfo=UTC))
    with pytest.raises(NotDue):
        billing.deem()
    billing.works.move_clock(datetime(2026, 4, 16, 16, 0, tzinfo=UTC))
    deemed = billing.deem()
    assert deemed.state is StatementState.DEEMED_CONFIRMED
    assert billing.deem() == deemed
    assert billing.entries()[-1].facts["deemed"] is True


def test_where_the_calendar_is_not_loaded_nothing_is_deemed(billing: Billing) -> None:
    billing.works.move_clock(datetime(2026, 12, 30, tzinfo=UTC))
    issued = billing.issue(billing.draft())
    assert str(issued.deadline(published_calendar())) == "awaiting the calendar of 2027"
    billing.works.move_clock(datetime(2027, 3, 1, tzinfo=UTC))
    with pytest.raises(NotDue):
        billing.deem()


def test_a_month_with_a_gap_in_its_prices_is_drawn_and_not_issued(
    billing: Billing, monkeypatch: pytest.MonkeyPatch
) -> None:
    from billing.statements import drawing

    published = prices_for

    def only_the_second_half(transaction: Transaction, party: str, interval: Interval) -> list[Any]:
        found = published(transaction, party, interval)
        return [version for version in found if version.id != "P-2026-01/cloud-host/vcpu"]

    monkeypatch.setattr(drawing, "prices_for", only_the_second_half)
    row = billing.draft()
    assert [left["reason"] for left in row.document["uncharged"]] == ["price-gap"]
    with pytest.raises(PriceGap):
        billing.issue(row)
