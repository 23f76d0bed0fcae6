"""Minutes are written once: the same log again changes nothing, another one for the same day is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from foundation.evidence import read_key_ring
from foundation.store import UnscopedQuery
from foundation.values.month import Month
from governance import audit
from governance.audit import AuditEvent
from governance.authority import Office, machine_scope, viewing
from governance.errors import Refused
from governance.sla import MinuteCounts
from monitoring import import_probe_log, month_minutes
from monitoring.sli.tables import sli_day_table

FEBRUARY = Month(2026, 2)


def test_an_import_records_every_day_of_the_month(
    desk: Office, people: dict[str, str], probe: Any, february_checks: Callable[..., Any]
) -> None:
    log = probe.log(february_checks(every=1, down=range(10), missing=range(10, 13)))
    done, findings = import_probe_log(desk, people["bureau-1"], log, probe.ring)
    assert findings == ()
    assert done is not None
    assert done.counts == MinuteCounts(up=28 * 1440 - 13, down=10, unknown=3)
    with desk.store.reading() as transaction:
        days = month_minutes(transaction, machine_scope(), FEBRUARY)
        assert tuple(days) == done.days
        assert [entry.event for entry in audit.entries(transaction, subject="sli:hrss/cloud-host/2026-02")] == [
            AuditEvent.EVIDENCE_RECORDED
        ]


def test_the_example_is_imported(desk: Office, people: dict[str, str], example_log: Path) -> None:
    done, findings = import_probe_log(desk, people["operator-1"], example_log, read_key_ring(example_log.parent))
    assert findings == ()
    assert done is not None
    assert {day.source for day in done.days} == {"replay"}


def test_importing_again_changes_nothing(
    desk: Office, people: dict[str, str], probe: Any, february_checks: Callable[..., Any]
) -> None:
    log = probe.log(february_checks())
    import_probe_log(desk, people["bureau-1"], log, probe.ring)
    with desk.store.reading() as transaction:
        before = audit.head(transaction)
    again, findings = import_probe_log(desk, people["bureau-1"], log, probe.ring)
    assert findings == ()
    assert again is not None
    assert not again.new
    with desk.store.reading() as transaction:
        assert audit.head(transaction) == before


def test_another_content_for_a_recorded_day_is_refused_and_nothing_written(
    desk: Office, people: dict[str, str], probe: Any, february_checks: Callable[..., Any]
) -> None:
    import_probe_log(desk, people["bureau-1"], probe.log(february_checks()), probe.ring)
    better = probe.log(february_checks(down=range(27 * 1440, 27 * 1440 + 1)))
    with pytest.raises(Refused, match="sli-written-once"):
        import_probe_log(desk, people["bureau-1"], better, probe.ring)
    with desk.store.reading() as transaction:
        assert all("d" not in day.states for day in month_minutes(transaction, machine_scope(), FEBRUARY))


def test_a_log_for_nobody_or_nothing_is_findings(desk: Office, people: dict[str, str], probe: Any) -> None:
    log = probe.log([], agency="nobody", service="nothing")
    done, findings = import_probe_log(desk, people["bureau-1"], log, probe.ring)
    assert done is None
    assert [each.place.field for each in findings] == ["agency", "service"]


def test_a_bad_line_stops_the_whole_log(
    desk: Office, people: dict[str, str], probe: Any, february_checks: Callable[..., Any]
) -> None:
    done, findings = import_probe_log(desk, people["bureau-1"], probe.log([*february_checks(), {}]), probe.ring)
    assert done is None
    assert [each.place.row for each in findings] == [28 * 24 + 1]
    with desk.store.reading() as transaction:
        assert month_minutes(transaction, machine_scope(), FEBRUARY) == []


def test_an_agency_imports_no_evidence(desk: Office, people: dict[str, str], probe: Any) -> None:
    with pytest.raises(Refused, match="R17"):
        import_probe_log(desk, people["hrss-1"], probe.log([]), probe.ring)


def test_an_agency_sees_no_other_agencys_minutes(desk: Office, people: dict[str, str], probe: Any) -> None:
    import_probe_log(desk, people["bureau-1"], probe.log([]), probe.ring)
    with viewing(desk, people["housing-1"]) as view:
        assert month_minutes(view.transaction, view.scope, FEBRUARY) == []
        assert month_minutes(view.transaction, view.scope, FEBRUARY, agency="hrss") == []
        with pytest.raises(UnscopedQuery):
            view.transaction.rows(sli_day_table.table.select())
