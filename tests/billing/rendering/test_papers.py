"""What a bill shows: its own numbers and digest, aligned, on the terminal and on every page."""

from __future__ import annotations

import io
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pypdf
import pytest
from rich.cells import cell_len
from rich.console import Console

from billing.rendering import Paper, acts_of, print_paper, settlement_paper, statement_paper
from billing.rendering.page import paper_pdf
from billing.rendering.paper import percent, price_text, shown
from billing.settlement import service as settling
from billing.statements import service as stating
from foundation.documents.pdf import FONT_FOLDERS
from foundation.values.money import format_yuan
from governance.authority import viewing

needs_fonts = pytest.mark.skipif(
    not any(folder.is_dir() for folder in FONT_FOLDERS), reason="the Debian package fonts-noto-cjk is not installed"
)


@pytest.fixture
def settlement(town: Any) -> tuple[Paper, dict[str, Any]]:
    with viewing(town.office, town.token("auditor-1")) as view:
        row = settling.find_settlement(view, "S-C-2026-01-2026-03")
        acts = acts_of(settling.history_of(view, row), {"bureau": "主管部门"})
    return settlement_paper(row.document, digest=row.digest, state=row.state.value, acts=acts), row.document


@pytest.fixture
def statement(town: Any) -> tuple[Paper, dict[str, Any]]:
    row = stating.statement(town.office, town.token("hrss-1"), "US-hrss-2026-03")
    bill: dict[str, Any] = dict(row.document)
    return statement_paper(bill, digest=row.digest, state=row.state.value, agency="市人社局"), bill


def printed(paper: Paper, width: int = 120, language: Any = "zh") -> str:
    console = Console(file=io.StringIO(), width=width)
    print_paper(paper, console, language=language)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def pages(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]


def test_the_terminal_shows_every_line_and_the_digest(settlement: tuple[Paper, dict[str, Any]]) -> None:
    paper, bill = settlement
    text = printed(paper)
    for line in bill["lines"]:
        assert format_yuan(line["amount"]) in text
    assert paper.digest in text
    assert "finance-2" in text


def test_wide_characters_stay_in_their_columns(statement: tuple[Paper, dict[str, Any]]) -> None:
    """The amounts end in one column, whatever Chinese stands to their left."""
    paper, bill = statement
    ends = {
        cell_len(line.rstrip())
        for line in printed(paper).splitlines()
        if any(line.rstrip().endswith(f" {format_yuan(each['amount'])}") for each in bill["lines"])
        and line.strip()[0].isdigit()
    }
    assert len(ends) == 1


def test_a_name_is_never_markup_on_the_terminal(statement: tuple[Paper, dict[str, Any]]) -> None:
    paper, _ = statement
    hostile = "[red]甲[/red] [link=x]"
    facts = tuple(replace(fact, value=hostile) for fact in paper.facts)
    assert hostile in printed(replace(paper, facts=facts))


def test_both_languages(statement: tuple[Paper, dict[str, Any]]) -> None:
    paper, _ = statement
    assert "服务扣减" in printed(paper)
    assert "SLA deductions" in printed(paper, language="en")


@needs_fonts
def test_the_digest_stands_on_every_page(statement: tuple[Paper, dict[str, Any]], town: Any) -> None:
    paper, _ = statement
    sheet = paper.sheets[0]
    long = replace(paper, sheets=(replace(sheet, rows=sheet.rows * 12), *paper.sheets[1:]))
    found = pages(paper_pdf(long, created=town.office.clocks.real()))
    assert len(found) > 2
    assert all(paper.digest in page for page in found)
    assert all(f"{number}/{len(found)}" in page.replace(" ", "") for number, page in enumerate(found, 1))


@needs_fonts
def test_a_page_shows_chinese_and_harmless_markup(settlement: tuple[Paper, dict[str, Any]], town: Any) -> None:
    paper, _ = settlement
    hostile = "甲 #panic() $x$ *y* _z_ `w` @v <u>"
    facts = tuple(replace(fact, value=hostile) for fact in paper.facts)
    text = "".join(pages(paper_pdf(replace(paper, facts=facts), created=town.office.clocks.real())))
    assert "结算明细" in text
    assert "市住房和城乡建设局" in text
    assert text.count("#panic()") == len(paper.facts)
    assert "$x$" in text


@needs_fonts
def test_the_same_bill_gives_the_same_page(settlement: tuple[Paper, dict[str, Any]], town: Any) -> None:
    at = town.office.clocks.real()
    assert paper_pdf(settlement[0], created=at) == paper_pdf(settlement[0], created=at)


def test_numbers_are_shown_without_losing_a_fen() -> None:
    assert shown(Fraction(1, 3)) == "0.333333"
    assert shown(Fraction(5, 10**7)) == "0.000001"
    assert shown(Decimal("120.500000")) == "120.5"
    assert percent(Decimal("0.1")) == "10 %"
    assert percent(Fraction(-1, 20)) == "-5 %"
    assert [price_text(text) for text in ("6800", "45.6", "0.00001", "1234567.5")] == [
        "6,800.00",
        "45.60",
        "0.00001",
        "1,234,567.50",
    ]
