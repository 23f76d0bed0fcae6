"""A database that is locked, full or gone for a while: the worker says so, loses nothing, and goes on by itself."""

from __future__ import annotations

import resource
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest

from bench.work.kills import Drill
from bench.work.posts import EVERYONE, Post, drill_tables, started
from foundation.store import DatabaseUnavailable, metadata, open_store
from foundation.work.runs import RunState, find_runs
from foundation.work.runs.engine import EngineAddress
from tests import postgres

pytestmark = pytest.mark.real


@contextmanager
def drill_at(home: Path, database: str, engine: str) -> Iterator[Drill]:
    """A drill with its tables made."""
    with closing(Drill(home, database, EngineAddress(engine), slow=0.05)) as drill:
        metadata.create_all(drill.store.engine)
        drill_tables.create_all(drill.store.engine)
        yield drill


@contextmanager
def working(post: Post) -> Iterator[ForkServerProcess]:
    """A worker, which must be alive until it is stopped, and then end in order."""
    process = started(replace(post, stays=True))
    try:
        yield process
        assert process.exitcode is None, log(post)
        process.terminate()
        process.join(60)
        assert process.exitcode == 0, log(post)
    finally:
        process.kill()
        process.join()


def until(what: Callable[[], bool], post: Post, *, within: float = 60.0) -> None:
    deadline = time.monotonic() + within
    while not what():
        assert time.monotonic() < deadline, log(post)[-3000:]
        assert "Process ForkServer" not in log(post), log(post)[-3000:]
        time.sleep(0.02)


def log(post: Post) -> str:
    file = post.home / f"{post.name}.log"
    return file.read_text() if file.exists() else ""


def states(drill: Drill) -> list[RunState]:
    with drill.store.reading() as transaction:
        return [run.state for run in find_runs(transaction, EVERYONE, limit=1000)]


def under_way(drill: Drill) -> Callable[[], bool]:
    return lambda: RunState.RUNNING in states(drill)


def all_over(drill: Drill) -> Callable[[], bool]:
    return lambda: not {RunState.RUNNING, RunState.QUEUED} & set(states(drill))


def see_all_is_well(drill: Drill, *, deaths: int = 0) -> None:
    count = drill.finish()
    assert count.wrong == []
    with drill.store.reading() as transaction:
        runs = find_runs(transaction, EVERYONE, limit=1000)
    assert sum(run.failures for run in runs) == 0
    assert sum(run.deaths for run in runs) <= deaths


def test_a_database_locked_for_longer_than_the_worker_waits(tmp_path: Path) -> None:
    file = tmp_path / "records.db"
    with drill_at(tmp_path, f"sqlite:///{file}", f"sqlite:///{tmp_path}/journal.db") as drill:
        drill.ask(10)
        with working(replace(drill.post, patience=0.3)):
            until(under_way(drill), drill.post)
            with closing(sqlite3.connect(file, isolation_level=None, timeout=10)) as other:
                other.execute("BEGIN IMMEDIATE")
                until(lambda: "database is locked" in log(drill.post), drill.post)
                time.sleep(1.5)
                other.execute("ROLLBACK")
            until(all_over(drill), drill.post)
        assert "work.database-away" in log(drill.post)
        see_all_is_well(drill)


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A disk of 24 megabytes, where this process may mount one."""
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("only root can mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def test_a_full_disk(tmp_path: Path) -> None:
    with (
        small_disk(tmp_path / "disk") as disk,
        drill_at(tmp_path, f"sqlite:///{disk}/records.db", f"sqlite:///{disk}/journal.db") as drill,
    ):
        drill.ask(10)
        with working(drill.post):
            until(under_way(drill), drill.post)
            filler = disk / "filler"
            with filler.open("wb", buffering=0) as file, suppress(OSError):
                while True:
                    file.write(bytes(4096))
            until(lambda: "disk is full" in log(drill.post), drill.post)
            time.sleep(2.0)
            filler.unlink()
            until(all_over(drill), drill.post)
        see_all_is_well(drill)


def test_files_that_may_not_grow(tmp_path: Path) -> None:
    """A quota: every write past a size is refused, for the records and the engine's journal alike."""
    with drill_at(tmp_path, f"sqlite:///{tmp_path}/records.db", f"sqlite:///{tmp_path}/journal.db") as drill:
        drill.ask(10)
        with working(drill.post) as process:
            until(under_way(drill), drill.post)
            assert process.pid is not None
            size = (tmp_path / "records.db-wal").stat().st_size
            _, hard = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (max(size, 60_000), hard))
            until(lambda: "work.database-away" in log(drill.post), drill.post)
            time.sleep(1.0)
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (hard, hard))
            until(all_over(drill), drill.post)
        see_all_is_well(drill)


def test_a_worker_that_cannot_start_says_so(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/missing/records.db")
    with closing(store), pytest.raises(DatabaseUnavailable) as said, store.transaction():
        pass
    assert said.value.text("zh")


@pytest.fixture
def cluster() -> Iterator[postgres.Cluster]:
    """A server of its own, because it is stopped."""
    try:
        postgres.programs()
    except postgres.NotInstalled as missing:
        if postgres.is_debian():
            pytest.fail(str(missing), pytrace=False)
        pytest.skip(str(missing))
    with postgres.cluster(durable=True) as server:
        yield server


@pytest.mark.parametrize("seconds", [4, pytest.param(60, marks=pytest.mark.drill)])
def test_postgresql_gone_for_a_while(cluster: postgres.Cluster, tmp_path: Path, seconds: int) -> None:
    """Longer than the leases: whoever comes back first must not take the other's runs."""
    url = cluster.create("records")
    with drill_at(tmp_path, url, url) as drill:
        drill.ask(60)
        second = replace(drill.post, name="b")
        with working(drill.post), working(second):
            until(lambda: "work.worker-started" in log(drill.post), drill.post)
            until(lambda: "work.worker-started" in log(second), second)
            until(lambda: RunState.SUCCEEDED in states(drill), drill.post)
            cluster.stop()
            time.sleep(seconds)
            assert "work.database-away" in log(drill.post) + log(second)
            cluster.start()
            until(all_over(drill), drill.post, within=90)
        see_all_is_well(drill)


def test_postgresql_crashes_in_the_middle(cluster: postgres.Cluster, tmp_path: Path) -> None:
    url = cluster.create("records")
    with drill_at(tmp_path, url, url) as drill:
        drill.ask(24)
        with working(drill.post):
            until(lambda: RunState.SUCCEEDED in states(drill), drill.post)
            cluster.stop(signal.SIGQUIT)
            cluster.start()
            until(all_over(drill), drill.post, within=90)
        see_all_is_well(drill)
