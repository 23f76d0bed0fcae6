"""Kills: workers ended by ``kill -9`` at named points and at any moment, until every run is over; then the count.

Usage: python -m bench.work.kills [KILLS]. Prints kills, facts, parked runs, seconds; ends with 1 if anything is wrong.
"""

from __future__ import annotations

import itertools
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field, replace
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from bench.work.posts import (
    AGAIN,
    EVERYONE,
    FACTS,
    LEASE,
    ONCE,
    POINTS,
    Post,
    audit_table,
    drill_tables,
    fact_table,
    kinds_of,
    real_clock,
    started,
)
from foundation.store import metadata, open_store
from foundation.values.ids import random_ids
from foundation.work.runs import OPEN, Job, RunState, StepState, enqueue_many, find_runs, read_steps, resolve, retry
from foundation.work.runs.engine import EngineAddress


@dataclass
class Count:
    """What a drill found."""

    kills: int = 0
    at: Counter[str] = field(default_factory=Counter)
    runs: int = 0
    facts: int = 0
    parked: int = 0
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        where = ", ".join(f"{point} {many}" for point, many in sorted(self.at.items()))
        return (
            f"{self.kills} kills ({where}), {self.runs} runs, {self.facts} facts, {self.parked} times parked, "
            f"{len(self.wrong)} wrong, {self.seconds:.0f} s"
        )


