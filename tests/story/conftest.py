"""Installations for tests that drive the whole house from outside: the CLI as a process, real engine, real sandbox.

One template is made a session, by the demo's own people up to a plan that may be applied; each test gets a copy of
its folder with a sandbox of its own, whose journal brings the same cloud back.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml

from cli.story.duties import duty_of
from infra import sandbox
from tests import forked

GUANYUN = Path(sys.executable).with_name("guanyun")
EXAMPLES = Path(__file__).parents[2] / "examples"
REGION = "cn-north-1"
ENVIRONMENT = "hrss-employment"
IMAGES = ("ami-12c6146b", "ami-03cf127a")
PLANNER, DRAFTER, DECIDER, REQUESTER = "wang.fang", "zhang.min", "li.qiang", "chen.jing"
SERVED: Mapping[str, Sequence[str]] = {
    PLANNER: ("operate", "draft"),
    DRAFTER: ("draft",),
    DECIDER: ("approve", "publish"),
    REQUESTER: ("request",),
}
"""Under which duties each of them logs in; each login serves one."""
SPEC: Mapping[str, Any] = {
    "environment": ENVIRONMENT,
    "agency": "hrss",
    "system": "employment",
    "project": "P-HRSS-2026-01",
    "fund_source": "就业补助资金",
    "zone": "government-extranet",
    "protection": "level-2",
    "cidr": "10.64.0.0/24",
    "subnets": [{"name": "app", "cidr": "10.64.0.0/25", "zone_index": 0}],
    "ingress": [{"protocol": "tcp", "port": 443, "source": "10.0.0.0/8"}],
    "instances": [
        {
            "name": "app-01",
            "plan": "general-2c4g",
            "instance_type": "c5.large",
            "image": IMAGES[0],
            "subnet": "app",
            "volumes": [{"name": "app-01-data", "size_gb": 40}],
        }
    ],
    "buckets": [{"name": "documents"}],
}
"""One of each kind: network, subnet, group, machine, disk, bucket, role."""


def until(look: Callable[[], Any], seconds: float = 30, *, what: str = "it") -> Any:
    """What ``look`` finds, as soon as that is something."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"{what} did not happen within {seconds} s"
        time.sleep(0.01)
    return found


@dataclass(frozen=True)
class Installation:
    """A home folder. ``endpoint`` is the cloud's address where it is not simply the home's own sandbox."""

    home: Path
    endpoint: str = ""

    def through(self, endpoint: str) -> Installation:
        """The same installation, calling the cloud at another address."""
        return replace(self, endpoint=endpoint)

    def start(self, *words: str, account: str = "", **more: Any) -> subprocess.Popen[str]:
        """The command line as a process."""
        return subprocess.Popen(
            [GUANYUN, *words],
            env=self._environ(account, words),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **more,
        )

    def run(self, *words: str, account: str = "", **more: Any) -> tuple[int, str]:
        """Exit code and all that was said."""
        ended = forked.run(words, env=self._environ(account, words), timeout=180, **more)
        return ended.returncode, ended.stdout + ended.stderr

    def do(self, *words: str, account: str = "", **more: Any) -> str:
        """What was said by a command that must succeed."""
        code, said = self.run(*words, account=account, **more)
        assert code == 0, f"guanyun {' '.join(words)} ended with {code}:\n{said}"
        return said

    def read(self, *words: str, account: str = PLANNER) -> Any:
        """The answer of a command that takes ``--json``."""
        return json.loads(self.do(*words, "--json", account=account))

    def log_in(self, account: str) -> None:
        """Leave a session of an account of the demo for each duty it needs here."""
        password = json.loads((self.home / "demo-passwords.json").read_text(encoding="utf-8"))[account]
        for duty in SERVED[account]:
            reading, writing = os.pipe()
            os.write(writing, f"{password}\n".encode())
            os.close(writing)
            words = ("login", account, "--duty", duty, "--password-fd", str(reading))
            try:
                self.do(*words, account=account, descriptors=(reading,))
            finally:
                os.close(reading)

    @property
    def cloud(self) -> str:
        """The address of the home's own sandbox."""
        return str(sandbox.status(self.home / "sandbox").endpoint)

    def aws(self, service: str) -> Any:
        """A plain boto3 client of the home's sandbox: nothing of ours between."""
        return _client(service, self.cloud)

    @property
    def checkpoint(self) -> Mapping[str, Any]:
        """The engine's state as it lies on disk; empty where there is none yet."""
        path = self.home / "engine" / "state" / ".pulumi" / "stacks" / "guanyun" / f"{ENVIRONMENT}.json"
        try:
            latest = json.loads(path.read_bytes())["checkpoint"].get("latest")
        except (FileNotFoundError, ValueError):
            return {}
        return latest or {}

    @property
    def locks(self) -> list[Path]:
        """The engine's lock files, of every stack."""
        return sorted((self.home / "engine" / "state" / ".pulumi" / "locks").rglob("*.json"))

    def processes(self) -> dict[int, str]:
        """Every process that names this home in its arguments or environment, but for the sandbox: id → arguments."""
        mark = str(self.home).encode()
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                arguments, environ = (folder / "cmdline").read_bytes(), (folder / "environ").read_bytes()
            except OSError:
                continue
            if mark in arguments + environ and int(folder.name) not in {self._sandbox_pid(), os.getpid()}:
                found[int(folder.name)] = arguments.replace(b"\0", b" ").decode(errors="replace")
        return found

    def _sandbox_pid(self) -> int | None:
        return sandbox.status(self.home / "sandbox").pid

    def _environ(self, account: str, words: Sequence[str]) -> dict[str, str]:
        served = SERVED.get(account, ("",))
        duty = words[3] if words[0] == "login" else duty_of(words, served) or served[0]
        session = self.home / "sessions" / f"{account}.{duty}.json"
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("GUANYUN_", "AWS_"))}
        ours = {"GUANYUN_HOME": str(self.home), "GUANYUN_SESSION": str(session)}
        if self.endpoint:
            ours |= {
                "GUANYUN_AWS_ENDPOINT": self.endpoint,
                "AWS_ACCESS_KEY_ID": "guanyun",
                "AWS_SECRET_ACCESS_KEY": "guanyun",
            }
        return kept | ours


