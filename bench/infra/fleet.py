"""A fleet of fresh environments: our driver beside the plain Automation API and the bare calls, in one run.

Usage: python -m bench.infra.fleet [--count 40] [--resources 30] [--at-once 2] [--marginal 10,60] [--repeat 3]
       [--only driver]

Each side is a process of its own with a sandbox of its own. *Apply* is from the approved plan in hand to the end of the
deployment, with refresh and plan file on both engine sides; *no change* a plan with refresh of what was applied. The
marginal seconds a resource are the difference between stacks of two sizes. The plain Automation API has a passphrase,
as its guide does; beside it stands one with the driver's own secrets provider. Prints one line a figure and the ratios
with their floors; ends with 1 when one is missed. Drill size: ``--count 40``; once ``--count 200 --only driver``.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

from bench.infra.side import SIDES, Task
from infra import sandbox

FLOORS: dict[str, float | None] = {
    "apply : plain Automation API": 0.30,
    "apply : bare calls": 6.0,
    "no change : plain Automation API": 0.35,
    "apply : Automation API with keys": None,
    "no change : Automation API with keys": None,
    "marginal second a resource : bare": 2.0,
}


PHASES = {"bare": ("apply",), "driver": ("apply", "compare", "unchanged")}
"""A deployment of ours ends in the record with the cloud compared: that is part of its apply."""


@dataclass(frozen=True)
class Measured:
    """One phase of one side; ``sandbox`` are the CPU seconds of the cloud that it called."""

    seconds: float
    cpu: dict[str, float]
    megabytes: dict[str, int]
    sandbox: float


@contextmanager
def ground() -> Iterator[tuple[Path, dict[str, str], psutil.Process]]:
    """A folder, a fresh sandbox, and how to reach it."""
    with tempfile.TemporaryDirectory(prefix="guanyun-bench-") as folder:
        home = Path(folder)
        status = sandbox.up(home / "sandbox")
        try:
            cloud = {
                "AWS_ENDPOINT_URL": str(status.endpoint),
                "AWS_REGION": "cn-north-1",
                "AWS_ACCESS_KEY_ID": "guanyun",
                "AWS_SECRET_ACCESS_KEY": "guanyun",
            }
            yield home, cloud, psutil.Process(status.pid)
        finally:
            sandbox.down(home / "sandbox")


def measure(side: str, count: int, resources: int, at_once: int, phases: Sequence[str], script: str) -> list[Measured]:
    """Run one side through its phases."""
    with ground() as (home, cloud, process):
        task = Task(side, str(home / "engine"), cloud, count, resources, at_once, script)
        with _started(task) as (say, hear):
            hear()
            found = []
            for phase in phases:
                before = sum(process.cpu_times()[:2])
                say(phase)
                answer = json.loads(hear())
                found.append(Measured(**answer, sandbox=round(sum(process.cpu_times()[:2]) - before, 2)))
            return found


def recorded(resources: int) -> str:
    """The calls that make an environment of that size."""
    with (
        ground() as (home, cloud, _),
        _started(Task("record", str(home / "engine"), cloud, 1, resources, 1)) as (_, hear),
    ):
        return str(json.loads(hear()))


@contextmanager
def _started(task: Task) -> Iterator[tuple[Any, Any]]:
    command = [sys.executable, "-m", "bench.infra.side"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("no pipes")
        stdin, stdout = process.stdin, process.stdout

        def say(line: str) -> None:
            stdin.write(f"{line}\n")
            stdin.flush()

        def hear() -> str:
            line = stdout.readline()
            if not line:
                raise RuntimeError(f"{task.side} ended")
            return line

        say(json.dumps(asdict(task)))
        try:
            yield say, hear
        finally:
            stdin.close()
            process.wait(60)


def said(name: str, count: int, one: Measured) -> None:
    """One figure."""
    print(
        f"{name:28} {one.seconds / count:7.3f} s an environment ({one.seconds:.1f} s in all), CPU {one.cpu}, "
        f"sandbox {one.sandbox} s, peak MB {one.megabytes}",
        flush=True,
    )


def marginal(side: str, scripts: Mapping[int, str], count: int, at_once: int, repeat: int) -> float:
    """Seconds for each resource more, the median of some runs."""
    found = []
    for _ in range(repeat):
        (few, small), (many, large) = (
            (size, measure(side, count, size, at_once, ["apply"], script)[0].seconds / count)
            for size, script in scripts.items()
        )
        found.append((large - small) / (many - few))
    return statistics.median(found)


def main() -> int:
    """Measure, print, and compare with the floors."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--resources", type=int, default=30)
    parser.add_argument("--at-once", type=int, default=2)
    parser.add_argument("--marginal", default="10,60", help='two sizes, or "" for none')
    parser.add_argument("--marginal-count", type=int, default=4)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--only", choices=list(SIDES))
    given = parser.parse_args()
    print(f"{os.cpu_count()} × {platform.processor() or platform.machine()}, load {os.getloadavg()[0]:.1f}")
    script = recorded(given.resources)
    ratios: dict[str, float] = {}
    applied: dict[str, float] = {}
    unchanged: dict[str, float] = {}
    for side in [given.only] if given.only else ["bare", "driver", "plain", "plain-with-keys"]:
        phases = PHASES.get(side, ("apply", "unchanged"))
        found = dict(
            zip(phases, measure(side, given.count, given.resources, given.at_once, phases, script), strict=True)
        )
        for phase, one in found.items():
            said(f"{side}: {phase}", given.count, one)
        applied[side] = sum(one.seconds for phase, one in found.items() if phase != "unchanged")
        unchanged[side] = found["unchanged"].seconds if "unchanged" in found else 0.0
    if not given.only:
        ratios["apply : plain Automation API"] = applied["driver"] / applied["plain"]
        ratios["apply : Automation API with keys"] = applied["driver"] / applied["plain-with-keys"]
        ratios["no change : Automation API with keys"] = unchanged["driver"] / unchanged["plain-with-keys"]
        ratios["apply : bare calls"] = applied["driver"] / applied["bare"]
        ratios["no change : plain Automation API"] = unchanged["driver"] / unchanged["plain"]
        if given.marginal:
            scripts = {int(size): recorded(int(size)) for size in given.marginal.split(",")}
            ours, bare = (
                marginal(side, scripts, given.marginal_count, given.at_once, given.repeat)
                for side in ("driver", "bare")
            )
            print(f"marginal: driver {ours * 1000:.1f} ms a resource, bare {bare * 1000:.1f} ms")
            ratios["marginal second a resource : bare"] = ours / bare
    missed = False
    for name, ratio in ratios.items():
        floor = FLOORS[name]
        missed |= floor is not None and ratio > floor
        print(f"{name}: {ratio:.2f}" + (f" (floor {floor})" if floor is not None else ""))
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
