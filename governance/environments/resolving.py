"""A written environment made exact: sizes become types, purposes become networks, counts become machines.

Takes the published sizes and defaults, and the address plan where the spec leaves its addresses to it. What is wrong
is added to ``problems``; the result is then of no use, but whole enough to be checked further.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from ipaddress import IPv4Network
from typing import Protocol, TypeVar

from governance.environments.addressing import block_for, subnets_of
from governance.environments.faults import Origins
from governance.environments.model import (
    AdoptSpec,
    BackupSpec,
    Baseline,
    BucketSpec,
    DatabaseSpec,
    EnvironmentSpec,
    FileSystemSpec,
    FlowLogSpec,
    IngressRule,
    InstanceSpec,
    KeySpec,
    LoadBalancerSpec,
    PeerSpec,
    SecretSpec,
    SubnetSpec,
    TierRule,
    VolumeSpec,
)
from governance.environments.ports import AddressPlan
from governance.environments.published import Published
from governance.environments.written import WrittenDatabase, WrittenEnvironment, WrittenInstance
from governance.yaml_documents import FieldPath, Problems


class _Sized(Protocol):
    @property
    def plan(self) -> str: ...


SizeT = TypeVar("SizeT", bound=_Sized)


def resolve(
    written: WrittenEnvironment,
    published: Published,
    addresses: AddressPlan | None,
    standing: Mapping[str, IPv4Network],
    problems: Problems,
) -> tuple[EnvironmentSpec, Origins]:
    """The exact spec, and where each of its machines and subnets was written.

    ``standing`` are the subnets the environment has already, by name: they stay where they are.
    """
    block = block_for(written, published, addresses, problems)
    subnets, subnet_origins = subnets_of(written, published, block, standing, problems)
    machines = _instances(written, published, subnets, problems)
    groups: dict[str, list[str]] = {}
    for machine, index in machines:
        groups.setdefault(written.instances[index].name, []).append(machine.name)
    second = written.baseline is Baseline.SECOND
    defaults = published.levels[written.protection]
    backup = written.backup.retention_days if written.backup else defaults.backup_days
    flow_logs = written.flow_logs.retention_days if written.flow_logs else defaults.flow_log_days
    spec = EnvironmentSpec(
        environment=written.environment,
        agency=written.agency,
        system=written.system,
        project=written.project,
        fund_source=written.fund_source,
        zone=written.zone,
        protection=written.protection,
        cidr=written.cidr if block is None else str(block),
        subnets=subnets,
        ingress=tuple(IngressRule(one.protocol, one.port, one.source) for one in written.ingress),
        instances=tuple(machine for machine, _ in machines),
        buckets=tuple(BucketSpec(one.name, one.versioning, one.plan) for one in written.buckets),
        baseline=written.baseline,
        region=written.region,
        account=written.account,
        allow=tuple(TierRule(one.source, one.target, one.port, one.protocol) for one in written.allow),
        databases=tuple(_database(index, one, published, problems) for index, one in enumerate(written.databases)),
        load_balancers=_balancers(written, published, groups, problems),
        file_systems=_file_systems(written, published, problems),
        secrets=tuple(SecretSpec(one.name, one.description) for one in written.secrets),
        keys=tuple(KeySpec(one.name, one.description) for one in written.keys),
        backup=BackupSpec(backup) if second or written.backup else None,
        flow_logs=FlowLogSpec(flow_logs) if second or written.flow_logs else None,
        roles=tuple(written.roles if written.roles is not None else defaults.roles if second else ()),
        peers=_peers(written, addresses, problems),
        adopt=tuple(AdoptSpec(one.kind, one.name, one.id) for one in written.adopt),
    )
    return spec, {"subnets": subnet_origins, "instances": tuple(index for _, index in machines)}


def _instances(
    written: WrittenEnvironment, published: Published, subnets: Sequence[SubnetSpec], problems: Problems
) -> list[tuple[InstanceSpec, int]]:
    """The machines, each with the index of the entry it was written as."""
    made: list[tuple[InstanceSpec, int]] = []
    for index, one in enumerate(written.instances):
        path: FieldPath = ("instances", index)
        plan, instance_type = one.plan, one.instance_type
        if one.size:
            _one_of(problems, path, "size", one.size, {"plan": one.plan, "instance_type": one.instance_type})
            size = _size(problems, path, one.size, published.machines)
            plan, instance_type = (size.plan, size.instance_type) if size else ("", "")
        else:
            _required(problems, path, {"plan": plan, "instance_type": instance_type}, "size")
        image = one.image or written.image
        _required(problems, path, {"image": image})
        places = _places(one, path, subnets, problems)
        names = [one.name] if one.count is None else [f"{one.name}-{number + 1}" for number in range(one.count)]
        if one.count is not None and not 1 <= one.count <= 500:
            zh, en = "台数应为 1 至 500", "the count is 1 to 500"
            problems.add((*path, "count"), found=one.count, expected="1 to 500", zh=zh, en=en)
            names = []
        machines = (
            InstanceSpec(
                name=name,
                plan=plan,
                instance_type=instance_type,
                image=image,
                subnet=places[number % len(places)],
                volumes=tuple(
                    VolumeSpec(each.name if one.count is None else f"{name}-{each.name}", each.size_gb)
                    for each in one.volumes
                ),
            )
            for number, name in enumerate(names)
        )
        made.extend((machine, index) for machine in machines)
    return made


def _places(one: WrittenInstance, path: FieldPath, subnets: Sequence[SubnetSpec], problems: Problems) -> list[str]:
    if (one.tier is None) == (one.subnet == ""):
        zh, en = "subnet 与 tier 填且只填一项", "either subnet or tier, not both"
        problems.add(path, found=one.subnet, expected="subnet or tier", zh=zh, en=en)
        return [one.subnet]
    if one.tier is None:
        return [one.subnet]
    found = sorted((each for each in subnets if each.purpose is one.tier), key=lambda each: each.zone_index)
    if not found:
        zh, en = f"没有用途为 {one.tier} 的子网", f"no subnet is for {one.tier}"
        there = ", ".join(sorted({each.purpose.value for each in subnets if each.purpose})) or "none"
        problems.add((*path, "tier"), found=one.tier, expected=there, zh=zh, en=en)
        return [""]
    return [each.name for each in (found if one.spread else found[:1])]


def _database(index: int, one: WrittenDatabase, published: Published, problems: Problems) -> DatabaseSpec:
    path: FieldPath = ("databases", index)
    plan, instance_class, multi_zone = one.plan, one.instance_class, bool(one.multi_zone)
    if one.size:
        told = {"plan": one.plan, "instance_class": one.instance_class, "multi_zone": one.multi_zone}
        _one_of(problems, path, "size", one.size, told)
        size = _size(problems, path, one.size, published.databases)
        if size:
            plan, instance_class, multi_zone = size.plan, size.instance_class, size.multi_zone
    else:
        _required(problems, path, {"plan": plan, "instance_class": instance_class}, "size")
    version = one.version or published.engines.get(one.engine, "")
    _required(problems, path, {"version": version})
    return DatabaseSpec(one.name, plan, one.engine, version, instance_class, one.storage_gb, multi_zone)


def _balancers(
    written: WrittenEnvironment,
    published: Published,
    groups: Mapping[str, Sequence[str]],
    problems: Problems,
) -> tuple[LoadBalancerSpec, ...]:
    made = []
    for index, one in enumerate(written.load_balancers):
        plan = _plan(problems, ("load_balancers", index), one.size, one.plan, published.load_balancers)
        targets = [name for target in one.targets for name in groups.get(target, [target])]
        made.append(
            LoadBalancerSpec(
                name=one.name,
                plan=plan,
                protocol=one.protocol,
                port=one.port,
                target_port=one.port if one.target_port is None else one.target_port,
                targets=tuple(dict.fromkeys(targets)),
                sources=tuple(one.sources),
                public=one.public,
                certificate=one.certificate,
            )
        )
    return tuple(made)


def _file_systems(written: WrittenEnvironment, published: Published, problems: Problems) -> tuple[FileSystemSpec, ...]:
    return tuple(
        FileSystemSpec(
            name=one.name,
            plan=_plan(problems, ("file_systems", index), one.size, one.plan, published.file_systems),
            size_gb=one.size_gb,
            purpose=one.purpose,
        )
        for index, one in enumerate(written.file_systems)
    )


def _peers(written: WrittenEnvironment, addresses: AddressPlan | None, problems: Problems) -> tuple[PeerSpec, ...]:
    made = []
    for index, one in enumerate(written.peers):
        cidr = one.cidr
        if not cidr:
            block = addresses.block_of(one.environment) if addresses else None
            cidr = "" if block is None else str(block)
        if not cidr:
            zh = f"不知道环境 {one.environment} 的地址段:请写明 cidr,或先为它分配地址"
            en = f"the addresses of {one.environment} are not known: name them, or have it allotted some"
            problems.add(("peers", index, "cidr"), found="", expected="a CIDR", zh=zh, en=en, code="peer-unknown")
        made.append(PeerSpec(one.environment, cidr, one.approval))
    return tuple(made)


def _plan(problems: Problems, path: FieldPath, size: str, plan: str, sizes: Mapping[str, SizeT]) -> str:
    """The plan of a thing that a size says nothing else of. The first of the sizes goes without saying."""
    if not size and not plan and sizes:
        return next(iter(sizes.values())).plan
    if not size:
        _required(problems, path, {"plan": plan}, "size")
        return plan
    _one_of(problems, path, "size", size, {"plan": plan})
    found = _size(problems, path, size, sizes)
    return found.plan if found else ""


def _size(problems: Problems, path: FieldPath, name: str, sizes: Mapping[str, SizeT]) -> SizeT | None:
    found = sizes.get(name)
    if found is None:
        near = get_close_matches(name, sizes, n=3)
        offered = ", ".join(near or sizes)
        problems.add(
            (*path, "size"),
            found=name,
            expected=offered,
            zh=f"没有规格档位 {name}," + (f"相近的有:{offered}" if near else f"可选:{offered}"),
            en=f"there is no size {name}; " + (f"near it: {offered}" if near else f"there are: {offered}"),
            code="unknown-size",
        )
    return found


def _one_of(problems: Problems, path: FieldPath, field: str, value: str, others: Mapping[str, object]) -> None:
    for other, told in others.items():
        if told not in {"", None}:
            zh, en = f"写了 {field} 就不再写 {other}", f"{field} says it: leave {other} out"
            problems.add((*path, other), found=told, expected=f"nothing, beside {field} {value}", zh=zh, en=en)


def _required(problems: Problems, path: FieldPath, fields: Mapping[str, str], instead: str = "") -> None:
    for field, value in fields.items():
        if not value:
            zh = f"缺少 {field}" + (f"(或写 {instead})" if instead else "")
            en = f"{field} is missing" + (f" (or write {instead})" if instead else "")
            problems.add((*path, field), found="", expected=f"{field} or {instead}" if instead else field, zh=zh, en=en)
