"""Adopting: the approved spec with what was changed by hand, where the spec has a word for it. Pure.

What has no word, or would make the next plan lose data that is still there, is left with the reason: only a revert
takes it back, and an orphan goes when somebody deletes it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from governance.environments import Baseline, EnvironmentSpec, IngressRule, Purpose, TierRule
from infra.components.names import BASELINE, tier
from infra.drift.model import Change, Finding

Plans = Mapping[str, str]
"""From a cloud's type of machine or class of database to the catalogue's plan."""


class _NoWordError(Exception):
    """Why a finding cannot be adopted, in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


@dataclass(frozen=True, slots=True)
class Left:
    """A finding that cannot be adopted, and why."""

    finding: Finding
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Adoption:
    """The changed spec, what of it comes from findings, and what could not be taken in."""

    spec: EnvironmentSpec
    adopted: tuple[Finding, ...]
    left: tuple[Left, ...]


_Part = TypeVar("_Part", bound=Any)
_Word = Callable[[EnvironmentSpec, Finding, Plans], EnvironmentSpec]


def adopt(spec: EnvironmentSpec, findings: Iterable[Finding], plans: Plans) -> Adoption:
    """Take in every finding that the spec has a word for, whatever order they come in."""
    listed = sorted(findings, key=lambda one: (one.seen.change is Change.DELETED and one.seen.kind != "Volume", one.id))
    deleted = {(one.seen.kind, one.seen.name) for one in listed if one.seen.change is Change.DELETED}
    adopted, left = [], []
    for finding in listed:
        try:
            spec = _adopted(spec, finding, plans, deleted)
            adopted.append(finding)
        except _NoWordError as none:
            left.append(Left(finding, none.zh, none.en))
    return Adoption(spec, tuple(adopted), tuple(left))


def _adopted(
    spec: EnvironmentSpec, finding: Finding, plans: Plans, deleted: Collection[tuple[str, str]]
) -> EnvironmentSpec:
    seen = finding.seen
    if seen.change is Change.ORPHAN:
        raise _NoWordError(
            "孤立资源不在环境说明中:请删除它,或申请后由运营导入",
            "the spec has no word for an orphan: delete it, or ask for it and have it imported",
        )
    if seen.change is Change.DELETED:
        return _without(spec, finding, deleted)
    word = _WORDS.get((seen.kind, seen.path))
    if word is None:
        raise _NoWordError(
            f"环境说明中没有 {seen.kind} 的 {seen.path} 一项,只能还原",
            f"the spec has no word for {seen.path} of {seen.kind}: it can only be reverted",
        )
    return word(spec, finding, plans)


def _without(spec: EnvironmentSpec, finding: Finding, deleted: Collection[tuple[str, str]]) -> EnvironmentSpec:
    name = finding.seen.name
    if finding.seen.kind == "Volume":
        return _without_disk(spec, name)
    if finding.seen.kind == "Instance":
        machine = _named(spec.instances, name)
        if any(("Volume", disk.name) not in deleted for disk in machine.volumes):
            raise _NoWordError(
                "该云主机的磁盘还在,去掉主机会删除数据:只能还原",
                "its disks are still there and would be deleted with it: it can only be reverted",
            )
        balancers = tuple(
            replace(one, targets=tuple(target for target in one.targets if target != name))
            for one in spec.load_balancers
        )
        return replace(spec, instances=_but(spec.instances, name), load_balancers=balancers)
    if finding.seen.kind == "Bucket":
        _named(spec.buckets, name)
        return replace(spec, buckets=_but(spec.buckets, name))
    raise _NoWordError(
        f"环境说明不能单独去掉 {finding.seen.kind},只能还原",
        f"a spec cannot do without a {finding.seen.kind} alone: it can only be reverted",
    )


def _without_disk(spec: EnvironmentSpec, name: str) -> EnvironmentSpec:
    for machine in spec.instances:
        names = [disk.name for disk in machine.volumes]
        if name in names:
            if names[-1] != name:
                raise _NoWordError(
                    "去掉中间的磁盘会改变其后磁盘的设备名:只能还原",
                    "without a disk in the middle those after it would move: it can only be reverted",
                )
            return _with(spec, "instances", replace(machine, volumes=machine.volumes[:-1]))
    raise _unnamed(name)


def _instance_type(spec: EnvironmentSpec, finding: Finding, plans: Plans) -> EnvironmentSpec:
    machine = _named(spec.instances, finding.seen.name)
    found = str(finding.seen.found)
    return _with(spec, "instances", replace(machine, instance_type=found, plan=_plan(plans, found)))


def _image(spec: EnvironmentSpec, finding: Finding, plans: Plans) -> EnvironmentSpec:
    machine = _named(spec.instances, finding.seen.name)
    return _with(spec, "instances", replace(machine, image=str(finding.seen.found)))


