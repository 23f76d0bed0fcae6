"""``verify --live``: one change in database, usage store or audit log, and what it names."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import text

from billing.verification import Verification
from billing.verification.errors import NeedsWholeScope
from foundation.evidence import canonical_text
from governance.audit import entry_hash
from governance.audit.chain import Entry


def said(found: Verification) -> list[str]:
    return [each.en for each in found.findings if each.severity == "error"]


def write(town: Any, *statements: str, **values: Any) -> None:
    with town.store.transaction() as transaction:
        for statement in statements:
            transaction.write(text(statement).bindparams(**values) if ":" in statement else text(statement))


def edit_document(town: Any, table: str, where: str, change: Any) -> None:
    with town.store.transaction() as transaction:
        document = json.loads(transaction.value(text(f"SELECT document FROM {table} WHERE {where}")))
        change(document)
        statement = text(f"UPDATE {table} SET document = :document WHERE {where}")
        transaction.write(statement.bindparams(document=canonical_text(document)))


def test_untouched_it_verifies_and_says_how_far_the_log_is_anchored(town: Any) -> None:
    found = town.verify_live()
    assert said(found) == []
    assert found.ok
    assert found.checked["audit entries anchored"] > 0
    assert found.checked["audit entries unanchored"] > 0
    assert any("unanchored tail of" in each.en for each in found.findings)


def test_an_agency_cannot_check_what_is_over_all(town: Any) -> None:
    with pytest.raises(NeedsWholeScope):
        town.verify_live("hrss-1")


def test_one_fen_of_a_statement_names_it_and_its_line(town: Any) -> None:
    def one_fen(bill: dict[str, Any]) -> None:
        bill["lines"][1]["amount"] += 1

    edit_document(town, "usage_statement", "agency = 'hrss'", one_fen)
    verification = town.verify_live()
    found = said(verification)
    assert any("US-hrss-2026-03 v1 does not have its digest" in each for each in found)
    assert any("line 2" in each for each in found)
    assert not any(each.place.sheet.startswith("US-housing") for each in verification.findings)


def test_a_statement_whose_digest_was_changed_with_it_is_still_named(town: Any) -> None:
    from billing.statements.model import digest

    def one_fen(bill: dict[str, Any]) -> None:
        bill["lines"][1]["amount"] += 1
        write(town_, "UPDATE usage_statement SET digest = :digest WHERE agency = 'hrss'", digest=digest(bill))

    town_ = town
    with town.store.reading() as transaction:
        bill = json.loads(transaction.value(text("SELECT document FROM usage_statement WHERE agency = 'hrss'")))
    one_fen(bill)
    write(town, "UPDATE usage_statement SET document = :document WHERE agency = 'hrss'", document=canonical_text(bill))
    found = said(town.verify_live())
    assert any("US-hrss-2026-03 v1 is not the one in the audit log" in each for each in found)
    assert any("line 2" in each for each in found)


def test_one_fen_of_a_settlement_names_it(town: Any) -> None:
    def one_fen(bill: dict[str, Any]) -> None:
        bill["lines"][0]["amount"] += 1

    edit_document(town, "settlement", "version = 1", one_fen)
    found = said(town.verify_live())
    assert any("S-C-2026-01-2026-03 v1 does not have its digest" in each for each in found)
    assert any("line 1" in each for each in found)


def test_a_statement_deleted_is_named(town: Any) -> None:
    write(town, "DELETE FROM usage_statement WHERE agency = 'housing'")
    assert any("tells of US-housing-2026-03 v1" in each for each in said(town.verify_live()))


def test_one_record_in_the_usage_store_names_the_series_day(town: Any) -> None:
    path = next((town.folder / "usage" / "days").glob("2026-03-12.v1.parquet"))
    table = pq.read_table(path)
    rows = table.to_pylist()
    row = next(each for each in rows if (each["resource"], each["meter"]) == ("vm-web", "vcpu"))
    row["quantity"] += Decimal("0.000001")
    pq.write_table(pa.Table.from_pylist(rows, table.schema), path)
    found = said(town.verify_live())
    assert any("(hrss, vm-web, vcpu, 2026-03-12) was changed" in each for each in found)


def test_a_record_taken_out_of_the_usage_store_names_the_series_day(town: Any) -> None:
    path = next((town.folder / "usage" / "days").glob("2026-03-12.v1.parquet"))
    table = pq.read_table(path)
    rows = [row for row in table.to_pylist() if (row["resource"], row["meter"]) != ("vm-fund", "memory")]
    pq.write_table(pa.Table.from_pylist(rows, table.schema), path)
    assert any("(housing, vm-fund, memory, 2026-03-12) is gone" in each for each in said(town.verify_live()))


@pytest.mark.parametrize("damage", [b"", b"no parquet"])
def test_a_usage_file_that_cannot_be_read_names_its_day(town: Any, damage: bytes) -> None:
    path: Path = next((town.folder / "usage" / "days").glob("2026-03-12.v1.parquet"))
    path.write_bytes(damage)
    assert any("usage file of 2026-03-12" in each for each in said(town.verify_live()))


def test_a_recorded_leaf_that_no_longer_leads_to_the_root_names_day_and_series(town: Any) -> None:
    where = "day = '2026-03-12' AND label = 'vm-web|vcpu'"
    write(town, f"UPDATE usage_day_leaf SET leaf = '{'0' * 64}' WHERE {where}")
    found = said(town.verify_live())
    assert any("leaves of 2026-03-12 no longer lead to usage-2026-03-12.v1" in each for each in found)
    assert any("(hrss, vm-web, vcpu, 2026-03-12) was changed" in each for each in found)


def test_a_root_changed_with_its_leaves_is_found_by_the_one_handed_out(town: Any) -> None:
    """The whole day rewritten in the database: only the reader's copy knows better."""
    write(town, f"UPDATE usage_day_agency SET salt = '{'1' * 64}' WHERE day = '2026-03-12'")
    assert any("2026-03-12 no longer lead to" in each for each in said(town.verify_live()))


