"""The terms are dated data of the bureau: what was running keeps its clocks, what begins takes the new ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from governance.authority import viewing
from governance.errors import Refused
from tenants.needs import set_terms, terms_at
from tenants.needs.terms import shipped_terms
from tests.conftest import MARCH
from tests.tenants.needs.conftest import PERMITS, City


def test_where_nothing_was_set_the_shipped_terms_hold(city: City) -> None:
    with viewing(city.office, city.people["hrss-1"]) as view:
        assert terms_at(view.transaction, view.now) == shipped_terms()


def test_new_terms_hold_from_then_on(city: City) -> None:
    city.state()
    later = MARCH + timedelta(days=1)
    city.clock(later)
    terms = replace(shipped_terms(), cites="〔2026〕3号", proposal_working_days=1)
    assert set_terms(city.office, city.people["bureau-1"], terms)
    assert not set_terms(city.office, city.people["bureau-1"], terms)
    city.state(PERMITS, "housing-1")
    ends = [task.due_at for task in city.inbox("operator-1")]
    assert ends == [datetime(2026, 3, 3, 16, tzinfo=UTC), datetime(2026, 3, 13, 16, tzinfo=UTC)]
    with viewing(city.office, city.people["hrss-1"]) as view:
        assert terms_at(view.transaction, MARCH) == shipped_terms()
        assert terms_at(view.transaction, later) == terms


@pytest.mark.parametrize("account", ["hrss-1", "operator-1"])
def test_only_the_bureau_sets_terms(city: City, account: str) -> None:
    with pytest.raises(Refused):
        set_terms(city.office, city.people[account], replace(shipped_terms(), cites="x"))