def _disk_size(spec: EnvironmentSpec, finding: Finding, plans: Plans) -> EnvironmentSpec:
    for machine in spec.instances:
        for disk in machine.volumes:
            if disk.name == finding.seen.name:
                changed = replace(disk, size_gb=int(finding.seen.found))
                volumes = tuple(changed if one.name == disk.name else one for one in machine.volumes)
                return _with(spec, "instances", replace(machine, volumes=volumes))
    raise _unnamed(finding.seen.name)


def _versioning(spec: EnvironmentSpec, finding: Finding, plans: Plans) -> EnvironmentSpec:
    bucket = _named(spec.buckets, finding.seen.name)
    return _with(spec, "buckets", replace(bucket, versioning=bool(finding.seen.found)))


def _database_class(spec: EnvironmentSpec, finding: Finding, plans: Plans) -> EnvironmentSpec:
    one, found = _named(spec.databases, finding.seen.name), str(finding.seen.found)
    return _with(spec, "databases", replace(one, instance_class=found, plan=_plan(plans, found)))


def _database_size(spec: EnvironmentSpec, finding: Finding, plans: Plans) -> EnvironmentSpec:
    one = _named(spec.databases, finding.seen.name)
    return _with(spec, "databases", replace(one, storage_gb=int(finding.seen.found)))


def _database_version(spec: EnvironmentSpec, finding: Finding, plans: Plans) -> EnvironmentSpec:
    one = _named(spec.databases, finding.seen.name)
    return _with(spec, "databases", replace(one, version=str(finding.seen.found)))


def _rules(spec: EnvironmentSpec, finding: Finding, plans: Plans) -> EnvironmentSpec:
    there, wanted = ([dict(rule) for rule in side or ()] for side in (finding.seen.found, finding.seen.expected))
    added = [_port(rule) for rule in there if rule not in wanted]
    removed = [_port(rule) for rule in wanted if rule not in there]
    if spec.baseline is Baseline.FIRST and finding.seen.name == BASELINE:
        gone = {IngressRule(*one) for one in removed}
        kept = tuple(rule for rule in spec.ingress if rule not in gone)
        return replace(spec, ingress=(*kept, *(IngressRule(*one) for one in added)))
    for purpose in Purpose:
        if finding.seen.name == tier(purpose):
            lost = {TierRule(source, purpose, port, protocol) for protocol, port, source in removed}
            if not lost <= set(spec.allow):
                raise _by_tier()
            more = (TierRule(source, purpose, port, protocol) for protocol, port, source in added)
            return replace(spec, allow=(*(rule for rule in spec.allow if rule not in lost), *more))
    raise _by_tier()


def _by_tier() -> _NoWordError:
    return _NoWordError(
        "这些规则由各层之间的放行关系得出,环境说明不能单独改写:只能还原",
        "these rules follow from what the tiers may do, and are not the spec's own: they can only be reverted",
    )


def _port(rule: Mapping[str, Any]) -> tuple[str, int, str]:
    protocol, first, last, source = (rule.get(name) for name in ("protocol", "from_port", "to_port", "cidr"))
    if protocol not in {"tcp", "udp"} or first is None or first != last or not source:
        raise _NoWordError(
            "环境说明只写单个端口、单个网段的 TCP 或 UDP 规则:只能还原",
            "a spec only has rules of TCP or UDP for one port from one CIDR: it can only be reverted",
        )
    return str(protocol), int(first), str(source)


def _plan(plans: Plans, found: str) -> str:
    if found not in plans:
        raise _NoWordError(
            f"没有规格档位对应 {found},无法计价:只能还原",
            f"no size is of the type {found}, so that nobody knows its price: it can only be reverted",
        )
    return plans[found]


def _named(parts: Iterable[_Part], name: str) -> _Part:
    for part in parts:
        if part.name == name:
            return part
    raise _unnamed(name)


def _unnamed(name: str) -> _NoWordError:
    return _NoWordError(
        f"批准的环境说明中没有 {name}:只能还原",
        f"the approved spec does not name {name}: it can only be reverted",
    )


def _but(parts: tuple[_Part, ...], name: str) -> tuple[_Part, ...]:
    return tuple(part for part in parts if part.name != name)


def _with(spec: EnvironmentSpec, field: str, part: Any) -> EnvironmentSpec:
    parts = tuple(part if one.name == part.name else one for one in getattr(spec, field))
    changed: dict[str, Any] = {field: parts}
    return replace(spec, **changed)


_WORDS: Mapping[tuple[str, str], _Word] = {
    ("Instance", "instance_type"): _instance_type,
    ("Instance", "image_id"): _image,
    ("Volume", "size_gb"): _disk_size,
    ("Bucket", "versioning"): _versioning,
    ("Database", "instance_class"): _database_class,
    ("Database", "size_gb"): _database_size,
    ("Database", "engine_version"): _database_version,
    ("SecurityGroup", "ingress"): _rules,
}
