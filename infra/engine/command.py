"""The Pulumi CLI: finding one in range."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pulumi._version import version as sdk_version
from semver import VersionInfo

from infra.engine.errors import EngineMissing

_GO_SUM = Path(__file__).parents[2] / "tools" / "pulumi-cli" / "go.sum"
_OURS = ("PULUMI_", "AWS_")
"""Settings a person's shell may hold which would reach another cloud or weaken the engine; we set our own."""

_WANTED = f"{sdk_version.major}.{sdk_version.minor}"
"""In range is the SDK's own minor version: the two speak a protocol that is only tested together."""


@dataclass(frozen=True, slots=True)
class CommandLine:
    """A Pulumi CLI that may be used."""

    path: Path
    version: VersionInfo


def cache_path(cache: Path, go_sum: Path = _GO_SUM) -> Path:
    """Where ``make setup`` puts the CLI it builds: a folder by the hash of what it was built from."""
    key = hashlib.sha256(go_sum.read_bytes()).hexdigest()[:16] if go_sum.exists() else "unknown"
    return cache / "pulumi" / key / "pulumi"


def default_cache(environ: Mapping[str, str]) -> Path:
    """The user's cache folder for Guanyun."""
    return Path(environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "guanyun"


def locate(environ: Mapping[str, str] | None = None, *, cache: Path | None = None) -> CommandLine:
    """The CLI on PATH when it is in range, else the one ``make setup`` built; ``EngineMissing`` when neither is."""
    environ = os.environ if environ is None else environ
    on_path = shutil.which("pulumi", path=environ.get("PATH", ""))
    built = cache_path(default_cache(environ) if cache is None else cache)
    looked: list[str] = []
    for path in ([Path(on_path)] if on_path else []) + [built]:
        version = _version_of(path)
        if version is not None and (version.major, version.minor) == (sdk_version.major, sdk_version.minor):
            return CommandLine(path, version)
        looked.append(f"{path} ({version or 'absent'})")
    raise EngineMissing(wanted=_WANTED, looked=", ".join(looked))


def _version_of(path: Path) -> VersionInfo | None:
    """What ``pulumi version`` says; each new engine asks, because the file may have been replaced meanwhile."""
    try:
        said = subprocess.run(
            [path, "version"],
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
            env={**clean(os.environ), "PULUMI_SKIP_UPDATE_CHECK": "1"},
        ).stdout
        return VersionInfo.parse(re.sub(r"^v", "", said.strip()))
    except (OSError, ValueError, subprocess.SubprocessError):
        return None


def clean(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment without anybody's settings for Pulumi or a cloud."""
    return {key: value for key, value in environ.items() if not key.startswith(_OURS)}
