"""The same story on data nobody here wrote: an anonymised machine room and CPU traces of real machines."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

pytestmark = pytest.mark.real

ROOT = Path(__file__).resolve().parents[3]
DATA = Path(os.environ.get("GUANYUN_REAL_DATA") or ROOT / ".." / "shared" / "data").resolve()


@pytest.fixture(
    scope="module",
    params=[pytest.param(False, id="room"), pytest.param(True, id="room-and-traces", marks=pytest.mark.drill)],
)
def real(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, teller: Any) -> Iterator[Any]:
    """The story told on the real files. With the traces its packs hold 343,080 records more: the drill's size."""
    room = DATA / "rvtools" / "sizing-workshop.xlsx"
    traces = sorted((DATA / "planetlab").glob("*.tar.gz"))
    if not room.exists() or len(traces) != 3:
        pytest.skip(f"no real input in {DATA}: set GUANYUN_REAL_DATA")
    replayed = [word for path in traces for word in ("--traces", str(path))] if request.param else []
    demo, ended = teller(tmp_path_factory.mktemp("real") / "demo", "--room", str(room), *replayed)
    assert ended.code == 0, ended.out[-4000:]
    yield Told(demo, replayed=request.param)
    demo.run("sandbox", "down")


@dataclass(frozen=True)
class Told:
    demo: Any
    replayed: bool


def test_the_story_ends_the_same_way(real: Told) -> None:
    [settlement] = real.demo.json("settlement", "list", account="li.qiang")
    assert settlement["state"] == "paid"
    packs = sorted((real.demo.home / "out").glob("*.pack"))
    assert len(packs) == 3
    assert all(real.demo.verify(pack).code == 0 for pack in packs)
    assert real.demo.verify_live().code == 0


def test_a_first_batch_of_25_machines_in_several_systems_is_really_deployed(real: Told) -> None:
    entries = real.demo.json("register", "list", account="chen.jing")
    machines = [entry for entry in entries if entry["kind"] == "instance"]
    assert len({entry["resource"] for entry in machines}) >= 25
    assert len({entry["system"] for entry in machines}) > 1
    for environment in real.demo.json("env", "list", account="wang.fang"):
        assert real.demo.run("env", "compare", environment["id"], account="wang.fang").code == 0


def test_plan_sizes_and_disk_time_and_replayed_use_are_billed(real: Told) -> None:
    bill = real.demo.json("statement", "show", "US-hrss-2026-03", account="liu.yang")
    assert {line["meter"] for line in bill["lines"]} == {"vcpu", "memory", "disk"} | (
        {"cpu-seconds"} if real.replayed else set()
    )


def test_every_trace_record_is_marked_replay(real: Told) -> None:
    table = pq.read_table(real.demo.home / "usage" / "days" / "2026-03-11.v1.parquet")
    sources: dict[str, set[str]] = defaultdict(set)
    for row in table.select(["meter", "source"]).to_pylist():
        sources[row["meter"]].add(row["source"])
    assert sources["vcpu"] == {"register"}
    assert sources["cpu-seconds"] == ({"replay"} if real.replayed else set())
