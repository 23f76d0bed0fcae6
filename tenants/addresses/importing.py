"""Importing the networks a department has, from its address management: YAML, CSV or XLSX; all findings at once."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from foundation.documents import read_workbook
from foundation.evidence import canonical_bytes, sha256_hex
from foundation.store import Transaction
from foundation.values.errors import InvalidValue
from foundation.values.findings import Finding, Place, Severity, blocking
from governance.audit import AuditEvent
from governance.authority import Act, Mandate, Office, acting, machine_scope
from governance.parties import PartyKind, parties
from governance.yaml_documents import Form, Text, read_form
from tenants.addresses.allotting import lock_plan, take_network
from tenants.addresses.conflicts import Known, conflicts_of
from tenants.addresses.model import Network, Span, parse_network, span_of
from tenants.addresses.tables import add_network, block_of, blocks, networks, pools
from tenants.errors import InvalidAddresses

TITLES: Mapping[str, tuple[str, ...]] = {
    "cidr": ("network", "prefix", "cidr", "subnet", "网段", "地址段", "子网"),
    "name": ("name", "description", "用途", "名称", "说明"),
    "agency": ("agency", "department", "tenant", "单位", "部门", "使用单位"),
    "site": ("site", "location", "机房", "地点", "站点"),
}
"""Under which titles exports keep each column; only the network is needed."""

LARGEST = 5_000_000
"""Bytes of a CSV file."""


@dataclass(frozen=True, slots=True)
class FoundNetwork:
    """One network of a file, with its place in it."""

    network: Network
    name: str
    agency: str
    site: str
    place: Place

    @property
    def span(self) -> Span:
        """Its numbers."""
        return span_of(self.network)


@dataclass(frozen=True, slots=True)
class Import:
    """What an import did: networks recorded, rows left out for their findings, all findings."""

    recorded: int
    left_out: int
    findings: tuple[Finding, ...]


class _Network(Form):
    network: Text
    name: Text | None = None
    agency: Text | None = None
    site: Text | None = None


class _Document(Form):
    networks: list[_Network]


def read_networks(path: Path, *, agency: str = "") -> tuple[tuple[FoundNetwork, ...], tuple[Finding, ...]]:
    """The file's networks that can be read, and every finding. ``agency``: whose they are where the file says none."""
    rows, findings = _rows(path)
    found, more = [], list(findings)
    for place, row in rows:
        whose = row.get("agency") or agency
        try:
            network = parse_network(row.get("cidr", ""))
        except InvalidValue as wrong:
            more.append(_finding("network", place, row.get("cidr", ""), str(wrong.facts["expected"]), _NETWORK))
            continue
        if not whose:
            more.append(_finding("agency-absent", place, "", "whose network it is", _AGENCY))
            continue
        found.append(FoundNetwork(network, row.get("name", ""), whose, row.get("site", ""), place))
    return tuple(found), tuple(more)


def import_networks(
    office: Office,
    token: str,
    found: Sequence[FoundNetwork],
    findings: Sequence[Finding] = (),
    *,
    file: str,
    partly: bool = False,
) -> Import:
    """Record the networks, none of them if anything is wrong with one; with ``partly``, those nothing is wrong with.

    One that lies in a pool takes its addresses there, so that nobody is handed them. Raises ``InvalidAddresses`` with
    every finding, ``Refused``.
    """
    with acting(office, token, Act.ADDRESS_IMPORT, f"networks:{file}") as mandate:
        lock_plan(mandate.transaction)
        by_network = _judge(mandate.transaction, found)
        every = (*findings, *(finding for each in by_network for finding in each))
        wrong = blocking(every)
        if wrong and not partly:
            raise InvalidAddresses(count=len(wrong), first_zh=wrong[0].zh, first_en=wrong[0].en, findings=every)
        good = [one for one, about in zip(found, by_network, strict=True) if not blocking(about)]
        new = sum(_record(mandate, one, file) for one in good)
        if new:
            digest = sha256_hex(canonical_bytes([[one.agency, one.site, str(one.network)] for one in good]))
            mandate.decide(f"networks:{file}", digest=digest)
            mandate.audit(AuditEvent.ADDRESSES_IMPORTED, f"networks:{file}", {"networks": new, "digest": digest})
        return Import(new, len(found) - len(good) + len(blocking(findings)), every)


def _judge(transaction: Transaction, found: Sequence[FoundNetwork]) -> list[list[Finding]]:
    agencies = {party.id for party in parties(transaction) if party.kind is PartyKind.AGENCY}
    scope = machine_scope()
    known = [
        *(Known("pool", pool.id, "", pool.cidr, pool.span) for pool in pools(transaction) if pool.published_at),
        *(Known("block", each.holder, each.agency or "", each.cidr, each.span) for each in blocks(transaction, scope)),
        *(
            Known("network", row["site"], row["agency"], row["cidr"], Span(row["first"], row["last"]))
            for row in networks(transaction, scope)
        ),
    ]
    found_known = [Known("new", one.site, one.agency, str(one.network), one.span) for one in found]
    judged = conflicts_of(found_known, known, [one.place for one in found])
    for one, about in zip(found, judged, strict=True):
        if one.agency not in agencies:
            about.append(_finding("agency", one.place, one.agency, "an agency on record", _NO_AGENCY))
    return judged


