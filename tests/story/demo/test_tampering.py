"""Change one fen, one usage record, one minute, one audit entry: verify names it."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("demo")]

STATEMENT = "US-hrss-2026-03"


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
    assert "lines[2].amount" in ended.out


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
    words |= {str(line["amount"]) for line in other["lines"] if line["amount"] > 9999}
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
    value = {"subject": "'x'", "facts": "'{}'", "hash": f"'{'a' * 64}'"}[column]
    _change_database(
        demo.home,
        "drop trigger audit_entry_no_update",
        f"update audit_entry set {column} = {value} where number = 23",
    )
    ended = demo.verify_live()
    assert ended.code == 3
    assert "23" in ended.out
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
