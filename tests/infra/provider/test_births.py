"""What the creates of a deployment were answered, on file."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from infra.provider.births import note_birth, read_births


def test_no_file_is_no_births(tmp_path: Path) -> None:
    assert read_births(tmp_path / "births.jsonl") == {}


def test_many_threads_lose_no_line_and_the_file_is_its_owners(tmp_path: Path) -> None:
    file = tmp_path / "births.jsonl"
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda n: note_birth(file, kind="Vpc", token=f"t-{n}", id=f"vpc-{n}"), range(400)))
    assert read_births(file) == {f"t-{n}": f"vpc-{n}" for n in range(400)}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_last_answer_of_a_create_counts(tmp_path: Path) -> None:
    file = tmp_path / "births.jsonl"
    note_birth(file, kind="Vpc", token="t", id="vpc-1")
    note_birth(file, kind="Vpc", token="t", id="vpc-2")
    assert read_births(file) == {"t": "vpc-2"}


@pytest.mark.parametrize("torn", ['{"kind": "Vpc", "tok', "{}", "[]", "\udcff", '{"token": "x"}'])
def test_a_line_that_was_cut_hides_no_other(tmp_path: Path, torn: str) -> None:
    file = tmp_path / "births.jsonl"
    note_birth(file, kind="Vpc", token="a", id="vpc-1")
    with file.open("a", encoding="utf-8", errors="surrogateescape") as open_file:
        open_file.write(torn)
    note_birth(file, kind="Vpc", token="b", id="vpc-2")
    assert read_births(file) == {"a": "vpc-1", "b": "vpc-2"}
