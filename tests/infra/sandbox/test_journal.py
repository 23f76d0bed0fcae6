from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from infra.errors import SandboxJournalBroken
from infra.sandbox.journal import Journal

AT = datetime(2026, 3, 1, 8, 30, 0, 123456, tzinfo=UTC)


def filled(path: Path, count: int) -> Journal:
    journal = Journal.open(path, "life")
    for number in range(count):
        journal.append(AT, {"PATH_INFO": f"/{number}"}, {"HTTP_X_A": "x_a"}, b"\x00body\xff")
    return journal


def test_what_was_appended_is_replayed_as_it_was(tmp_path: Path) -> None:
    filled(tmp_path / "journal", 2).close()
    journal = Journal.open(tmp_path / "journal", "another life")
    entries = list(journal.replay())
    assert [entry.number for entry in entries] == [1, 2]
    assert entries[1].environ == {"PATH_INFO": "/1"}
    assert entries[1].body == b"\x00body\xff"
    assert entries[1].at == AT
    assert journal.life == "life"


@pytest.mark.parametrize("lost", [1, 5, 40])
def test_a_torn_last_line_is_dropped_and_its_number_given_again(tmp_path: Path, lost: int) -> None:
    path = tmp_path / "journal"
    filled(path, 3).close()
    path.write_bytes(path.read_bytes()[:-lost])
    journal = Journal.open(path, "life")
    assert journal.entries == 2
    journal.append(AT, {"PATH_INFO": "/again"}, {}, b"")
    assert [entry.environ["PATH_INFO"] for entry in journal.replay()] == ["/0", "/1", "/again"]


def test_a_torn_first_line_begins_another_life(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    path.write_bytes(b"0123 {")
    assert Journal.open(path, "new").life == "new"


def test_a_damaged_line_in_the_middle_stops_the_start_and_is_named(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    filled(path, 3).close()
    path.write_bytes(path.read_bytes().replace(b'"/1"', b'"/9"'))
    with pytest.raises(SandboxJournalBroken) as broken:
        Journal.open(path, "life")
    assert broken.value.facts["line"] == 3


def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    filled(tmp_path / "journal", 1)
    assert (tmp_path / "journal").stat().st_mode & 0o077 == 0
