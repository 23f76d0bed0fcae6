"""The sheets and columns an import reads, under the names of every RVTools generation we know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from foundation.documents import Cell, Row
from foundation.values.findings import Finding, Place, Severity


@dataclass(frozen=True, slots=True)
class Column:
    """``name`` is how we call it, ``titles`` how exports do. Without a ``needed`` one nothing is imported."""

    name: str
    titles: tuple[str, ...]
    needed: bool = False


@dataclass(frozen=True, slots=True)
class SheetForm:
    """One sheet the import reads; all of them are needed."""

    name: str
    columns: tuple[Column, ...]


MACHINES = SheetForm(
    "vInfo",
    (
        Column("name", ("VM",), needed=True),
        Column("power", ("Powerstate",), needed=True),
        Column("template", ("Template",)),
        Column("vcpu", ("CPUs",), needed=True),
        Column("memory", ("Memory",), needed=True),
        Column("provisioned", ("Provisioned MB", "Provisioned MiB", "Total disk capacity MiB")),
        Column("host", ("Host",), needed=True),
        Column("cluster", ("Cluster",)),
        Column("datacenter", ("Datacenter",)),
        Column("configured_system", ("OS according to the configuration file",)),
        Column("tools_system", ("OS according to the VMware Tools",)),
        Column("dns_name", ("DNS Name",)),
        Column("uuid", ("VM UUID", "UUID")),
    ),
)
HOSTS = SheetForm(
    "vHost",
    (
        Column("name", ("Host",), needed=True),
        Column("datacenter", ("Datacenter",)),
        Column("cluster", ("Cluster",)),
        Column("cores", ("# Cores",)),
        Column("memory", ("# Memory",)),
        Column("vendor", ("Vendor",)),
        Column("model", ("Model",)),
        Column("serial", ("Service tag", "Serial number")),
    ),
)
PARTITIONS = SheetForm(
    "vPartition",
    (
        Column("machine", ("VM",), needed=True),
        Column("disk", ("Disk",)),
        Column("capacity", ("Capacity MB", "Capacity MiB"), needed=True),
    ),
)
NETWORKS = SheetForm(
    "vNetwork",
    (
        Column("machine", ("VM",), needed=True),
        Column("ipv4", ("IPv4 Address", "IP Address")),
        Column("ipv6", ("IPv6 Address",)),
    ),
)
FORMS = (MACHINES, HOSTS, PARTITIONS, NETWORKS)
SHEETS = tuple(form.name for form in FORMS)
"""The sheets ``import_room`` wants: hand them to ``read_workbook``."""


@dataclass(frozen=True, slots=True)
class Record:
    """One row of a sheet by our column names, with the place of each cell."""

    file: str
    form: SheetForm
    row: int
    cells: Mapping[str, Cell]
    titles: Mapping[str, str]

    def place(self, column: str) -> Place:
        """Where that column's cell is, by the title the file uses."""
        return Place(self.file, self.form.name, self.row, self.titles.get(column, _first_title(self.form, column)))

    def text(self, column: str) -> str:
        """The cell as trimmed text, empty where there is none."""
        value = self.cells.get(column)
        return "" if value is None else str(value).strip()


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet's rows and the titles its columns were found under."""

    records: tuple[Record, ...]
    titles: Mapping[str, str]


def table(file: str, form: SheetForm, rows: tuple[Row, ...]) -> tuple[Table, tuple[Finding, ...]]:
    """Read ``rows`` by their header row (the first that is not empty); absent columns are findings."""
    header_index = next((index for index, row in enumerate(rows) if any(cell is not None for cell in row)), None)
    header = () if header_index is None else rows[header_index]
    found = {str(cell).strip().casefold(): index for index, cell in reversed(list(enumerate(header)))}
    positions: dict[str, int] = {}
    titles: dict[str, str] = {}
    findings: list[Finding] = []
    for column in form.columns:
        title = next((title for title in column.titles if title.casefold() in found), None)
        if title is None:
            findings.append(_absent(file, form, column, None if header_index is None else header_index + 1))
        else:
            positions[column.name], titles[column.name] = found[title.casefold()], title
    records = () if header_index is None else tuple(_records(file, form, rows, header_index, positions, titles))
    return Table(records, titles), tuple(findings)


def _records(
    file: str,
    form: SheetForm,
    rows: tuple[Row, ...],
    header_index: int,
    positions: Mapping[str, int],
    titles: Mapping[str, str],
) -> Iterator[Record]:
    for index in range(header_index + 1, len(rows)):
        row = rows[index]
        if all(cell is None for cell in row):
            continue
        cells = {name: row[position] if position < len(row) else None for name, position in positions.items()}
        yield Record(file, form, index + 1, cells, titles)


def _first_title(form: SheetForm, name: str) -> str:
    return next((column.titles[0] for column in form.columns if column.name == name), name)


def _absent(file: str, form: SheetForm, column: Column, row: int | None) -> Finding:
    titles = " / ".join(column.titles)
    return Finding(
        code="takeover.room.column-absent",
        severity=Severity.ERROR if column.needed else Severity.NOTE,
        place=Place(file, form.name, row, column.titles[0]),
        found="",
        expected=titles,
        zh=f"工作表 {form.name} 缺少列“{titles}”" + (",无法导入" if column.needed else ",该项留空"),
        en=f"sheet {form.name} has no column {titles}"
        + ("; nothing can be imported" if column.needed else "; left empty"),
    )
