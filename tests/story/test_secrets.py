"""Where a secret's value may stand: encrypted in the state, in the cloud, and nowhere else that anybody reads.

An environment with a database and a secret is planned and applied by the command line, once into a failure and once to
the end, while every process's arguments are watched. Then everything the installation has written is searched.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.components import derived
from tests.story.bad_input.ailing_cloud import Trouble, ailing_cloud
from tests.story.conftest import EXAMPLES, PLANNER, Installation, request

pytestmark = pytest.mark.real
ENVIRONMENT = "hrss-reporting"
CREDENTIAL = "hush-hush-access-key-of-the-deployer"
KEPT_FOR_IT = ("sandbox", "sessions", "keys", "demo-passwords.json")
"""The cloud itself, what a person's login leaves for that person, and keys: all private files of their owner."""


class Confiding(Installation):
    """An installation whose cloud credentials can be told from other words, and whose commands have arguments."""

    def run(self, *words: str, account: str = "", **more: Any) -> tuple[int, str]:
        """Each as a whole process: what it is called with can be seen."""
        process = self.start(*words, account=account, **more)
        said, complained = process.communicate(timeout=180)
        return process.returncode, said + complained

    def _environ(self, account: str, words: Any) -> dict[str, str]:
        return super()._environ(account, words) | {"AWS_SECRET_ACCESS_KEY": CREDENTIAL}


@dataclass
class Watch:
    """The arguments of every process that named the installation's home while it was watched."""

    mark: bytes
    seen: set[bytes] = field(default_factory=set)
    over: threading.Event = field(default_factory=threading.Event)

    def look(self) -> None:
        known = set(Path("/proc").glob("[0-9]*"))
        while not self.over.is_set():
            for folder in set(Path("/proc").glob("[0-9]*")) - known:
                try:
                    if self.mark in (folder / "environ").read_bytes():
                        self.seen.add((folder / "cmdline").read_bytes())
                except OSError:
                    continue
            time.sleep(0.05)


@contextmanager
def watching(home: Path) -> Iterator[Watch]:
    watch = Watch(str(home).encode())
    thread = threading.Thread(target=watch.look, daemon=True)
    thread.start()
    try:
        yield watch
    finally:
        watch.over.set()
        thread.join()


def standing_in(text: bytes, secrets: Mapping[str, bytes]) -> list[str]:
    return [name for name, value in secrets.items() if value in text]


def written_by(home: Path) -> dict[str, bytes]:
    """Everything under the home that is no place for secrets, by its path."""
    files = (path for path in sorted(home.rglob("*")) if path.is_file())
    names = ((str(path.relative_to(home)), path) for path in files)
    return {name: path.read_bytes() for name, path in names if not name.startswith(KEPT_FOR_IT)}


def test_no_secret_stands_in_arguments_logs_plans_errors_or_the_audit_log(installation: Installation) -> None:
    spec = yaml.safe_load((EXAMPLES / "environments" / "reporting.yaml").read_text(encoding="utf-8"))
    request(installation, {**spec, "peers": []}, "REQ-2026-0002", "create")
    seed = (installation.home / "engine" / "passwords.seed").read_bytes()
    secrets = {
        "the database's password": derived(seed)(ENVIRONMENT, "figures").encode(),
        "the cloud's credential": CREDENTIAL.encode(),
        **{f"the login of {path.stem}": token_in(path) for path in (installation.home / "sessions").glob("*.json")},
    }
    said: dict[str, str] = {}
    with ailing_cloud(installation.cloud) as cloud, watching(installation.home) as watch:
        through = Confiding(installation.home, cloud.endpoint)
        said["plan"] = through.do("plan", "create", ENVIRONMENT, account=PLANNER)
        for how in ("json", "html"):
            said[how] = installation.do("plan", "show", ENVIRONMENT, "--format", how, account=PLANNER)
        # The refusal comes to the very call that carries the password.
        cloud.falls_ill(Trouble(400, "InvalidParameterValue", "CreateDBInstance"))
        code, said["failure"] = through.run("apply", ENVIRONMENT, account=PLANNER)
        assert code != 0
        assert "InvalidParameterValue" in said["failure"]
        halfway = written_by(installation.home)
        cloud.falls_ill()
        said["apply"] = through.do("apply", ENVIRONMENT, account=PLANNER)
        said["audit"] = installation.do("audit", "list", "--json", account=PLANNER)
    assert any(b"--save-plan" in arguments for arguments in watch.seen)
    assert any(b"up\0" in arguments for arguments in watch.seen)
    assert password_in_cloud(installation, secrets), "the password is what was looked for"

    places = {f"arguments {one!r}": one for one in watch.seen}
    places |= {f"said by {name}": text.encode() for name, text in said.items()}
    places |= {f"halfway {name}": content for name, content in halfway.items()}
    places |= written_by(installation.home)
    assert {where: found for where, content in places.items() if (found := standing_in(content, secrets))} == {}
    assert any(name.endswith("plan.json") for name in halfway), "the engine's plan file was there to be searched"


def token_in(session: Path) -> bytes:
    found = json.loads(session.read_text(encoding="utf-8"))
    return str(found["token"]).encode()


def password_in_cloud(installation: Installation, secrets: Mapping[str, bytes]) -> bool:
    """Whether the database's password is the value that the cloud keeps as its secret."""
    manager = installation.aws("secretsmanager")
    kept = manager.list_secrets()["SecretList"]
    (arn,) = [one["ARN"] for one in kept if one.get("Description", "").startswith("First")]
    value: str = manager.get_secret_value(SecretId=arn)["SecretString"]
    return secrets["the database's password"].decode() in value
