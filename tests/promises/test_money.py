"""Promises 1, 2 and 4: the same bytes whatever the order and the time zone, books that sum to zero, no float, and no
price that reaches back into a closed bill.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from sqlalchemy import select

from billing.ledger.tables import posting_table
from billing.live import LiveSources, verify_live
from billing.packs import settlement_pack, statement_pack
from billing.settlement import service as settling
from billing.settlement.computing import compute
from billing.settlement.model import document as settlement_document
from billing.settlement.recorded import recorded_inputs
from billing.settlement.tables import latest as latest_settlement
from billing.statements import document, recompute
from billing.statements.drawing import inputs_of
from billing.statements.service import draft_statement
from billing.statements.tables import all_statements
from billing.verification import verify_pack
from foundation.evidence import canonical_bytes, canonical_text
from foundation.values.findings import Severity
from governance.authority import machine_scope, viewing
from governance.catalogue import PriceList, draft_prices, publish_prices
from governance.catalogue.tables import price_version_table as table
from governance.errors import Refused
from tests import examples
from tests.billing.conftest import MARCH, SETTLEMENT, FakeSliChecks, Town, shanghai
from tests.promises.city import City
from tests.promises.retell import came_to

ROOT = Path(__file__).resolve().parents[2]
CityAt = Callable[[str], City]

# promise 1


@pytest.fixture(scope="module")
def told_elsewhere() -> dict[str, dict[str, Any]]:
    """Time zone → what the story came to there, each time shuffled otherwise."""
    zones = {"Asia/Tokyo": 1, "America/St_Johns": 2, "Pacific/Kiritimati": 3}
    running = {
        zone: subprocess.Popen(
            [sys.executable, "-m", "tests.promises.retell", str(seed)],
            cwd=ROOT,
            env={**os.environ, "TZ": zone, "PYTHONHASHSEED": str(seed), "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            text=True,
        )
        for zone, seed in zones.items()
    }
    told = {}
    for zone, process in running.items():
        said, _ = process.communicate(timeout=120)
        assert process.returncode == 0
        told[zone] = json.loads(said)
    return told


def test_the_same_story_in_any_time_zone_and_order_gives_the_same_bytes(
    told_elsewhere: dict[str, dict[str, Any]], built_cities: dict[str, Path], tmp_path: Path
) -> None:
    """Days closed again after payment in the city are left out: their roots are of another content."""
    first, *others = told_elsewhere.values()
    assert all(other == first for other in others)
    city = Town(built_cities["confirmed"])
    with city.store.reading() as transaction:
        bills = {row.id: canonical_text(row.document) for row in all_statements(transaction, machine_scope())}
    city.store.close()
    assert bills == first["statements"]


def test_a_paid_bill_recomputed_has_its_own_bytes(city: City) -> None:
    with city.store.reading() as transaction:
        for row in all_statements(transaction, machine_scope()):
            again = recompute(inputs_of(transaction, machine_scope(), city.statements, row))
            assert canonical_bytes(document(again)) == canonical_bytes(row.document)
        settled = latest_settlement(transaction, SETTLEMENT)
        assert settled is not None
        inputs = recorded_inputs(transaction, machine_scope(), city.settlements, settled).inputs
        assert canonical_bytes(settlement_document(compute(inputs))) == canonical_bytes(settled.document)


def test_every_line_names_its_price_version_and_the_bill_its_roots(city: City) -> None:
    with city.store.reading() as transaction:
        rows = all_statements(transaction, machine_scope())
    for row in rows:
        priced = {reference["id"] for reference in row.document["inputs"]["prices"]}
        assert {line["price_version"] for line in row.document["lines"]} <= priced
        for kind in ("days", "sli"):
            assert len(row.document["inputs"][kind]) == 31


# promise 2


def test_every_transaction_of_the_ledger_sums_to_zero(city_at: CityAt) -> None:
    city = city_at("confirmed")
    digest = city.submit(city.draft().digest).digest
    settling.accept_settlement(city.office, city.token("bureau-1"), SETTLEMENT, digest=digest)
    settling.return_settlement(city.office, city.token("finance-1"), SETTLEMENT, digest=digest, reason="-")
    city.settle()
    sums: dict[tuple[str, str], int] = {}
    with city.store.reading() as transaction:
        for row in transaction.rows(posting_table.select(machine_scope())):
            for agency in ("*", row["agency"]):
                key = (row["transaction"], agency)
                sums[key] = sums.get(key, 0) + row["amount"]
    assert len({transaction for transaction, _ in sums}) == 4
    assert set(sums.values()) == {0}


@contextmanager
def floats_of(*folders: str) -> Iterator[set[str]]:
    """Every place of ours in which a float was returned or held while the block ran."""
    found: set[str] = set()
    ours = tuple(str(ROOT / folder) for folder in folders)

    def look(frame: FrameType, event: str, argument: Any) -> Any:
        if not frame.f_code.co_filename.startswith(ours):
            return None
        if event == "return":
            held = {name: value for name, value in frame.f_locals.items() if isinstance(value, float)}
            if held or isinstance(argument, float):
                found.add(f"{frame.f_code.co_filename}:{frame.f_code.co_qualname} {held or argument}")
        return look

    sys.settrace(look)
    try:
        yield found
    finally:
        sys.settrace(None)


def test_no_float_is_held_or_returned_while_bills_are_computed(city_at: CityAt) -> None:
    city = city_at("confirmed")
    with floats_of("billing", "governance", "foundation/values", "foundation/store") as found:
        with city.store.reading() as transaction:
            for row in all_statements(transaction, machine_scope()):
                recompute(inputs_of(transaction, machine_scope(), city.statements, row))
        city.settle()
    assert found == set()


def test_the_tracer_of_floats_sees_one() -> None:
    with floats_of("tests/promises") as found:
        _half()
    assert len(found) == 1


def _half() -> float:
    return 0.5


def test_a_bill_holds_no_number_with_a_point(city: City) -> None:
    with city.store.reading() as transaction:
        bills = [row.document for row in all_statements(transaction, machine_scope())]
        settled = latest_settlement(transaction, SETTLEMENT)
    assert settled is not None
    assert not [value for bill in (*bills, settled.document) for value in _leaves(bill) if isinstance(value, float)]


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for each in value.values():
            yield from _leaves(each)
    elif isinstance(value, list):
        for each in value:
            yield from _leaves(each)
    else:
        yield value


# promise 4


def price_list(name: str, start: datetime, factor: int) -> PriceList:
    """The example's change of prices, from another day on and ``factor`` times as dear."""
    lists = examples.prices().lists
    lines = tuple(replace(line, price=line.price * factor) for line in lists[-1].lines)
    return replace(lists[-1], id=name, start=start, lines=lines)


