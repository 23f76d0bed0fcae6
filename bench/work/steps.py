"""Steps per second beside a bare DBOS workflow whose steps commit the same fact; the idle worker beside an idle DBOS.

Usage: python bench/work/steps.py [--pairs 5] [--runs 50] [--steps 20] [--databases sqlite,postgresql]

Each figure is a whole process; the two sides take turns, and the figure is the median of the pairs' ratios. Ends with
1 when a ratio is under its floor. PostgreSQL is Debian's, durable (fsync on), started and stopped here.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))  # the servers of the tests serve here too

import bench.work.side  # noqa: E402, F401 - its table of facts stands on the metadata too
from foundation.store import metadata, open_store  # noqa: E402
from tests.postgres import cluster  # noqa: E402
from wiring.tables import gather  # noqa: E402

FLOORS = {"sqlite": 0.6, "postgresql": 0.5}
IDLE_CORE_PERCENT, IDLE_MEGABYTES = 1.0, 150.0


@contextmanager
def database(kind: str) -> Iterator[tuple[str, Path]]:
    """An empty record database of that kind: its URL, and a folder for what else a side needs."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="guanyun-bench-")))
        url = f"sqlite:///{folder}/records.db"
        if kind == "postgresql":
            server = stack.enter_context(cluster(durable=True))
            server.create("bench")
            url = server.url("bench")
        store = open_store(url)
        gather()
        metadata.create_all(store.engine)
        store.close()
        yield url, folder


def side(which: str, url: str, folder: Path, name: str, runs: int, steps: int, *more: str) -> subprocess.Popen[str]:
    """Start one side."""
    program = str(ROOT / "bench" / "work" / "side.py")
    command = [sys.executable, program, which, url, str(folder), name, str(runs), str(steps), *more]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)


def figures(process: subprocess.Popen[str]) -> dict[str, float]:
    """What a side printed at its end."""
    said, _ = process.communicate(timeout=600)
    if process.returncode:
        raise SystemExit(f"a side ended with {process.returncode}")
    found: dict[str, float] = json.loads(said.splitlines()[-1])
    return found


def pair(kind: str, runs: int, steps: int) -> tuple[float, float]:
    """Steps per second of ours and of the bare side, each on a fresh database."""
    speed = {}
    for which in ("bare", "ours"):
        with database(kind) as (url, folder):
            speed[which] = figures(side(which, url, folder, which, runs, steps))["steps_per_second"]
    return speed["ours"], speed["bare"]


def several(which: str, workers: int, runs: int, steps: int) -> float:
    """Steps per second of ``workers`` processes on one PostgreSQL, each with its share."""
    with database("postgresql") as (url, folder):
        shares = [side(which, url, folder, f"{which}{n}", runs // workers, steps) for n in range(workers)]
        found = [figures(share) for share in shares]
    return sum(each["steps"] for each in found) / max(each["seconds"] for each in found)


def idle() -> bool:
    """Print what an idle worker takes beside an idle bare DBOS; whether it is within its floor."""
    taken = {}
    for which in ("bare", "ours"):
        with database("sqlite") as (url, folder):
            taken[which] = figures(side(which, url, folder, which, 0, 0, "idle"))
    ours, bare = taken["ours"], taken["bare"]
    print(
        f"idle: ours {ours['core_percent']:.2f} % of a core, {ours['megabytes']:.0f} MB; "
        f"bare {bare['core_percent']:.2f} %, {bare['megabytes']:.0f} MB "
        f"(floor: bare + {IDLE_CORE_PERCENT} %, {IDLE_MEGABYTES:.0f} MB)"
    )
    return ours["core_percent"] <= bare["core_percent"] + IDLE_CORE_PERCENT and ours["megabytes"] <= IDLE_MEGABYTES


def main() -> int:
    """Measure, print, compare with the floors."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--pairs", type=int, default=5)
    options.add_argument("--runs", type=int, default=50)
    options.add_argument("--steps", type=int, default=20)
    options.add_argument("--databases", default="sqlite,postgresql")
    chosen = options.parse_args()
    held = idle()
    for kind in chosen.databases.split(","):
        pairs = [pair(kind, chosen.runs, chosen.steps) for _ in range(chosen.pairs)]
        ratio = statistics.median(ours / bare for ours, bare in pairs)
        ours, bare = (statistics.median(each) for each in zip(*pairs, strict=True))
        print(
            f"{kind}: ours {ours:.0f} steps/s, bare {bare:.0f}; ratio {ratio:.2f}, median of {chosen.pairs} pairs "
            f"(floor {FLOORS[kind]})"
        )
        held = held and ratio >= FLOORS[kind]
    if "postgresql" in chosen.databases:
        ours, bare = (several(which, 4, chosen.runs, chosen.steps) for which in ("ours", "bare"))
        print(f"postgresql, 4 workers: ours {ours:.0f} steps/s, bare {bare:.0f}; ratio {ours / bare:.2f}")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
