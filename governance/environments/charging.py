"""What of an environment is charged by which plan of the catalogue, and what by none: one answer for the estimate,
the register and the request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from governance.environments.model import Baseline, EnvironmentSpec


@dataclass(frozen=True, slots=True)
class ChargedPart:
    """One charged thing: ``kind`` and ``name`` as the engine's outputs have them, the catalogue ``plan``, and the
    exact numbers that stand in for the plan's own."""

    kind: str
    name: str
    plan: str
    attributes: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class UnchargedPart:
    """What the catalogue has no plan for, said in words."""

    kind: str
    names: tuple[str, ...]
    zh: str
    en: str


def charged_parts(spec: EnvironmentSpec) -> tuple[ChargedPart, ...]:
    """Everything with a plan. A machine is charged with its disks; a standby's storage counts again."""
    return tuple(_charged(spec))


def _charged(spec: EnvironmentSpec) -> Iterable[ChargedPart]:
    for instance in spec.instances:
        size = sum(volume.size_gb for volume in instance.volumes)
        yield ChargedPart("instance", instance.name, instance.plan, {"size_gb": Decimal(size)} if size else {})
    for database in spec.databases:
        copies = 2 if database.multi_zone else 1
        attributes = {"db_disk_gb": Decimal(copies * database.storage_gb)}
        yield ChargedPart("database", database.name, database.plan, attributes)
    for balancer in spec.load_balancers:
        yield ChargedPart("load-balancer", balancer.name, balancer.plan)
    for shared in spec.file_systems:
        yield ChargedPart("file-system", shared.name, shared.plan, {"size_gb": Decimal(shared.size_gb)})
    for bucket in spec.buckets:
        if bucket.plan:
            yield ChargedPart("bucket", bucket.name, bucket.plan)


def uncharged_parts(spec: EnvironmentSpec) -> tuple[UnchargedPart, ...]:
    """Everything that stands in no plan: none of it is in an estimate."""
    buckets = [bucket.name for bucket in spec.buckets if not bucket.plan]
    second = spec.baseline is Baseline.SECOND
    found = {
        ("bucket", "对象存储桶", "buckets"): buckets,
        ("secret", "密文", "secrets"): [one.name for one in spec.secrets],
        ("key", "密钥", "keys"): [*(["environment"] if second else []), *(one.name for one in spec.keys)],
        ("backup", "备份", "backups"): [f"{spec.backup.retention_days}d"] if spec.backup else [],
        ("flow-log", "流日志", "flow logs"): [f"{spec.flow_logs.retention_days}d"] if spec.flow_logs else [],
        ("peer", "互通", "peers"): [one.environment for one in spec.peers],
    }
    return tuple(
        UnchargedPart(
            kind,
            tuple(names),
            f"{zh}({'、'.join(names)})未写明目录规格,不在估算之内",
            f"{en} ({', '.join(names)}) name no plan of the catalogue and are not in the estimate",
        )
        for (kind, zh, en), names in found.items()
        if names
    )
