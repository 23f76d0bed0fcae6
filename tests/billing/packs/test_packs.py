"""Who may have which pack, and that a pack is the same whenever it is built."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from billing.errors import BatchMissing, UnknownStatement
from billing.packs import settlement_pack, statement_pack
from billing.settlement import NoSettlement, WrongState
from billing.verification import read_archive, verify_pack
from foundation.values.month import Month

STATEMENT = "US-hrss-2026-03"
SETTLEMENT = "S-C-2026-01-2026-03"


def pack_of(town: Any, account: str, statement: str = STATEMENT) -> Any:
    return statement_pack(town.office, town.token(account), town.sources, statement, signer=town.signer("billing"))


def test_an_agency_has_its_own_pack_and_no_other(town: Any) -> None:
    assert pack_of(town, "hrss-1").name == "US-hrss-2026-03.v1.zip"
    with pytest.raises(UnknownStatement):
        pack_of(town, "housing-1")
    with pytest.raises(NoSettlement):
        settlement_pack(town.office, town.token("hrss-1"), town.sources, SETTLEMENT, signer=town.signer("billing"))


def test_buyer_and_agency_get_the_same_bytes(town: Any) -> None:
    mine = pack_of(town, "hrss-1").data
    assert pack_of(town, "bureau-1").data == mine
    files = read_archive(town.write_settlement_pack().read_bytes(), file="x")
    assert files["statements/US-hrss-2026-03.zip"] == mine


def test_a_draft_has_no_pack(confirmed_town: Any) -> None:
    town = confirmed_town
    town.draft()
    with pytest.raises(WrongState):
        town.write_settlement_pack()


def test_what_ended_after_the_month_changes_no_byte(town: Any) -> None:
    """A price that ends and a resource that closes in April: the pack of March stays what it was."""
    before = {name: path.read_bytes() for name, path in packs(town).items()}
    with town.store.transaction() as transaction:
        transaction.write(
            text("UPDATE price_version SET ends_at = '2026-04-30T16:00:00.000000Z' WHERE ends_at IS NULL")
        )
    town.register.held = tuple(replace(each, closed=Month(2026, 4).interval.end) for each in town.register.held)
    assert {name: path.read_bytes() for name, path in packs(town).items()} == before
    assert all(verify_pack(path, town.handed_out, town.ring).ok for path in packs(town).values())


def packs(town: Any) -> dict[str, Any]:
    return {"hrss": town.write_statement_pack("hrss"), "settlement": town.write_settlement_pack()}


def test_no_pack_is_made_of_a_day_file_that_was_changed(town: Any) -> None:
    path = next((town.folder / "usage" / "days").glob("2026-03-12.v1.parquet"))
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(BatchMissing):
        pack_of(town, "hrss-1")
