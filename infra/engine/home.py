"""The engine's home on disk, its backend, and the stacks and locks in it.

::

    <home>/Pulumi.yaml              the project, from the repository's own
    <home>/Pulumi.<environment>.yaml  a stack's settings: its secrets provider and encrypted data key
    <home>/inputs/                  what the program reads, a file an environment
    <home>/state/                   the default backend: checkpoints, history, locks
    <home>/runs/                    processes of runs that have not ended, and what only they read
    <home>/plans/                   the last plan of each environment, as the engine saved it
    <home>/deployments/             of each deployment that has not ended: its approved update plan, and its births
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from foundation.work import Process
from infra.engine.backends import Backend, FolderBackend, checkpoint_of
from infra.engine.errors import EngineFailed, StateUnreadable
from infra.engine.restoring import StateCopy, copies, holds_nothing, restore
from infra.program import PROJECT, input_file

_PACKAGED = Path(__file__).parents[1] / "Pulumi.yaml"
_AT_ROOT = Path(__file__).parents[2] / "Pulumi.yaml"


def project_file() -> Path:
    """The project file: inside the installed package, or at the repository's root."""
    return _PACKAGED if _PACKAGED.exists() else _AT_ROOT


@dataclass(frozen=True, slots=True)
class Lock:
    """The engine's own lock on a stack: who wrote it and where."""

    pid: int
    host: str

    @property
    def elsewhere(self) -> bool:
        """Whether another machine wrote it."""
        return self.host != socket.gethostname()

    @property
    def holder(self) -> Process | None:
        """The engine that holds it, if it lives on this machine."""
        if self.elsewhere:
            return None
        process = Process.of(self.pid)
        try:
            name = Path(f"/proc/{self.pid}/comm").read_text(encoding="utf-8").strip()
        except OSError:
            return None
        # The lock holds no start time: another program under a reused id is not the engine.
        return process if name == "pulumi" and process.alive else None

    def __str__(self) -> str:
        return f"pid {self.pid} on {self.host}"


@dataclass(frozen=True, slots=True)
class EngineHome:
    """Paths under the engine's home, and what its backend holds; the backend is a folder of it unless given."""

    path: Path
    given_backend: Backend | None = None

    @property
    def backend(self) -> Backend:
        """Where the state lies."""
        return self.given_backend or FolderBackend(self.path / "state")

    @property
    def runs(self) -> Path:
        """Records of engine processes."""
        return self.path / "runs"

    def settings(self, environment: str) -> Path:
        """A stack's settings file."""
        return self.path / f"Pulumi.{environment}.yaml"

    def plan(self, environment: str) -> Path:
        """The folder of an environment's last plan."""
        return self.path / "plans" / environment

    def deployment(self, deployment: str) -> Path:
        """The folder of one deployment that has not ended."""
        return self.path / "deployments" / deployment

    def locks(self, environment: str) -> tuple[Lock, ...]:
        """The engine's locks on one stack."""
        backend = self.backend
        keys = backend.keys(f".pulumi/locks/organization/{PROJECT}/{environment}")
        found = (backend.read(key) for key in keys if key.endswith(".json"))
        return tuple(_lock(content) for content in found if content is not None)

    def prepare(self) -> None:
        """Make the folders, and write the project file as it is now."""
        for folder in (self.runs, self.path / "deployments", self.path / "plans", self.path / "temporary"):
            folder.mkdir(parents=True, exist_ok=True)
        self.path.chmod(0o700)
        _keep_no_logs(self.path / "pulumi" / "logs")
        self.backend.prepare()
        source = project_file()
        project = yaml.safe_load(source.read_text(encoding="utf-8"))
        # The entry point is written relative to the repository; here it must still be found.
        project["main"] = str(source.parent / project["main"])
        write_when_changed(self.path / "Pulumi.yaml", _dump(project), self.path / "temporary")

    def latest(self, environment: str) -> dict[str, Any] | None:
        """The newest checkpoint of an environment's stack; None where it has none. Raises ``StateUnreadable``."""
        key = checkpoint_key(environment)
        content = self.backend.read(key)
        if content is None:
            return None
        try:
            return checkpoint_of(content)
        except ValueError as cause:
            newest = next(iter(copies(self.backend, key)), None)
            copy = "无 none" if newest is None else f"{newest.key} ({newest.written_at:%Y-%m-%d %H:%M:%S%z})"
            reason = f"{len(content)} B: {cause}"
            raise StateUnreadable(environment=environment, file=key, reason=reason, copy=copy) from cause

    def restore(self, environment: str) -> StateCopy | None:
        """Put the newest copy back where the state cannot be read; None where it can. Raises ``NoCopyOfState``."""
        try:
            self.latest(environment)
        except StateUnreadable:
            return restore(self.backend, checkpoint_key(environment), environment)
        return None

    def check_state(self, environment: str) -> dict[str, Any] | None:
        """The newest checkpoint; raises ``StateUnreadable`` where it cannot be read and may hold something.

        That of an environment which nobody ever applied can hold nothing, and is put right by itself.
        """
        try:
            return self.latest(environment)
        except StateUnreadable:
            applied = input_file(self.path, environment).exists()
            if applied or not holds_nothing(self.backend, checkpoint_key(environment)):
                raise
            self.restore(environment)
            return self.latest(environment)

    def is_fresh(self, environment: str) -> bool:
        """Whether the state holds nothing, not even something begun."""
        latest = self.latest(environment) or {}
        return not (latest.get("resources") or latest.get("pending_operations"))

    def has_stack(self, environment: str) -> bool:
        """Whether the environment has a stack that can be opened.

        A lost settings file is written again from the state, which also holds the encrypted data key. A stack that
        never held anything and lost its settings is taken away, so that it can be made again.
        """
        latest = self.check_state(environment)
        if latest is None:
            return False
        kept = (latest.get("secrets_providers") or {}).get("state") or {}
        if self._settings_hold(environment, kept):
            return True
        if not kept.get("encryptedkey"):
            if latest.get("resources"):
                detail = f"{self.settings(environment).name} is lost"
                raise EngineFailed(environment=environment, action="open", detail=detail)
            self.backend.remove(checkpoint_key(environment))
            return False
        settings = {"secretsprovider": kept["url"], "encryptedkey": kept["encryptedkey"]}
        write_when_changed(self.settings(environment), _dump(settings), self.path / "temporary")
        return True

    def _settings_hold(self, environment: str, kept: Mapping[str, Any]) -> bool:
        """Whether the settings file is whole: what it says of secrets is what the state says, if that says anything."""
        path = self.settings(environment)
        if not path.exists() or not kept.get("encryptedkey"):
            return path.exists()
        try:
            said = yaml.safe_load(path.read_text(encoding="utf-8"))
        except (yaml.YAMLError, UnicodeDecodeError):
            return False
        return isinstance(said, dict) and said.get("encryptedkey") == kept["encryptedkey"]