def _record(mandate: Mandate, one: FoundNetwork, file: str) -> bool:
    transaction, scope = mandate.transaction, machine_scope()
    row = {
        "agency": one.agency,
        "site": one.site,
        "cidr": str(one.network),
        "first": one.span.first,
        "last": one.span.last,
        "name": one.name[:200],
        "file": file[:200],
        "imported_at": mandate.now,
    }
    new = add_network(transaction, scope, row)
    holder = f"network:{one.agency}:{one.network}"
    inside = any(pool.published_at and pool.span.overlaps(one.span) for pool in pools(transaction))
    if new and inside and block_of(transaction, scope, holder) is None:
        take_network(transaction, holder, one.agency, one.network, mandate.now)
    return new


# the three kinds of file


def _rows(path: Path) -> tuple[Sequence[tuple[Place, Mapping[str, str]]], tuple[Finding, ...]]:
    match path.suffix.casefold():
        case ".xlsx":
            book, findings = read_workbook(path)
            if book is None:
                return (), findings
            sheets = [_table(path.name, name, rows) for name, rows in book.sheets.items() if rows]
            return [row for rows, _ in sheets for row in rows], tuple(each for _, found in sheets for each in found)
        case ".csv" | ".txt":
            return _csv(path)
        case _:
            form, findings = read_form(path, _Document, lambda form, problems: None)
            return [] if form is None else [_listed(path, *each) for each in enumerate(form.networks)], findings


def _listed(path: Path, index: int, each: _Network) -> tuple[Place, Mapping[str, str]]:
    cells = {"cidr": each.network, "name": each.name, "agency": each.agency, "site": each.site}
    return Place(file=path.name, field=f"networks[{index}]"), {name: cell or "" for name, cell in cells.items()}


def _csv(path: Path) -> tuple[Sequence[tuple[Place, Mapping[str, str]]], tuple[Finding, ...]]:
    place = Place(file=path.name)
    try:
        if path.stat().st_size > LARGEST:
            return (), (_finding("unreadable", place, "", f"at most {LARGEST} bytes", _UNREADABLE),)
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [tuple(cell or None for cell in row) for row in csv.reader(file, strict=True)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        return (), (_finding("unreadable", place, type(error).__name__, "a CSV file in UTF-8", _UNREADABLE),)
    return _table(path.name, "", rows)


def _table(
    file: str, sheet: str, rows: Sequence[Sequence[Any]]
) -> tuple[Sequence[tuple[Place, Mapping[str, str]]], tuple[Finding, ...]]:
    header = next((index for index, row in enumerate(rows) if any(cell is not None for cell in row)), None)
    titles = {} if header is None else _columns(rows[header])
    if header is None or "cidr" not in titles:
        expected = " / ".join(TITLES["cidr"])
        return (), (_finding("column-absent", Place(file, sheet, None, TITLES["cidr"][0]), "", expected, _COLUMN),)
    found = []
    for index in range(header + 1, len(rows)):
        row = rows[index]
        cells = {
            name: str(row[position]).strip()
            for name, position in titles.items()
            if position < len(row) and row[position] is not None
        }
        if cells:
            found.append((Place(file, sheet, index + 1, TITLES["cidr"][0]), cells))
    return found, ()


def _columns(header: Sequence[Any]) -> dict[str, int]:
    at = {str(cell).strip().casefold(): index for index, cell in reversed(list(enumerate(header))) if cell is not None}
    return {
        name: at[title.casefold()]
        for name, titles in TITLES.items()
        for title in titles[::-1]
        if title.casefold() in at
    }


_NETWORK = ("不是网段", "is no network")
_AGENCY = ("没有写明单位", "does not say whose it is")
_NO_AGENCY = ("没有这个使用单位", "there is no such agency")
_UNREADABLE = ("文件无法读取", "the file cannot be read")
_COLUMN = ("缺少网段列,无法导入", "there is no column of networks; nothing can be imported")


def _finding(code: str, place: Place, found: str, expected: str, words: tuple[str, str]) -> Finding:
    zh, en = words
    shown = f"{found}:" if found else ""
    return Finding(
        code=f"tenants.address.{code}",
        severity=Severity.ERROR,
        place=place,
        found=found[:80],
        expected=expected,
        zh=f"{shown}{zh}",
        en=f"{found + ': ' if found else ''}{en} (expected {expected})",
    )
