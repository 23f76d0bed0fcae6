"""Catalogues and price lists go out as YAML and as workbooks, and come back saying exactly the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foundation.documents import read_workbook
from governance.authority import Office
from governance.catalogue import (
    CatalogueDocument,
    Choice,
    Comparison,
    CostItem,
    FieldKind,
    FormField,
    Layer,
    Meter,
    MeterKind,
    Notice,
    Plan,
    PriceLine,
    PriceList,
    PriceUnit,
    Service,
    ServiceKind,
    catalogue_at,
    catalogue_workbook,
    catalogue_yaml,
    draft_catalogue,
    prices_workbook,
    prices_yaml,
    publish_catalogue,
    read_catalogue,
    read_price_file,
)
from tests import examples

AWKWARD = (
    "=1+1",
    "@SUM(A1:A9)",
    "+86 755",
    "-5",
    "'quoted'",
    'say "yes": no',
    "null",
    "true",
    "yes",
    "1e3",
    "0x10",
    "007",
    "2026-01-01",
    "# not a comment",
    "a: b",
    "- item",
    "{a}",
    "[b]",
    "& anchor",
    "*alias",
    "_x0041_",
    "http://a.example",
    "云主机·月(含税)",
    "𠮷野家",
    "e\u0301",
    "a\u00a0b",
    "~",
    "|",
    ">",
    "%",
    "`",
    "\\n",
    "<b>&amp;",
)
texts = (
    st.one_of(
        st.sampled_from(AWKWARD),
        st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp", "Cn", "Co")), min_size=1, max_size=40),
    )
    .map(str.strip)
    .filter(bool)
)
codes = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9.-]{0,20}", fullmatch=True)
names = st.from_regex(r"[a-z][a-z0-9_]{0,12}", fullmatch=True)


def _with_places(whole: int, places: int) -> Decimal:
    """``whole`` with its last digits behind the point, trailing zeros kept."""
    return Decimal((0, tuple(map(int, str(whole))), -places))


START = datetime(2020, 1, 1, tzinfo=UTC)
sizes = st.builds(_with_places, st.integers(1, 10**16), st.integers(0, 14))
money = st.builds(_with_places, st.integers(0, 10**11), st.integers(0, 8))
instants = st.integers(0, 20 * 366 * 86400).map(lambda seconds: START + timedelta(seconds=seconds))


def tables(values: st.SearchStrategy[object], least: int) -> st.SearchStrategy[dict[str, object]]:
    return st.dictionaries(names, values, min_size=least, max_size=3)


def one_by_code(things: st.SearchStrategy[object], most: int, least: int = 0) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(things, min_size=least, max_size=most, unique_by=lambda each: each.code).map(tuple)  # type: ignore[attr-defined]


plans = st.builds(Plan, codes, texts, texts, tables(sizes, 1), tables(texts, 0))
units = texts.filter(lambda text: len(text) <= 40)
meters = st.one_of(
    st.builds(Meter, codes, st.just(MeterKind.LEVEL), texts, texts, units, units, names),
    st.builds(
        Meter,
        codes,
        st.sampled_from([kind for kind in MeterKind if kind is not MeterKind.LEVEL]),
        texts,
        texts,
        units,
        units,
    ),
)
choices = st.builds(Choice, codes, texts, texts)
fields = st.one_of(
    st.builds(
        FormField, codes, st.just(FieldKind.CHOICE), texts, texts, st.booleans(), choices=one_by_code(choices, 3, 1)
    ),
    st.builds(
        FormField,
        codes,
        st.sampled_from([FieldKind.TEXT, FieldKind.INTEGER, FieldKind.DECIMAL]),
        texts,
        texts,
        st.booleans(),
        st.none() | st.integers(0, 10).map(Decimal),
        st.none() | sizes.map(lambda size: size + 10),
    ),
    st.builds(FormField, codes, st.sampled_from([FieldKind.DATE, FieldKind.BOOLEAN]), texts, texts, st.booleans()),
)


@st.composite
def services(draw: st.DrawFn) -> Service:
    kind = draw(st.sampled_from(ServiceKind))
    sla = draw(st.one_of(st.just(""), codes))
    return Service(
        draw(codes),
        draw(st.sampled_from(Layer)),
        kind,
        draw(texts),
        draw(texts),
        draw(one_by_code(plans, 2)) if kind is ServiceKind.RESOURCE else (),  # type: ignore[arg-type]
        draw(one_by_code(meters, 3, 1)),  # type: ignore[arg-type]
        sla,
        "unreachable-minute" if sla else "",
        draw(one_by_code(fields, 2)),  # type: ignore[arg-type]
    )


def _plans_once(offered: list[Service]) -> bool:
    every = [plan.code for service in offered for plan in service.plans]
    return len(every) == len(set(every))


catalogues = st.builds(
    CatalogueDocument,
    codes,
    st.lists(services(), min_size=1, max_size=3, unique_by=lambda each: each.code).filter(_plans_once).map(tuple),
    instants,
    st.one_of(st.just(""), codes),
)


@st.composite
def price_lines(draw: st.DrawFn) -> PriceLine:
    basis = tuple(draw(st.lists(st.builds(CostItem, texts, texts, money), max_size=3)))
    price = sum((item.amount for item in basis), Decimal(0)) if basis else draw(money)
    comparison = tuple(draw(st.lists(st.builds(Comparison, texts, money), max_size=2)))
    return PriceLine(draw(codes), draw(codes), draw(st.sampled_from(PriceUnit)), price, basis, comparison)


@st.composite
def price_lists(draw: st.DrawFn) -> PriceList:
    start = draw(instants)
    end = draw(st.none() | st.integers(1, 10**6).map(lambda minutes: start + timedelta(minutes=minutes)))
    cites = draw(st.one_of(codes.map("contract:{}".format), texts.map("notice:{}".format)))
    rate = draw(st.integers(0, 99).map(lambda percent: Decimal(percent) / 100))
    lines = draw(st.lists(price_lines(), min_size=1, max_size=3, unique_by=lambda line: (line.service, line.meter)))
    return PriceList(
        draw(codes), cites, start, draw(st.booleans()), rate, tuple(lines), draw(st.one_of(st.just(""), codes)), end
    )


many_lists = st.lists(price_lists(), min_size=1, max_size=3, unique_by=lambda each: each.id).map(
    lambda lists: sorted(lists, key=lambda each: (each.start, each.id))
)
notices = st.lists(
    st.builds(Notice, texts, texts, texts, texts, st.dates(date(2000, 1, 1), date(2040, 1, 1))),
    max_size=2,
    unique_by=lambda each: each.number,
)
quickly = settings(max_examples=60, deadline=None)
through_a_child = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""Every example starts the confined process that reads workbooks."""