@cache
def _client(service: str, endpoint: str) -> Any:
    connect: Any = boto3.client  # its stubs know each service by its literal name only
    return connect(
        service,
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id="guanyun",
        aws_secret_access_key="guanyun",
    )


@pytest.fixture(scope="session")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template's folder, made once for all workers: nobody runs in it."""
    base = tmp_path_factory.getbasetemp()
    home = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "planned-installation"
    with _one_at_a_time(home.with_suffix(".lock")):
        if not home.exists():
            unfinished = home.with_suffix(".unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            _prepare(Installation(unfinished))
            unfinished.rename(home)
    return home


@pytest.fixture
def installation(planned: Path, tmp_path: Path) -> Iterator[Installation]:
    """An installation of its own, whose one environment is planned and not yet built, and its running sandbox."""
    home = tmp_path / "home"
    shutil.copytree(planned, home)
    made = Installation(home)
    sandbox.up(home / "sandbox")
    try:
        yield made
    finally:
        sandbox.down(home / "sandbox")
        for pid in made.processes():
            os.kill(pid, signal.SIGKILL)


def _prepare(installation: Installation) -> None:
    """From nothing to a plan on record: the contract, the catalogue, a price, one approved request."""
    installation.home.mkdir()
    do = installation.do
    do("demo", "init")
    for account in (PLANNER, DRAFTER, DECIDER, REQUESTER):
        installation.log_in(account)
    do("contract", "record", str(EXAMPLES / "contract.yaml"), account=DRAFTER)
    do("catalogue", "draft", str(EXAMPLES / "catalogue.yaml"), account=DRAFTER)
    do("catalogue", "publish", "example-2026", account=DECIDER)
    do("price", "draft", str(EXAMPLES / "prices.yaml"), "--only", "P-2026-01", account=DRAFTER)
    do("price", "publish", "P-2026-01", account=DECIDER)
    request(installation, SPEC, "REQ-2026-0001", "create")
    do("sandbox", "up")
    try:
        do("plan", "create", ENVIRONMENT, account=PLANNER)
    finally:
        do("sandbox", "down")


def request(installation: Installation, spec: Mapping[str, Any], number: str, kind: str) -> None:
    """Ask for a spec, and have it approved."""
    path = installation.home / f"{number}.yaml"
    path.write_text(yaml.safe_dump(dict(spec), allow_unicode=True), encoding="utf-8")
    installation.do("request", "create", str(path), "--number", number, "--kind", kind, account=REQUESTER)
    installation.do("request", "approve", number, account=DECIDER)


@contextmanager
def _one_at_a_time(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
