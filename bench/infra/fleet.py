"""A fleet of fresh environments: our deployments beside the plain Automation API and the bare calls, in one run.

Usage: python -m bench.infra.fleet [--count 40] [--plain-count 20] [--rounds 2] [--resources 30] [--at-once 2]
       [--only driver] [--with-keys]
       python -m bench.infra.fleet --marginal 10,60 [--marginal-count 6] [--repeat 3]

Each side is a process of its own with a sandbox of its own, and the sides take turns, ``rounds`` times. *Apply* is from
the approved plan in hand to the end of the deployment in the record, with refresh and plan file on both engine sides;
*no change* a plan with refresh of what was applied. The plain Automation API is measured on ``plain-count``
environments, for it takes the same time for each and long; every figure is by environment. It has a passphrase, as its
guide does; ``--with-keys`` puts one with the driver's own secrets provider beside it. The marginal seconds a resource
are the difference between stacks of two sizes. Prints one line a figure and the ratios with their floors, and ends
with 1 when one is missed. Once ``--count 200 --only driver --rounds 1``.
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
from datetime import UTC, datetime
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


PHASES = {"bare": ("apply",)}
"""Of the others, apply and no change."""


@dataclass(frozen=True)
class Measured:
    """One phase of one side; ``sandbox`` are the CPU seconds of the cloud that it called."""

    seconds: float
    cpu: dict[str, float]
    megabytes: dict[str, int]
    sandbox: float

    @property
    def processors(self) -> float:
        """CPU seconds of the side, its engines and its sandbox."""
        return sum(self.cpu.values()) + self.sandbox

    def __add__(self, other: Measured) -> Measured:
        return Measured(
            self.seconds + other.seconds,
            {name: round(value + other.cpu[name], 2) for name, value in self.cpu.items()},
            {name: max(value, other.megabytes[name]) for name, value in self.megabytes.items()},
            round(self.sandbox + other.sandbox, 2),
        )


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


def marginal(sizes: Sequence[int], count: int, at_once: int, repeat: int) -> float:
    """Seconds for each resource more, ours to the bare calls'; the sides and sizes take turns."""
    few, many = sizes
    scripts = {size: recorded(size) for size in sizes}
    found: dict[str, list[float]] = {"driver": [], "bare": []}
    for _ in range(repeat):
        for side, seconds in found.items():
            small, large = (measure(side, count, size, at_once, ["apply"], scripts[size])[0] for size in sizes)
            more = count * (many - few)
            seconds.append((large.seconds - small.seconds) / more)
            spent = (large.processors - small.processors) / more
            print(f"marginal: {side} {seconds[-1] * 1000:.1f} ms a resource, CPU {spent * 1000:.1f} ms", flush=True)
    ours, bare = (statistics.median(found[side]) for side in ("driver", "bare"))
    print(f"marginal, medians of {repeat}: driver {ours * 1000:.1f} ms a resource, bare {bare * 1000:.1f} ms")
    return ours / bare


def turns(given: argparse.Namespace) -> tuple[dict[str, dict[str, Measured]], dict[str, int]]:
    """Every side in turns: side → phase → what it took in all; and how many environments it did."""
    script = recorded(given.resources)
    wanted = {"bare": given.count, "driver": given.count, "plain": given.plain_count}
    if given.with_keys:
        wanted["plain-with-keys"] = given.plain_count
    counts = {side: count for side, count in wanted.items() if given.only in (None, side)}
    found: dict[str, dict[str, Measured]] = {side: {} for side in counts}
    for number in range(given.rounds):
        for side, count in counts.items():
            share = count // given.rounds + (number < count % given.rounds)
            phases = PHASES.get(side, ("apply", "unchanged")) if share else ()
            for phase, one in zip(
                phases, measure(side, share, given.resources, given.at_once, phases, script), strict=True
            ):
                found[side][phase] = found[side][phase] + one if phase in found[side] else one
    return found, counts


def ratios_of(found: Mapping[str, Mapping[str, Measured]], counts: Mapping[str, int]) -> dict[str, float]:
    """The figures that have floors, by environment."""

    def each(side: str, phase: str) -> float:
        return found[side][phase].seconds / counts[side]

    ratios = {
        "apply : plain Automation API": each("driver", "apply") / each("plain", "apply"),
        "apply : bare calls": each("driver", "apply") / each("bare", "apply"),
        "no change : plain Automation API": each("driver", "unchanged") / each("plain", "unchanged"),
    }
    if "plain-with-keys" in found:
        for phase, name in (("apply", "apply"), ("unchanged", "no change")):
            ratios[f"{name} : Automation API with keys"] = each("driver", phase) / each("plain-with-keys", phase)
    return ratios


def main() -> int:
    """Measure, print, and compare with the floors."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--plain-count", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--resources", type=int, default=30)
    parser.add_argument("--at-once", type=int, default=2)
    parser.add_argument("--marginal", default="", help="two sizes, such as 10,60: this figure alone")
    parser.add_argument("--marginal-count", type=int, default=6)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--only", choices=list(SIDES))
    parser.add_argument("--with-keys", action="store_true")
    given = parser.parse_args()
    before = os.getloadavg()[0]
    ratios: dict[str, float] = {}
    if given.marginal:
        sizes = [int(size) for size in given.marginal.split(",")]
        ratio = marginal(sizes, given.marginal_count, given.at_once, given.repeat)
        ratios["marginal second a resource : bare"] = ratio
    else:
        found, counts = turns(given)
        for side, phases in found.items():
            for phase, one in phases.items():
                said(f"{side}: {phase}", counts[side], one)
        if not given.only:
            ratios = ratios_of(found, counts)
    missed = False
    for name, ratio in ratios.items():
        floor = FLOORS[name]
        missed |= floor is not None and ratio > floor
        print(f"{name}: {ratio:.2f}" + (f" (floor {floor})" if floor is not None else ""))
    machine = f"{os.cpu_count()} × {platform.processor() or platform.machine()}"
    load = f"load {before:.1f} before, {os.getloadavg()[0]:.1f} after"
    print(f"{datetime.now(UTC).date()} {commit()} {machine}, {load}; {' '.join(sys.argv[1:])}")
    return int(missed)


def commit() -> str:
    """The commit that was measured; with + where files were changed since."""
    said = subprocess.run(["git", "describe", "--always", "--dirty=+"], stdout=subprocess.PIPE, text=True, check=False)
    return said.stdout.strip() or "?"


if __name__ == "__main__":
    sys.exit(main())
