"""The demo as a person on a fresh machine sees it, and what happens to whoever tampers with its end.

One module, so that one test process tells the story once for all of it.
"""

from __future__ import annotations

import json
import sqlite3
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from pypdf import PdfReader

pytestmark = pytest.mark.real

MONTH = "2026-03"
STATEMENT = "US-hrss-2026-03"


def _audit_length(told: Any) -> int:
    with sqlite3.connect(f"file:{told.home}/records.db?mode=ro", uri=True) as connection:
        return int(connection.execute("select max(number) from audit_entry").fetchone()[0])


def test_the_story_ends_paid_with_every_pack_verified(told: Any) -> None:
    settlements = told.json("settlement", "list", account="li.qiang")
    assert [(each["id"], each["state"]) for each in settlements] == [("S-C-2026-01-2026-03", "paid")]
    statements = told.json("statement", "list", MONTH, account="wang.fang")
    assert {(each["agency"], each["state"]) for each in statements} == {("hrss", "confirmed"), ("housing", "confirmed")}
    packs = sorted((told.home / "out").glob("*.pack"))
    assert len(packs) == 3
    for pack in packs:
        assert told.verify(pack).code == 0


def test_a_second_run_changes_nothing_says_so_and_takes_under_a_minute(told: Any) -> None:
    before = _audit_length(told)
    again = told.run("demo", "run", "--home", str(told.home))
    assert again.code == 0, again.out[-3000:]
    assert "nothing changed" in again.out
    assert "什么都没有改变" in again.out
    assert _audit_length(told) == before
    assert again.seconds < 60


def test_the_cloud_holds_exactly_what_the_engine_says(told: Any) -> None:
    environments = told.json("env", "list", account="wang.fang")
    assert len(environments) == 4
    for environment in environments:
        assert told.run("env", "compare", environment["id"], account="wang.fang").code == 0


def test_each_bill_line_names_what_it_rests_on(told: Any) -> None:
    bill = told.json("statement", "show", f"US-hrss-{MONTH}", account="liu.yang")
    assert bill["charged"] == sum(line["amount"] for line in bill["lines"])
    assert bill["payable"] == bill["charged"] + sum(each["amount"] for each in bill["deductions"])
    assert len(bill["deductions"]) >= 1
    fields = {"quantity", "price", "amount", "project", "system", "fund_source", "price_version"}
    assert all(fields <= set(line) for line in bill["lines"])
    versions = {line["price_version"] for line in bill["lines"] if line["meter"] == "vcpu"}
    assert len(versions) == 2, "the price changed in the middle of the month"


def test_an_agency_reads_its_own_and_nothing_of_the_other(told: Any) -> None:
    assert told.run("statement", "show", f"US-housing-{MONTH}", account="liu.yang").code != 0
    assert {each["agency"] for each in told.json("request", "list", account="liu.yang")} == {"hrss"}
    assert {each["agency"] for each in told.json("register", "list", account="huang.tao")} == {"housing"}
    assert told.run("settlement", "show", "S-C-2026-01-2026-03", account="liu.yang").code != 0


def test_refusals_are_in_the_audit_log_with_their_rule(told: Any) -> None:
    refused = told.json("audit", "list", "--refused", account="xu.hui")
    rules = [(each["account"], each["facts"]["rule"]) for each in refused]
    assert ("chen.jing", "R09") in rules
    assert ("chen.jing.bureau", "R09") in rules
    assert ("wang.fang", "I02") in rules
    assert told.run("audit", "verify", account="xu.hui").code == 0


def test_the_pdf_is_readable_chinese_with_its_digest_on_every_page(told: Any) -> None:
    [settlement] = told.json("settlement", "list", account="li.qiang")
    pages = PdfReader(told.home / "out" / "S-C-2026-01-2026-03.pdf").pages
    texts = [page.extract_text() for page in pages]
    assert "结算单" in texts[0]
    assert all(settlement["digest"][:16] in text.replace("\n", "").replace(" ", "") for text in texts)


def test_secrets_are_files_of_mode_0600(told: Any) -> None:
    secret = [*(told.home / "keys").iterdir(), *(told.home / "sessions").iterdir(), told.home / "demo-passwords.json"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in secret} == {0o600}


def test_a_demo_is_made_only_in_an_empty_database(told: Any) -> None:
    ended = told.run("demo", "init")
    assert ended.code == 2
    assert "governance.not-empty" in ended.out