STARTS = (
    shanghai(1, month=1) + timedelta(days=20),
    shanghai(28, month=2),
    shanghai(1),
    shanghai(10, 13),
    shanghai(20),
    shanghai(31, 23, 59),
    shanghai(1, month=4),
    shanghai(1, month=5),
)


def live(city: City) -> list[str]:
    """What the live check finds."""
    with viewing(city.office, city.token("auditor-1")) as view:
        sources = LiveSources(packs=city.sources, sli=FakeSliChecks(city.sli))
        found = verify_live(view, sources, city.handed_out, city.ring).findings
    return [f"{each.place.sheet}: {each.en}" for each in found if each.severity is Severity.ERROR]


def paid_city(city_at: CityAt) -> City:
    """A paid settlement, and nothing that came after it."""
    city = city_at("confirmed")
    city.settle()
    city.deliver()
    return city


@pytest.mark.parametrize("start", STARTS, ids=str)
def test_a_price_published_later_changes_no_closed_bill_from_whatever_day_it_starts(
    city_at: CityAt, start: datetime
) -> None:
    city = paid_city(city_at)
    before = came_to(city)
    packs = {agency: city.write_statement_pack(agency).read_bytes() for agency in ("hrss", "housing")}
    packs["settlement"] = city.write_settlement_pack().read_bytes()
    listed = price_list("P-LATER", start, 3)
    draft_prices(city.office, city.token("bureau-1"), listed)
    publish_prices(city.office, city.token("bureau-2"), listed.id)
    assert came_to(city) == before
    assert live(city) == []
    assert city.write_settlement_pack().read_bytes() == packs["settlement"]
    for agency in ("hrss", "housing"):
        path = city.write_statement_pack(agency)
        assert path.read_bytes() == packs[agency]
        assert verify_pack(path, city.handed_out, city.ring).ok
    assert verify_pack(city.write_settlement_pack(), city.handed_out, city.ring).ok


def test_several_prices_published_later_change_no_closed_bill_either(city_at: CityAt) -> None:
    city = paid_city(city_at)
    before, pack = came_to(city), city.write_settlement_pack().read_bytes()
    for number, start in enumerate((STARTS[4], STARTS[3], STARTS[1], STARTS[5], STARTS[6])):
        listed = price_list(f"P-{number}", start, number + 2)
        draft_prices(city.office, city.token("bureau-1"), listed)
        publish_prices(city.office, city.token("bureau-2"), listed.id)
    assert came_to(city) == before
    assert live(city) == []
    assert city.write_settlement_pack().read_bytes() == pack


def test_the_change_of_mid_march_cannot_be_published_again_with_other_prices(city_at: CityAt) -> None:
    city = city_at("confirmed")
    listed = price_list("P-AGAIN", shanghai(16), 2)
    draft_prices(city.office, city.token("bureau-1"), listed)
    with pytest.raises(Refused, match="price-never-edited"):
        publish_prices(city.office, city.token("bureau-2"), listed.id)


def test_a_price_changed_in_the_database_behind_a_closed_bill_is_found(city_at: CityAt) -> None:
    city = paid_city(city_at)
    with city.store.transaction() as transaction:
        (row, *_) = transaction.rows(select(table).where(table.c.meter == "vcpu").order_by(table.c.starts_at))
        dearer = row["price"] + Decimal("0.00000001")
        transaction.write(table.update().where(table.c.id == row["id"]).values(price=dearer))
    assert any("US-hrss" in finding for finding in live(city))


def test_drawing_again_after_payment_gives_what_stands(city_at: CityAt) -> None:
    city = paid_city(city_at)
    before = came_to(city)
    listed = price_list("P-LATER", shanghai(10), 3)
    draft_prices(city.office, city.token("bureau-1"), listed)
    publish_prices(city.office, city.token("bureau-2"), listed.id)
    for agency in ("hrss", "housing"):
        row = draft_statement(
            city.office,
            city.token("operator-1"),
            city.statements,
            agency=agency,
            month=MARCH,
            contract="C-2026-01",
            reissue=True,
        )
        assert row.state.value == "confirmed"
    city.draft()
    assert came_to(city) == before


def test_packs_of_two_readers_are_the_same_bytes(city: City) -> None:
    """Whoever may have a pack gets the same one."""
    tokens = [city.token(account) for account in ("auditor-1", "hrss-1", "bureau-2")]
    packs = [
        statement_pack(city.office, token, city.sources, f"US-hrss-{MARCH}", signer=city.signer("billing")).data
        for token in tokens
    ]
    assert len(set(packs)) == 1
    assert settlement_pack(
        city.office, tokens[0], city.sources, SETTLEMENT, signer=city.signer("billing")
    ).data.startswith(b"PK")
