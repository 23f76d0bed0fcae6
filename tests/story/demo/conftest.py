"""The told story: one demo home a worker, made by the real command, for every test that looks at its end."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import forked

ROOT = Path(__file__).resolve().parents[3]
GUANYUN = ROOT / ".venv" / "bin" / "guanyun"


@dataclass(frozen=True)
class Ended:
    """A command that ended: exit code, what it wrote, how long it took."""

    code: int
    out: str
    seconds: float


@dataclass(frozen=True)
class Demo:
    """A demo's home and how to type commands in it."""

    home: Path

    def run(self, *words: str, account: str = "", timeout: float = 600) -> Ended:
        """Type a command as ``account``, whose session the story left behind."""
        environment = self.environment
        if account:
            environment["GUANYUN_SESSION"] = str(self.home / "sessions" / f"{account}.json")
        return _ended(lambda: forked.run(words, env=environment, timeout=timeout))

    @property
    def environment(self) -> dict[str, str]:
        """What a command needs to find it."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GUANYUN_")}
        return kept | {"GUANYUN_HOME": str(self.home)}

    def verify(self, pack: Path) -> Ended:
        """Verify a pack against this home's roots and keys."""
        return self.run(
            "verify",
            str(pack),
            "--handed-out",
            str(self.home / "handed-out"),
            "--keys",
            str(self.home / "public-keys"),
        )

    def verify_live(self) -> Ended:
        """Compare the records with the roots, as the auditor."""
        folders = ("--handed-out", str(self.home / "handed-out"), "--keys", str(self.home / "public-keys"))
        return self.run("verify", "--live", *folders, account="xu.hui")

    def json(self, *words: str, account: str) -> object:
        """What a command says with ``--json``."""
        ended = self.run(*words, "--json", account=account)
        assert ended.code == 0, ended.out
        return json.loads(ended.out)


def tell(home: Path, *words: str) -> tuple[Demo, Ended]:
    """Tell the story in ``home``."""
    demo = Demo(home)
    command = [str(GUANYUN), "demo", "run", "--home", str(home), *words]
    return demo, _ended(
        lambda: subprocess.run(
            command, capture_output=True, text=True, env=demo.environment, timeout=900, check=False, cwd=ROOT
        )
    )


def _ended(command: Callable[[], subprocess.CompletedProcess[str]]) -> Ended:
    started = time.monotonic()
    done = command()
    return Ended(done.returncode, done.stdout + done.stderr, time.monotonic() - started)


@pytest.fixture(scope="session")
def teller() -> Callable[..., tuple[Demo, Ended]]:
    """Tells a story of one's own."""
    return tell


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The shipped story, told once; its sandbox runs until the tests are over."""
    demo, ended = tell(tmp_path_factory.mktemp("told") / "demo")
    assert ended.code == 0, ended.out[-4000:]
    yield demo
    demo.run("sandbox", "down")


@pytest.fixture
def copied(told: Demo, tmp_path: Path) -> Callable[[], Demo]:
    """Makes copies of the told home's records, usage, keys and packs, to be tampered with."""

    def copy() -> Demo:
        home = tmp_path / "copy"
        shutil.copytree(told.home, home, ignore=shutil.ignore_patterns("sandbox", "engine"))
        return Demo(home)

    return copy