def test_one_sli_minute_names_the_series_day(town: Any) -> None:
    day = date(2026, 3, 9)
    town.sli.minutes["hrss", day] = "d" + town.sli.minutes["hrss", day][1:]
    assert any("(hrss, cloud-host, 2026-03-09)" in each for each in said(town.verify_live()))


def test_one_audit_entry_is_named(town: Any) -> None:
    write(
        town,
        "DROP TRIGGER audit_entry_no_update",
        "UPDATE audit_entry SET person = 'p-somebody' WHERE number = 40",
    )
    assert any("audit entry 40: its content was changed" in each for each in said(town.verify_live()))


def test_an_audit_entry_deleted_is_named(town: Any) -> None:
    write(town, "DROP TRIGGER audit_entry_no_delete", "DELETE FROM audit_entry WHERE number = 40")
    assert any("audit entry 40: " in each for each in said(town.verify_live()))


def test_a_chain_hashed_anew_does_not_lead_to_the_heads_handed_out(town: Any) -> None:
    from sqlalchemy import select, update

    from governance import audit
    from governance.audit import audit_table

    with town.store.transaction() as transaction:
        transaction.write(text("DROP TRIGGER audit_entry_no_update"))
        previous = None
        for entry in list(audit.entries(transaction)):
            values: dict[str, Any] = {"person": "p-else"} if entry.number == 40 else {}
            if previous is not None and entry.number > 40:
                values["previous"] = previous
            changed = Entry(**{**{name: getattr(entry, name) for name in entry.__slots__}, **values})
            previous = entry_hash(changed)
            row = update(audit_table).where(audit_table.c.number == entry.number)
            transaction.write(row.values(**values, hash=previous))
        assert transaction.rows(select(audit_table.c.number))
    found = said(town.verify_live())
    assert any("was changed: it does not lead to audit-" in each for each in found)


def test_a_truncated_log_is_found(town: Any) -> None:
    write(town, "DROP TRIGGER audit_entry_no_delete", "DELETE FROM audit_entry WHERE number > 50")
    assert any("cut off before entry" in each for each in said(town.verify_live()))


def test_a_price_ended_later_changes_no_closed_bill(town: Any) -> None:
    write(town, "UPDATE price_version SET ends_at = '2026-04-30T16:00:00.000000Z' WHERE ends_at IS NULL")
    assert said(town.verify_live()) == []


def test_a_price_edited_is_found(town: Any) -> None:
    write(town, "UPDATE price_version SET price = '21.49000000' WHERE meter = 'memory'")
    assert any("memory" in each for each in said(town.verify_live()))


def test_a_document_that_cannot_be_read_is_a_finding(town: Any) -> None:
    write(town, "UPDATE usage_statement SET document = '{ }' WHERE agency = 'hrss'")
    assert any("statements cannot be read" in each for each in said(town.verify_live()))
