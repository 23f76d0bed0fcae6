"""The demo as a person on a fresh machine sees it."""

from __future__ import annotations

import sqlite3
import stat
from typing import Any

import pytest
from pypdf import PdfReader

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("demo")]

MONTH = "2026-03"


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
