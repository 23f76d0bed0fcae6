"""Rooms made of rows, and the real exports where they are at hand."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from foundation.documents import Cell, Workbook, read_workbook
from takeover.rooms import SHEETS, Room, import_room

ROOT = Path(__file__).resolve().parents[2]
Sheets = Mapping[str, Sequence[Sequence[Cell]]]

INFO = ("VM", "Powerstate", "Template", "CPUs", "Memory", "Provisioned MiB", "Datacenter", "Cluster", "Host")
INFO_SYSTEMS = ("OS according to the configuration file", "OS according to the VMware Tools", "DNS Name", "VM UUID")
HOST = ("Host", "Datacenter", "Cluster", "# Cores", "# Memory", "Vendor", "Model", "Service tag")
PARTITION = ("VM", "Disk", "Capacity MiB")
NETWORK = ("VM", "IPv4 Address", "IPv6 Address")


class Rows:
    """Rows of an export, as a test wants them."""

    def machine(
        self,
        name: Cell,
        *,
        cpus: Cell = 2,
        memory: Cell = 4096,
        provisioned: Cell = 51200,
        power: Cell = "poweredOn",
        template: Cell = "False",
        cluster: str = "c1",
        host: str = "h1",
        tools: str | None = "Linux",
    ) -> tuple[Cell, ...]:
        """A row of vInfo under ``INFO + INFO_SYSTEMS``."""
        return (name, power, template, cpus, memory, provisioned, "dc", cluster, host, "Linux", tools, None, None)

    def sheets(self, *machines: tuple[Cell, ...]) -> dict[str, Sequence[Sequence[Cell]]]:
        """A complete export around ``machines``: one host, a partition of 40 GiB and an address for each."""
        return {
            "vInfo": (INFO + INFO_SYSTEMS, *machines),
            "vHost": (HOST, ("h1", "dc", "c1", 16, 65536, "v", "m", "s")),
            "vPartition": (PARTITION, *((row[0], "/", 40960) for row in machines if row[0])),
            "vNetwork": (NETWORK, *((row[0], "10.0.0.1", None) for row in machines if row[0])),
        }

    def workbook(self, content: Sheets) -> Workbook:
        """The rows as ``read_workbook`` would give them."""
        return Workbook("room.xlsx", {name: tuple(tuple(row) for row in rows) for name, rows in content.items()})

    def room(self, *machines: tuple[Cell, ...]) -> Room:
        """The room of these machines, or the findings that stand against it."""
        room, findings = import_room(self.workbook(self.sheets(*machines)))
        assert room is not None, findings
        return room


@pytest.fixture(scope="session")
def rows() -> Rows:
    """Makes rows; it has no state."""
    return Rows()


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of inputs nobody here wrote."""
    folder = Path(os.environ.get("GUANYUN_REAL_DATA", ROOT / ".." / "shared" / "data"))
    if not (folder / "rvtools").is_dir():
        pytest.skip(f"no real data at {folder}: set GUANYUN_REAL_DATA")
    return folder


@pytest.fixture(scope="session")
def real_workbook(real_data: Path) -> Workbook:
    """The anonymised export of 805 machines."""
    book, findings = read_workbook(real_data / "rvtools" / "sizing-workshop.xlsx", sheets=SHEETS)
    assert book is not None, findings
    return book


@pytest.fixture(scope="session")
def real_room(real_workbook: Workbook) -> Room:
    """Its room."""
    room, findings = import_room(real_workbook)
    assert room is not None, findings
    return room


@pytest.fixture(scope="session")
def example_room() -> Room:
    """The room that ships in ``examples/``."""
    book, findings = read_workbook(ROOT / "examples" / "room.xlsx", sheets=SHEETS)
    assert book is not None, findings
    room, findings = import_room(book)
    assert room is not None, findings
    return room