def _members(pack: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(pack) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _rewritten(pack: Path, out: Path, member: str, change: Callable[[Any], None]) -> Path:
    files = _members(pack)
    document = json.loads(files[member])
    change(document)
    text = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    files[member] = text.encode()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out


def _member(pack: Path, part: str) -> str:
    return next(name for name in sorted(_members(pack)) if part in name)


def test_one_fen_in_a_pack_is_named_by_its_line(told: Any, tmp_path: Path) -> None:
    pack = told.home / "out" / f"{STATEMENT}.pack"

    def change(bill: Any) -> None:
        bill["lines"][2]["amount"] += 1

    ended = told.verify(_rewritten(pack, tmp_path / "p.pack", "statement.json", change))
    assert ended.code == 3
    assert "lines 3.amount" in ended.out


@pytest.mark.parametrize(("kind", "told_as"), [("usage/2026-03-17", "2026-03-17"), ("sli/2026-03-09", "2026-03-09")])
def test_one_record_or_minute_in_a_pack_is_named_by_its_series_day(
    told: Any, tmp_path: Path, kind: str, told_as: str
) -> None:
    pack = told.home / "out" / f"{STATEMENT}.pack"
    labels: list[str] = []

    def change(day: Any) -> None:
        label = sorted(day["series"])[0]
        labels.append(label)
        row = day["series"][label][0]
        if "states" in row:
            row["states"] = ("d" if row["states"][0] == "u" else "u") + row["states"][1:]
        else:
            row[2] = row[2] + "1"

    ended = told.verify(_rewritten(pack, tmp_path / "p.pack", _member(pack, kind), change))
    assert ended.code == 3
    assert told_as in ended.out
    assert labels[0].split("|")[0] in ended.out


def test_an_agencys_pack_holds_nothing_of_the_other(told: Any) -> None:
    own = _members(told.home / "out" / f"{STATEMENT}.pack")
    other = json.loads(_members(told.home / "out" / "US-housing-2026-03.pack")["statement.json"])
    words = {"housing", "住建", "住房", "huang.tao", "yang.li", "gjj-", "fw-app"}
    words |= {resource for line in other["lines"] for resource in line["resources"]}
    mine = {line["amount"] for line in json.loads(own["statement.json"])["lines"]}
    words |= {str(line["amount"]) for line in other["lines"] if line["amount"] > 9999 and line["amount"] not in mine}
    for name, data in own.items():
        text = data.decode()
        assert not [word for word in words if word in text], name


def test_the_settlement_pack_holds_every_statements_pack(told: Any) -> None:
    files = _members(told.home / "out" / "S-C-2026-01-2026-03.pack")
    assert sum(name.startswith("statements/") for name in files) == 2


def _change_database(home: Path, *statements: str) -> None:
    with sqlite3.connect(home / "records.db") as connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


def test_untouched_records_hold(told: Any, copied: Callable[[], Any]) -> None:
    ended = copied().verify_live()
    assert ended.code == 0, ended.out


def test_one_fen_in_the_database_names_the_statement(copied: Callable[[], Any]) -> None:
    demo = copied()
    with sqlite3.connect(demo.home / "records.db") as connection:
        (text,) = connection.execute("select document from usage_statement where id = ?", (STATEMENT,)).fetchone()
        bill = json.loads(text)
        bill["lines"][0]["amount"] += 1
        changed = json.dumps(bill, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        connection.execute("update usage_statement set document = ? where id = ?", (changed, STATEMENT))
    connection.close()
    ended = demo.verify_live()
    assert ended.code == 3
    assert STATEMENT in ended.out


def test_one_price_in_the_database_names_the_statements_it_bears_on(copied: Callable[[], Any]) -> None:
    demo = copied()
    _change_database(demo.home, "update price_version set price = '49.00000000' where price like '48.%'")
    ended = demo.verify_live()
    assert ended.code == 3
    assert STATEMENT in ended.out


def test_one_usage_record_in_the_store_names_the_series_day(copied: Callable[[], Any]) -> None:
    demo = copied()
    path = next((demo.home / "usage" / "days").glob("2026-03-11.v*.parquet"))
    table = pq.read_table(path)
    rows = table.to_pylist()
    rows[0]["quantity"] += 1
    pq.write_table(type(table).from_pylist(rows, schema=table.schema), path)
    ended = demo.verify_live()
    assert ended.code == 3
    assert "2026-03-11" in ended.out
    assert rows[0]["resource"] in ended.out


def test_one_minute_in_the_database_names_the_series_day(copied: Callable[[], Any]) -> None:
    demo = copied()
    _change_database(demo.home, "update sli_day set states = 'd' || substr(states, 2) where day = '2026-03-12'")
    ended = demo.verify_live()
    assert ended.code == 3
    assert "2026-03-12" in ended.out
    assert "cloud-host" in ended.out


@pytest.mark.parametrize("column", ["subject", "facts", "hash"])
def test_one_audit_entry_is_named_by_its_number(copied: Callable[[], Any], column: str) -> None:
    demo = copied()
    value = {"subject": "'x'", "facts": "'{\"forged\":1}'", "hash": f"'{'a' * 64}'"}[column]
    _change_database(
        demo.home,
        "drop trigger audit_entry_no_update",
        f"update audit_entry set {column} = {value} where number = 60",
    )
    ended = demo.verify_live()
    assert ended.code == 3
    assert "60" in ended.out
    assert demo.run("audit", "verify", account="xu.hui").code == 3


def test_a_truncated_audit_log_is_found_at_the_head_handed_out(copied: Callable[[], Any]) -> None:
    demo = copied()
    anchored = max(int(path.stem.split("-")[1]) for path in (demo.home / "handed-out").glob("audit-*.json"))
    _change_database(
        demo.home, "drop trigger audit_entry_no_delete", f"delete from audit_entry where number >= {anchored}"
    )
    ended = demo.verify_live()
    assert ended.code == 3
    assert str(anchored) in ended.out