@quickly
@given(catalogues)
def test_a_catalogue_goes_through_yaml_and_its_text_is_the_same_again(document: CatalogueDocument) -> None:
    with TemporaryDirectory() as folder:
        path, text = Path(folder) / "catalogue.yaml", catalogue_yaml(document)
        path.write_bytes(text.encode())
        read, findings = read_catalogue(path)
        assert findings == ()
        assert read == document
        assert catalogue_yaml(read) == text


@quickly
@given(many_lists, notices)
def test_price_lists_go_through_yaml_and_their_text_is_the_same_again(
    lists: list[PriceList], told: list[Notice]
) -> None:
    with TemporaryDirectory() as folder:
        path, text = Path(folder) / "prices.yaml", prices_yaml(lists, told)
        path.write_bytes(text.encode())
        read, findings = read_price_file(path)
        assert findings == ()
        assert read is not None
        assert (list(read.lists), list(read.notices)) == (lists, told)
        assert prices_yaml(read.lists, read.notices) == text


def cells(path: Path) -> object:
    book, findings = read_workbook(path)
    assert book is not None, findings
    return book.sheets


@pytest.mark.real
@through_a_child
@given(catalogues)
def test_a_catalogue_goes_through_a_workbook_and_its_cells_are_the_same_again(document: CatalogueDocument) -> None:
    with TemporaryDirectory() as folder:
        path, again = Path(folder) / "catalogue.xlsx", Path(folder) / "again.xlsx"
        path.write_bytes(catalogue_workbook(document))
        read, findings = read_catalogue(path)
        assert findings == ()
        assert read == document
        again.write_bytes(catalogue_workbook(read))
        assert cells(again) == cells(path)
        assert catalogue_yaml(read) == catalogue_yaml(document)


@pytest.mark.real
@through_a_child
@given(many_lists, notices)
def test_price_lists_go_through_a_workbook_and_their_cells_are_the_same_again(
    lists: list[PriceList], told: list[Notice]
) -> None:
    with TemporaryDirectory() as folder:
        path, again = Path(folder) / "prices.xlsx", Path(folder) / "again.xlsx"
        path.write_bytes(prices_workbook(lists, told))
        read, findings = read_price_file(path)
        assert findings == ()
        assert read is not None
        assert (list(read.lists), list(read.notices)) == (lists, told)
        again.write_bytes(prices_workbook(read.lists, read.notices))
        assert cells(again) == cells(path)
        assert prices_yaml(read.lists, read.notices) == prices_yaml(lists, told)


@pytest.mark.parametrize("suffix", ["yaml", "xlsx"])
def test_what_is_in_force_comes_out_and_going_in_again_changes_nothing(
    office: Office, people: dict[str, str], tmp_path: Path, suffix: str
) -> None:
    document = examples.catalogue()
    draft_catalogue(office, people["bureau-1"], document)
    publish_catalogue(office, people["bureau-2"], document.id)
    with office.store.reading() as transaction:
        standing = catalogue_at(transaction, document.start)
    path = tmp_path / f"catalogue.{suffix}"
    path.write_bytes(catalogue_workbook(standing) if suffix == "xlsx" else catalogue_yaml(standing).encode())
    read, findings = read_catalogue(path)
    assert read is not None, findings
    again = draft_catalogue(office, people["bureau-1"], read)
    assert (again.new, again.changes) == (False, ())
    # nor under another name: it says what is on offer anyway
    renamed = draft_catalogue(office, people["bureau-1"], replace(read, id="another-name"))
    assert (renamed.new, renamed.changes) == (False, ())