def checkpoint_key(environment: str) -> str:
    """Where the backend keeps a stack's state."""
    return f".pulumi/stacks/{PROJECT}/{environment}.json"


def engine_environment(home: EngineHome, cloud: Mapping[str, str], **ours: str) -> dict[str, str]:
    """What the engine is told by environment variables; nothing secret goes by argument."""
    return {
        **home.backend.environ,
        **cloud,
        **ours,
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
        "PULUMI_BACKEND_URL": home.backend.url,
        "PULUMI_HOME": str(home.path / "pulumi"),
        # Without it the engine does not know the option by which it tells its events.
        "PULUMI_DEBUG_COMMANDS": "true",
        # Short-lived processes: a sixth of their work was collecting garbage. A large one still does, at its limit.
        "GOGC": "off",
        "GOMEMLIMIT": "384MiB",
        "PULUMI_SKIP_UPDATE_CHECK": "1",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "1",
    }


def _keep_no_logs(folder: Path) -> None:
    """Put a file where the engine would make its folder of logs: then it writes none, and has no setting for that.

    They hold what a run knows, and each engine would look through all of a week's before it begins.
    """
    if folder.is_dir():
        shutil.rmtree(folder)
    if not folder.exists():
        folder.parent.mkdir(exist_ok=True)
        folder.write_text("no logs\n", encoding="utf-8")


def write_when_changed(target: Path, text: str, temporary: Path) -> None:
    """Write a file in one step, unless it says that already."""
    if target.exists() and target.read_text(encoding="utf-8") == text:
        return
    unready = temporary / f"{target.name}.{os.getpid()}.{threading.get_native_id()}"
    unready.write_text(text, encoding="utf-8")
    unready.replace(target)


def _lock(content: bytes) -> Lock:
    try:
        read = json.loads(content)
        return Lock(int(read["pid"]), str(read["hostname"]))
    except (ValueError, KeyError, TypeError):
        # A lock cut short by a kill still locks; nobody can be shown to hold it.
        return Lock(0, socket.gethostname())


def _dump(document: Mapping[str, Any]) -> str:
    return str(yaml.safe_dump(dict(document), allow_unicode=True, sort_keys=False))
