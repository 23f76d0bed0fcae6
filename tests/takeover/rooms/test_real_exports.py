"""The two exports nobody here wrote, and the one we did."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

from foundation.documents import Workbook, read_workbook
from foundation.values.findings import Severity
from takeover.rooms import SHEETS, Room, import_room, summarise


def test_the_805_machines_give_exactly_these_findings(real_workbook: Workbook) -> None:
    room, findings = import_room(real_workbook)
    assert room is not None
    counts = Counter(finding.code.removeprefix("takeover.room.") for finding in findings)
    absent = counts.pop("column-absent")
    assert counts == {
        "host-unknown": 32,
        "host-without-machines": 28,
        "machine-template": 10,
        "machine-off": 42,
        "partitions-absent": 42,
        "tools-system-absent": 19,
    }
    assert absent == 3
    summary = summarise(room, findings)
    assert (summary.machines, summary.hosts, summary.machines_on_unknown_hosts) == (805, 34, 754)
    assert summary.movable == 763
    assert sum(len(machine.addresses) for machine in room.machines) == 805
    assert all(finding.place.file and finding.place.sheet and finding.place.field for finding in findings)
    assert not any(finding.severity is Severity.ERROR for finding in findings)


def test_the_newer_generation_is_read_too(real_data: Path) -> None:
    book, findings = read_workbook(real_data / "rvtools" / "small-complete.xlsx", sheets=SHEETS)
    assert book is not None, findings
    room, findings = import_room(book)
    assert room is not None, findings
    assert [(one.name, one.vcpu, one.memory_mb, one.disk_gb) for one in room.machines] == [
        ("sample-web-01", 2, 8192, 120),
        ("sample-db-01", 4, 16384, 320),
        ("sample-archive-01", 2, 4096, 80),
    ]
    assert room.machines[1].addresses == ("10.10.2.20", "10.10.3.20")
    codes = Counter(finding.code for finding in findings)
    assert codes == {"takeover.room.column-absent": 11, "takeover.room.machine-off": 1}


def test_the_example_room_has_twelve_machines_of_which_ten_move(example_room: Room) -> None:
    assert len(example_room.machines) == 12
    assert sum(machine.movable for machine in example_room.machines) == 10
    assert max(machine.vcpu for machine in example_room.machines) == 8
    assert max(machine.memory_mb for machine in example_room.machines) == 32 * 1024


def test_the_example_room_is_what_its_script_writes(tmp_path: Path) -> None:
    examples = Path(__file__).resolve().parents[3] / "examples"
    written = tmp_path / "room.xlsx"
    subprocess.run([sys.executable, str(examples / "make_room.py"), str(written)], check=True, timeout=60)
    assert written.read_bytes() == (examples / "room.xlsx").read_bytes()