class Drill:
    """Runs asked for, workers killed, parked runs decided as a person would, and the final count."""

    def __init__(self, home: Path, database: str, engine: EngineAddress, *, seed: int = 1, slow: float = 0.002) -> None:
        self.post = Post(home, database, engine, slow=slow)
        self.count = Count()
        self.chance = random.Random(seed)  # noqa: S311 - a drill that can be repeated
        self.store = open_store(database)
        self._asked = 0

    def close(self) -> None:
        """Give back the connections."""
        self.store.close()

    def ask(self, many: int) -> None:
        """Ask for more runs, so that at least ``many`` are open."""
        with self.store.transaction() as transaction:
            left = len(find_runs(transaction, EVERYONE, states=OPEN - {RunState.PARKED}, limit=many))
            jobs = []
            for _ in range(many - left):
                self._asked += 1
                kind = "blind" if self._asked % 4 == 0 else "mixed"
                jobs.append(Job(kind, {"n": self._asked}, key=str(self._asked), agency=f"agency-{self._asked % 3}"))
            kinds = kinds_of(self.post.world)
            if jobs:
                enqueue_many(transaction, jobs, kinds=kinds, clock=real_clock, ids=random_ids)

    def decide(self) -> None:
        """What a person does with parked runs: look at the real world and say what happened, or try again."""
        happened = self.post.world.count()
        with self.store.transaction() as transaction:
            for run in find_runs(transaction, EVERYONE, states={RunState.PARKED}, limit=1000):
                if not (run.reason and run.reason_zh and run.reason_en):
                    self.count.wrong.append(f"{run.id} is parked and does not say why")
                newest = {row.step: row for row in read_steps(transaction, EVERYONE, run)}
                unknown = [row.step for row in newest.values() if row.state is StepState.UNKNOWN]
                for step in unknown[:1]:
                    done = happened["once", run.id, step] > 0
                    say: dict[str, Any] = {"happened": done, "because": "looked", "outcome": step if done else None}
                    resolve(transaction, EVERYONE, run.id, step, clock=real_clock, **say)
                if not unknown:
                    retry(transaction, EVERYONE, run.id, clock=real_clock)

    def kill(self, post: Post, *, within: float) -> bool:
        """Start a worker and see it die, at its point or at the latest after ``within`` seconds."""
        process = started(post)
        process.join(within)
        by_itself = process.exitcode == -signal.SIGKILL
        process.kill()
        process.join()
        self._note(process, post.point if by_itself else "any moment")
        return process.exitcode == -signal.SIGKILL

    def _note(self, process: ForkServerProcess, where: str) -> None:
        if process.exitcode == -signal.SIGKILL:
            self.count.kills += 1
            self.count.at[where] += 1
        elif process.exitcode != 0:
            self.count.wrong.append(f"a worker ended with {process.exitcode}: see its log")

    def one_worker(self, kills: int, *, open_runs: int = 8) -> None:
        """Kills of the only worker: half at each point in turn, half at any moment."""
        # A step that was just begun is asked about at once, before another kill can come in between.
        plan = [at for point in POINTS for at in (point, "") if (point, at) != ("begun", "")]
        turns = itertools.cycle(plan)
        while self.count.kills < kills:
            self.ask(open_runs)
            if self.chance.random() < 0.5:
                self.decide()
            point = next(turns)
            if point:
                nth = 1 if point in {"adopted", "probed"} else self.chance.randint(1, 4)
                self.kill(replace(self.post, point=point, nth=nth), within=5.0)
            else:
                self.kill(self.post, within=self.chance.uniform(0.02, 0.8))

    def two_workers(self, kills: int, *, open_runs: int = 16) -> None:
        """Kills of one of two; sometimes its successor comes late, and the other takes the runs over."""
        until = self.count.kills + kills
        points = 0
        post = replace(self.post, stays=True, slow=10 * self.post.slow)  # so that there is work left for both
        other = started(replace(post, name="b"))
        try:
            while self.count.kills < until:
                self.ask(open_runs)
                if self.chance.random() < 0.5:
                    self.decide()
                point = POINTS[points % len(POINTS)] if self.chance.random() < 0.5 else ""
                points += bool(point)
                dying = replace(post, name="a", point=point, nth=self.chance.randint(1, 2))
                self.kill(dying, within=2.5 if point else self.chance.uniform(0.02, 1.0))
                if self.chance.random() < 0.1:
                    other.kill()
                    other.join()
                    self._note(other, "the other worker, at any moment")
                    other = started(replace(post, name="b"))
                if self.chance.random() < 0.1:
                    time.sleep(LEASE.total_seconds() * 1.2)
        finally:
            other.terminate()
            other.join(30)
            other.kill()
            other.join()

    def finish(self, *, within: float = 60.0) -> Count:
        """Let everything come to its end, a person deciding what is parked; then count."""
        for _ in range(20):
            self.decide()
            with self.store.reading() as transaction:
                if not find_runs(transaction, EVERYONE, states=OPEN, limit=1):
                    break
            process = started(self.post)
            process.join(within)
            if process.exitcode != 0:
                process.kill()
                process.join()
                self.count.wrong.append(f"a worker did not come to its end within {within} s ({process.exitcode})")
                break
        self.check()
        return self.count

    def check(self) -> None:
        """From the records and from the outside world: lost, twice, and whatever says no reason."""
        wrong, world = self.count.wrong, self.post.world.count()
        with self.store.reading() as transaction:
            runs = find_runs(transaction, EVERYONE, limit=1_000_000)
            many = select(fact_table.c.run, fact_table.c.step, func.count().label("many"))
            found = {
                (row["run"], row["step"]): row["many"]
                for row in transaction.rows(many.group_by(fact_table.c.run, fact_table.c.step))
            }
            entries = transaction.rows(select(audit_table))
        self.count.runs, self.count.facts = len(runs), sum(found.values())
        ends = Counter(row["run"] for row in entries if row["event"] != "parked")
        parked = [row for row in entries if row["event"] == "parked"]
        self.count.parked = len(parked)
        wrong += [f"{row['run']} was parked without a reason" for row in parked if not row["because"]]
        for run in runs:
            if run.state is not RunState.SUCCEEDED:
                wrong.append(f"{run.id} ({run.kind}) is {run.state}: {run.reason}")
                continue
            if ends[run.id] != 1:
                wrong.append(f"{run.id} has {ends[run.id]} audit entries of its end")
            expected = [(f"fact {step}", found.pop((run.id, step), 0)) for step in FACTS[run.kind]]
            expected.append((f"once {ONCE[run.kind]}", world["once", run.id, ONCE[run.kind]]))
            wrong += [f"{run.id}: {what} {times} times" for what, times in expected if times != 1]
            if not world["again", run.id, AGAIN[run.kind]]:
                wrong.append(f"{run.id}: {AGAIN[run.kind]} never took place")
        wrong += [f"{key} happened {times} times" for key, times in world.items() if key[0] == "once" and times > 1]
        wrong += [f"a fact of no run that succeeded: {key}" for key in found]


def drill(home: Path, database: str, engine: EngineAddress, *, kills: int, workers: int, seed: int = 1) -> Count:
    """``kills`` kills on a new database; the tables are made here."""
    began = time.monotonic()
    with closing(Drill(home, database, engine, seed=seed)) as here:
        metadata.create_all(here.store.engine)
        drill_tables.create_all(here.store.engine)
        if workers == 1:
            here.one_worker(kills)
        else:
            here.two_workers(kills)
        count = here.finish()
    count.seconds = time.monotonic() - began
    return count


def main() -> int:
    """On SQLite, in a temporary folder."""
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    with tempfile.TemporaryDirectory(prefix="guanyun-kills-") as folder:
        home = Path(folder)
        engine = EngineAddress(f"sqlite:///{home}/journal.db")
        count = drill(home, f"sqlite:///{home}/records.db", engine, kills=kills, workers=1)
    print(count)
    for wrong in count.wrong[:50]:
        print(" ", wrong)
    return 1 if count.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
