"""The command line as a process, against a small demo installation that is made once and copied for each test."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

import wiring.demo
from foundation.store import open_store
from foundation.values.instant import parse_instant
from tests import forked
from tests.logins import leave_session
from wiring.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = "from cli.main import main; main()"
START = parse_instant("2026-02-24T09:00:00+08:00", field="start")
USUAL = {"wang.fang": "operate", "zhang.min": "draft", "zhao.lei": "settle"}
"""What those of the demo who have several duties are logged in for unless a test says otherwise."""

_QUICK = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))


@dataclass(frozen=True)
class Ended:
    """How a process ended. ``memory``, where measured, is in bytes: the sum of the peaks of all of its tree."""

    code: int
    out: str
    err: str
    seconds: float
    memory: int = 0


Guanyun = Callable[..., Ended]


@dataclass(frozen=True)
class Home:
    """An installation of one test, and who has logged in where."""

    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """What a command needs to find it; English and Chinese, no terminal."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GUANYUN_")}
        return kept | {"GUANYUN_HOME": str(self.folder), "GUANYUN_SESSION": str(self.session), "HOME": str(self.folder)}

    @property
    def session(self) -> Path:
        """The login token's file."""
        return self.folder / "session"

    @property
    def database(self) -> Path:
        """The record database."""
        return self.folder / "records.db"

    def passwords(self) -> dict[str, str]:
        """The demo's passwords by account."""
        read: dict[str, str] = json.loads((self.folder / "demo-passwords.json").read_text(encoding="utf-8"))
        return read

    def log_in(self, account: str, duty: str = "") -> str:
        """Leave a token for an account under one duty, without the cost of a login; returns it."""
        token = f"token-of-{account}-{duty}"
        store = open_store(f"sqlite:///{self.database}")
        with store.transaction() as transaction:
            leave_session(transaction, account, token, duty=duty or USUAL.get(account, ""))
        store.close()
        self.session.write_text(json.dumps({"account": account, "token": token}), encoding="utf-8")
        return token


@pytest.fixture(scope="session")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "home"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wiring.demo, "hash_password", _QUICK.hash)
        wiring.demo.init_demo(Settings(home=folder), start=START)
    return folder


@pytest.fixture
def home(_made: Path, tmp_path: Path) -> Home:
    """A demo installation whose business stands at the end of February 2026."""
    shutil.copytree(_made, tmp_path / "home")
    return Home(tmp_path / "home")


@pytest.fixture
def guanyun(home: Home) -> Guanyun:
    """Run ``guanyun`` with these words as a process of its own; with ``program`` one that Python starts whole."""

    def run(
        *words: str | Path,
        env: Mapping[str, str | None] | None = None,
        text: str = "",
        program: str = "",
        descriptors: Sequence[int] = (),
    ) -> Ended:
        changed = {name: value for name, value in (home.environment | dict(env or {})).items() if value is not None}
        started = time.monotonic()
        if program:
            done = subprocess.run(
                [sys.executable, "-c", program, *map(str, words)],
                capture_output=True,
                input=text,
                env=changed,
                cwd=ROOT,
                text=True,
                pass_fds=descriptors,
                start_new_session=True,  # no terminal to ask on
                timeout=90,
                check=False,
            )
        else:
            done = forked.run(words, env=changed, text=text, descriptors=descriptors)
        return Ended(done.returncode, done.stdout, done.stderr, time.monotonic() - started)

    return run


@pytest.fixture
def measured(home: Home) -> Guanyun:
    """Run ``guanyun`` whole, start-up and all, and tell what it took: ``seconds`` are the processors', of it and its
    children, for other tests use the same ones."""

    def run(*words: str | Path) -> Ended:
        before = _processor_seconds()
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *map(str, words)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=home.environment,
            cwd=ROOT,
            text=True,
            start_new_session=True,
        )
        meter = Meter(process.pid)
        try:
            out, err = process.communicate(timeout=90)
        except BaseException:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            raise
        finally:
            memory = meter.end()
        return Ended(process.returncode, out, err, _processor_seconds() - before, memory)

    return run


def _processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Meter:
    """Watches a process and everything it starts; adds up each one's peak, which is never less than the tree's."""

    def __init__(self, pid: int) -> None:
        self._peaks: dict[int, int] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, args=(pid,), daemon=True)
        self._thread.start()

    def end(self) -> int:
        """Stop; returns bytes."""
        self._ended.set()
        self._thread.join()
        return sum(self._peaks.values())

    def _watch(self, root: int) -> None:
        while not self._ended.wait(0.004):
            waiting = [root]
            while waiting:
                pid = waiting.pop()
                with suppress(OSError, ValueError):
                    self._look(pid)
                    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
                    waiting.extend(int(child) for child in children.split())

    def _look(self, pid: int) -> None:
        for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
            if line.startswith("VmHWM:"):
                self._peaks[pid] = max(self._peaks.get(pid, 0), int(line.split()[1]) * 1024)


@pytest.fixture
def in_process(home: Home, monkeypatch: pytest.MonkeyPatch, one_duty_at_a_time: None) -> Callable[..., int]:
    """Run ``guanyun`` in the test's own process; returns the exit code."""
    from cli.main import run

    for name, value in home.environment.items():
        if name.startswith("GUANYUN_"):
            monkeypatch.setenv(name, value)

    def call(*words: Any) -> int:
        return run([str(word) for word in words])

    return call
