"""Lists: an agency's own only, a page at a time, at a cost that does not grow with what others asked for."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from foundation.store import Scope, Store
from foundation.values.errors import InvalidValue
from governance.authority import viewing
from governance.environments import EnvironmentSpec, spec_document
from governance.parties.tables import party_table
from tenants.requests import Page, RequestKind, RequestState, requests_page
from tenants.requests.tables import request_table
from tests.tenants.requests.conftest import MARCH, Bench

STATES = tuple(RequestState)


def fill(store: Store, spec: EnvironmentSpec, *, agencies: int, each: int) -> None:
    """Requests of many agencies, in every state, at instants of their own."""
    document = spec_document(spec)

    def rows() -> Iterator[dict[str, Any]]:
        for number in range(each):
            for agency in range(agencies):
                nth = number * agencies + agency
                state = STATES[(number + agency) % len(STATES)]
                yield {
                    "number": f"REQ-2026-{nth:06d}",
                    "kind": RequestKind.CREATE.value,
                    "agency": f"a{agency}",
                    "system": "s",
                    "environment": f"e-{agency}-{number}",
                    "spec_digest": "0" * 64,
                    "estimate_monthly": nth,
                    "estimate_breakdown": [],
                    "requested": document,
                    "state": state.value,
                    "awaiting": "bureau" if state is RequestState.REQUESTED else "",
                    "reason": "",
                    "requested_at": MARCH + timedelta(seconds=nth // 7),
                }

    with store.transaction() as transaction:
        transaction.write(
            insert(party_table),
            [
                {"id": f"a{n}", "kind": "agency", "zh": f"单位{n}", "en": f"agency {n}", "organisation": f"a{n}"}
                for n in range(agencies)
            ],
        )
        batch = []
        for row in rows():
            batch.append(row)
            if len(batch) == 5_000:
                transaction.write(request_table.insert(), batch)
                batch = []
        transaction.write(request_table.insert(), batch)
    if store.dialect == "postgresql":  # which does it by itself within a minute
        with store.engine.begin() as connection:
            connection.exec_driver_sql("ANALYZE")


@pytest.fixture
def filled(bench: Bench) -> Bench:
    """Twelve agencies with ten requests each."""
    fill(bench.office.store, bench.spec, agencies=12, each=10)
    return bench


def walked(bench: Bench, scope: Scope, **wanted: Any) -> list[str]:
    """Every number, page by page."""
    found, after = list[str](), ""
    with bench.office.store.reading() as transaction:
        while True:
            page = requests_page(transaction, scope, after=after, limit=7, **wanted)
            found += [row["number"] for row in page.rows]
            if not page.next:
                return found
            after = page.next


def test_pages_join_to_the_whole_newest_first(filled: Bench) -> None:
    every = walked(filled, Scope(None))
    assert len(every) == len(set(every)) == 120
    assert every == sorted(every, reverse=True)


def test_an_agency_pages_through_its_own_only(filled: Bench) -> None:
    assert walked(filled, Scope(frozenset({"a3"}))) == [f"REQ-2026-{n * 12 + 3:06d}" for n in reversed(range(10))]
    assert walked(filled, Scope(frozenset({"a3"})), agency="a4") == []


@pytest.mark.parametrize("wanted", [{"state": RequestState.REQUESTED}, {"awaiting": "bureau"}])
def test_a_filter_narrows(filled: Bench, wanted: dict[str, Any]) -> None:
    assert len(walked(filled, Scope(None), **wanted)) == 12
    assert len(walked(filled, Scope(None), agency="a5", **wanted)) == 1
    assert walked(filled, Scope(None), environment="e-5-2") == ["REQ-2026-000029"]


@pytest.mark.parametrize("wanted", [{"limit": 0}, {"limit": 501}, {"after": "nonsense"}, {"after": "x/REQ"}])
def test_a_page_that_is_none_is_refused(bench: Bench, wanted: dict[str, Any]) -> None:
    with bench.office.store.reading() as transaction, pytest.raises(InvalidValue):
        requests_page(transaction, Scope(None), **wanted)


def test_the_readers_scope_is_the_list(bench: Bench) -> None:
    bench.ask()
    for account, seen in (("hrss-2", 1), ("housing-1", 0), ("bureau-1", 1), ("auditor-1", 1)):
        with viewing(bench.office, bench.token(account)) as view:
            assert len(requests_page(view.transaction, view.scope).rows) == seen


LISTS: dict[str, tuple[Scope, dict[str, Any]]] = {
    "an agency's": (Scope(frozenset({"a17"})), {}),
    "an agency's by state": (Scope(frozenset({"a17"})), {"state": RequestState.ACCEPTED}),
    "an agency's of nothing": (Scope(frozenset({"hrss"})), {}),
    "everybody's": (Scope(None), {}),
    "everybody's by state": (Scope(None), {"state": RequestState.REQUESTED}),
    "what waits for the bureau": (Scope(None), {"awaiting": "bureau"}),
    "what waits for nobody": (Scope(None), {"awaiting": "nobody"}),
    "one agency's, seen by the bureau": (Scope(None), {"agency": "a17"}),
    "of an environment": (Scope(None), {"environment": "e-17-3"}),
    "of a kind": (Scope(frozenset({"a17"})), {"kind": RequestKind.TRANSFER}),
}


def slowest(store: Store, scope: Scope, wanted: dict[str, Any], *, after: str = "") -> tuple[float, Page]:
    """The slowest of ten tries."""
    took = []
    for _ in range(10):
        with store.reading() as transaction:
            started = time.perf_counter()
            page = requests_page(transaction, scope, after=after, **wanted)
            took.append(time.perf_counter() - started)
    return sorted(took)[-2], page


def measured(store: Store, tell: Callable[[str], None]) -> None:
    """Every list under 50 ms, on its first page and in its middle."""
    middle = f"{(MARCH + timedelta(seconds=2_000)).isoformat().replace('+00:00', 'Z')}/REQ-2026-9"
    for name, (scope, wanted) in LISTS.items():
        for after in ("", middle):
            took, page = slowest(store, scope, wanted, after=after)
            tell(f"{store.dialect} {name}{' (middle)' if after else ''}: {took * 1000:.1f} ms, {len(page.rows)} rows")
            assert took < 0.05, name


def test_every_list_is_quick_among_many(bench: Bench) -> None:
    fill(bench.office.store, bench.spec, agencies=200, each=15)
    measured(bench.office.store, lambda _: None)


@pytest.mark.drill
def test_every_list_is_under_50_ms_among_100_000_requests_of_2_000_agencies(bench: Bench) -> None:
    fill(bench.office.store, bench.spec, agencies=2_000, each=50)
    measured(bench.office.store, print)
