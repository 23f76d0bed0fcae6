"""What exists already and becomes part of an environment 纳入: which things of a spec can be, and what must hold of it.

Whether the cloud has them, and whose they are, is seen when the environment is planned.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from governance.environments.faults import Faults
from governance.environments.model import EnvironmentSpec

LONGEST_ID = 255


def adoptable(spec: EnvironmentSpec) -> Mapping[str, tuple[str, ...]]:
    """By kind the names of what a spec names itself; a kind is called as in a plan."""
    fields: Mapping[str, Sequence[Any]] = {
        "Subnet": spec.subnets,
        "Instance": spec.instances,
        "Bucket": spec.buckets,
        "Database": spec.databases,
        "FileSystem": spec.file_systems,
        "LoadBalancer": spec.load_balancers,
        "Secret": spec.secrets,
        "Key": spec.keys,
    }
    disks = tuple(volume.name for instance in spec.instances for volume in instance.volumes)
    named = {kind: tuple(one.name for one in ones) for kind, ones in fields.items()}
    return {"Vpc": (spec.environment,), "Volume": disks, **named}


def check_adoptions(spec: EnvironmentSpec, faults: Faults) -> None:
    """Add every fault of what is to be adopted: an unknown kind or name, no id, one thing twice."""
    known = adoptable(spec)
    names: set[tuple[str, str]] = set()
    ids: set[tuple[str, str]] = set()
    for index, one in enumerate(spec.adopt):
        if one.kind not in known:
            zh, en = f"不能纳入 {one.kind}", f"no {one.kind} can be adopted"
            faults.add(("adopt", index, "kind"), one.kind, f"one of {', '.join(sorted(known))}", zh, en)
        elif one.name not in known[one.kind]:
            zh = f"本环境没有名为 {one.name} 的 {one.kind}"
            en = f"this environment has no {one.kind} called {one.name}"
            faults.add(("adopt", index, "name"), one.name, ", ".join(known[one.kind]) or "none", zh, en)
        if not 1 <= len(one.id) <= LONGEST_ID or any(sign.isspace() for sign in one.id):
            zh, en = "写明云上的资源标识", "name the resource's id in the cloud"
            faults.add(("adopt", index, "id"), one.id, "an id such as vol-0a1b2c", zh, en)
        if (one.kind, one.name) in names:
            zh, en = f"{one.kind} {one.name} 只能纳入一次", f"{one.kind} {one.name} is adopted once"
            faults.add(("adopt", index, "name"), one.name, "each name once", zh, en)
        if (one.kind, one.id) in ids:
            zh, en = f"{one.id} 只能纳入一次", f"{one.id} is adopted once"
            faults.add(("adopt", index, "id"), one.id, "each id once", zh, en)
        names.add((one.kind, one.name))
        ids.add((one.kind, one.id))
