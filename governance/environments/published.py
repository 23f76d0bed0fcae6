"""Published data a spec is resolved by: the sizes of a cloud, and each protection level's defaults.

Both are dated data. What a spec took from them stands in the approved document, so that a later edition changes
nothing that is approved.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import Field

from foundation.values.findings import Finding
from governance.environments.model import Engine, PersonRole, Protection
from governance.yaml_documents import Code, Form, Problems, Text, read_form

Days = Annotated[int, Field(ge=1, le=3650)]


class _Named(Form):
    name: Code
    zh: Text
    en: Text
    plan: Code


class MachineSize(_Named):
    """A size of machines: the plan it is charged by and the cloud's type."""

    instance_type: Text


class DatabaseSize(_Named):
    """A size of databases; ``multi_zone`` sizes have a standby in another zone."""

    instance_class: Text
    multi_zone: bool = False


class BalancerSize(_Named):
    """A size of load balancers."""


class FileSystemSize(_Named):
    """A kind of file system; its capacity is asked for in GB."""


SizeT = TypeVar("SizeT", bound=_Named)


class EngineVersion(Form):
    """The version a database gets where the spec names none."""

    engine: Engine
    version: Text


class SizesDocument(Form):
    """The sizes of one cloud from ``start`` on."""

    cloud: Code
    start: Text
    machines: list[MachineSize]
    databases: list[DatabaseSize] = Field(default_factory=list)
    load_balancers: list[BalancerSize] = Field(default_factory=list)
    file_systems: list[FileSystemSize] = Field(default_factory=list)
    engines: list[EngineVersion] = Field(default_factory=list)


class LevelDefaults(Form):
    """What a protection level gets where the spec says nothing."""

    protection: Protection
    zones: Annotated[int, Field(ge=1, le=6)]
    backup_days: Days
    flow_log_days: Days
    roles: list[PersonRole]


class LevelsDocument(Form):
    """The defaults of every protection level from ``start`` on."""

    start: Text
    levels: list[LevelDefaults]


@dataclass(frozen=True, slots=True)
class Published:
    """What a spec is resolved by: sizes by name, database versions by engine, defaults by protection level."""

    cloud: str
    machines: Mapping[str, MachineSize]
    databases: Mapping[str, DatabaseSize]
    load_balancers: Mapping[str, BalancerSize]
    file_systems: Mapping[str, FileSystemSize]
    engines: Mapping[Engine, str]
    levels: Mapping[Protection, LevelDefaults]


def read_published(sizes: Path, levels: Path) -> tuple[Published | None, tuple[Finding, ...]]:
    """Published data from two files; on any finding there is none."""
    said, wrong = read_form(sizes, SizesDocument, _check_sizes)
    defaults, more = read_form(levels, LevelsDocument, _check_levels)
    if said is None or defaults is None:
        return None, (*wrong, *more)
    return Published(
        cloud=said.cloud,
        machines=_by_name(said.machines),
        databases=_by_name(said.databases),
        load_balancers=_by_name(said.load_balancers),
        file_systems=_by_name(said.file_systems),
        engines={one.engine: one.version for one in said.engines},
        levels={level.protection: level for level in defaults.levels},
    ), ()


@cache
def shipped() -> Published:
    """The example data that comes with the program, used where an installation publishes none of its own."""
    folder = files("governance.environments")
    with as_file(folder / "sizes.yaml") as sizes, as_file(folder / "levels.yaml") as levels:
        found, findings = read_published(sizes, levels)
    if found is None:  # a release without its own data would be broken
        raise ValueError("; ".join(finding.en for finding in findings))
    return found


def _by_name(sizes: Sequence[SizeT]) -> dict[str, SizeT]:
    return {size.name: size for size in sizes}


def _check_sizes(document: SizesDocument, problems: Problems) -> None:
    for field in ("machines", "databases", "load_balancers", "file_systems"):
        seen: set[str] = set()
        for index, size in enumerate(getattr(document, field)):
            if size.name in seen:
                zh, en = f"档位 {size.name} 重复", f"size {size.name} stands twice"
                problems.add((field, index, "name"), found=size.name, expected="each name once", zh=zh, en=en)
            seen.add(size.name)


def _check_levels(document: LevelsDocument, problems: Problems) -> None:
    named = [level.protection for level in document.levels]
    for protection in Protection:
        if named.count(protection) != 1:
            zh, en = f"{protection} 应出现一次", f"{protection} should stand once"
            problems.add(("levels",), found=named.count(protection), expected="each level once", zh=zh, en=en)
