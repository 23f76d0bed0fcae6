"""The engine's home on disk, and the Automation API's workspace over it.

::

    <home>/Pulumi.yaml              the project, from the repository's own
    <home>/Pulumi.<environment>.yaml  a stack's settings: its secrets provider and encrypted data key
    <home>/inputs/                  what the program reads, a file an environment
    <home>/state/                   the backend: checkpoints, history, locks
    <home>/runs/                    processes of runs that have not ended
    <home>/deployments/             the approved update plan of each deployment that has not ended
"""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pulumi.automation import LocalWorkspace, OutputMap, ProjectSettings, StackSettings

from foundation.work import Process
from infra.engine.errors import EngineFailed
from infra.program import PROJECT

_PACKAGED = Path(__file__).parents[1] / "Pulumi.yaml"
_AT_ROOT = Path(__file__).parents[2] / "Pulumi.yaml"


def project_file() -> Path:
    """The project file: inside the installed package, or at the repository's root."""
    return _PACKAGED if _PACKAGED.exists() else _AT_ROOT


@dataclass(frozen=True, slots=True)
class Lock:
    """The engine's own lock on a stack: who wrote it and where."""

    path: Path
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
    """Paths under the engine's home."""

    path: Path

    @property
    def state(self) -> Path:
        """The backend's folder."""
        return self.path / "state"

    @property
    def backend(self) -> str:
        """The backend's address. Its metadata files are not written: a kill leaves them empty and the stack lost."""
        return f"file://{self.state}?metadata=skip"

    @property
    def runs(self) -> Path:
        """Records of engine processes."""
        return self.path / "runs"

    def settings(self, environment: str) -> Path:
        """A stack's settings file."""
        return self.path / f"Pulumi.{environment}.yaml"

    def checkpoint(self, environment: str) -> Path:
        """A stack's state file."""
        return self.state / ".pulumi" / "stacks" / PROJECT / f"{environment}.json"

    def deployment(self, deployment: str) -> Path:
        """The folder of one deployment that has not ended."""
        return self.path / "deployments" / deployment

    def locks(self, environment: str) -> tuple[Lock, ...]:
        """The engine's locks on one stack."""
        folder = self.state / ".pulumi" / "locks" / "organization" / PROJECT / environment
        return tuple(_read_lock(path) for path in sorted(folder.glob("*.json")))

    def prepare(self) -> None:
        """Make the folders, and write the project file as it is now."""
        for folder in (self.state, self.runs, self.path / "deployments", self.path / "temporary"):
            folder.mkdir(parents=True, exist_ok=True)
        self.path.chmod(0o700)
        source = project_file()
        project = ProjectSettings.from_dict(_yaml(source))
        # The entry point is written relative to the repository; here it must still be found.
        project.main = str(source.parent / project.main)
        target = self.path / "Pulumi.yaml"
        text = _dump(project.to_dict())
        if not target.exists() or target.read_text(encoding="utf-8") != text:
            temporary = self.path / "temporary" / f"Pulumi.{os.getpid()}.yaml"
            temporary.write_text(text, encoding="utf-8")
            temporary.replace(target)

    def has_stack(self, environment: str) -> bool:
        """Whether the environment has a stack that can be opened.

        A lost settings file is written again from the state, which also holds the encrypted data key. A stack that
        never held anything and lost its settings is taken away, so that it can be made again.
        """
        checkpoint = self.checkpoint(environment)
        if not checkpoint.exists():
            return False
        if self.settings(environment).exists():
            return True
        try:
            latest = json.loads(checkpoint.read_bytes()).get("checkpoint", {}).get("latest") or {}
        except ValueError as cause:
            detail = f"{checkpoint.name} cannot be read; its last copy is {checkpoint.name}.bak"
            raise EngineFailed(environment=environment, action="open", detail=detail) from cause
        kept = (latest.get("secrets_providers") or {}).get("state") or {}
        if not kept.get("encryptedkey"):
            if latest.get("resources"):
                detail = f"{self.settings(environment).name} is lost"
                raise EngineFailed(environment=environment, action="open", detail=detail)
            checkpoint.unlink()
            return False
        settings = StackSettings(secrets_provider=kept["url"], encrypted_key=kept["encryptedkey"])
        self.settings(environment).write_text(_dump(settings._serialize()), encoding="utf-8")
        return True


class EngineWorkspace(LocalWorkspace):  # type: ignore[misc]
    """A local workspace that asks the CLI only what it must: each process it starts takes 0.1 s or more."""

    def save_stack_settings(self, stack_name: str, settings: StackSettings) -> None:
        """Never: the engine writes its own settings file, and ours would drop its key."""
        raise NotImplementedError(stack_name)

    def select_stack(self, stack_name: str) -> None:
        """Nothing: every command names its stack."""

    def stack_outputs(self, stack_name: str) -> OutputMap:
        """Nothing: outputs are read from the exported state, in one go with the ids."""
        return {}

    def export_state(self, stack_name: str) -> dict[str, Any]:
        """The state with its secrets still encrypted."""
        result = self._run_pulumi_cmd_sync(["stack", "export", "--stack", stack_name])
        exported: dict[str, Any] = json.loads(result.stdout)
        return exported


def engine_environment(home: EngineHome, cloud: Mapping[str, str], **ours: str) -> dict[str, str]:
    """What the engine and its provider are told by environment variables; nothing secret goes by argument."""
    return {
        **cloud,
        **ours,
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
        "PULUMI_BACKEND_URL": home.backend,
        "PULUMI_HOME": str(home.path / "pulumi"),
        "PULUMI_SKIP_UPDATE_CHECK": "1",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "1",
    }


def _read_lock(path: Path) -> Lock:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return Lock(path, int(content["pid"]), str(content["hostname"]))
    except (OSError, ValueError, KeyError, TypeError):
        # A lock cut short by a kill still locks; nobody can be shown to hold it.
        return Lock(path, 0, socket.gethostname())


def _yaml(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded


def _dump(document: Mapping[str, Any]) -> str:
    return str(yaml.safe_dump(dict(document), allow_unicode=True, sort_keys=False))
