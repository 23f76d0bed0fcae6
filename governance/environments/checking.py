"""What must hold of a resolved spec, each fault by itself: names, addresses, references between its parts.

What only the second baseline has is ``second``'s.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Network, ip_network

from governance.environments.adopting import check_adoptions
from governance.environments.faults import Faults
from governance.environments.model import LANDING_ZONE, NAME, Baseline, EnvironmentSpec
from governance.environments.second import LATER, check_second
from governance.environments.written import FROM_ADDRESS_PLAN


def check(spec: EnvironmentSpec, faults: Faults) -> None:
    """Add every fault of the spec."""
    _names(spec, faults)
    _addresses(spec, faults)
    _references(spec, faults)
    check_adoptions(spec, faults)
    if spec.baseline is Baseline.SECOND:
        check_second(spec, faults)
    else:
        for field in LATER:
            if getattr(spec, field):
                zh, en = f"{field} 需要 baseline: 2", f"{field} takes baseline: 2"
                faults.add((field,), "baseline: 1", "baseline: 2", zh, en)


def _names(spec: EnvironmentSpec, faults: Faults) -> None:
    named: dict[str, list[tuple[tuple[str | int, ...], str]]] = {
        "environment": [(("environment",), spec.environment)],
        "volumes": [
            (("instances", index, "volumes"), volume.name)
            for index, instance in enumerate(spec.instances)
            for volume in instance.volumes
        ],
    }
    for field in ("subnets", "instances", "buckets", "databases", "load_balancers", "file_systems", "secrets", "keys"):
        named[field] = [((field, index, "name"), one.name) for index, one in enumerate(getattr(spec, field))]
    for field, names in named.items():
        _named(field, names, faults)
    if spec.environment == LANDING_ZONE:
        zh, en = f"{LANDING_ZONE} 是着陆区自己的名称", f"{LANDING_ZONE} is the landing zone's own name"
        faults.add(("environment",), spec.environment, "another name", zh, en)


def _named(field: str, names: Iterable[tuple[tuple[str | int, ...], str]], faults: Faults) -> None:
    seen: set[str] = set()
    for path, name in names:
        if name and not NAME.fullmatch(name):
            faults.add(
                path,
                name,
                "2 to 40 of a-z, 0-9 and -, beginning with a letter",
                f"{name} 不是合规的名称:2 至 40 个小写字母、数字和连字符,以字母开头",
                f"{name} is no name: 2 to 40 of a-z, 0-9 and -, beginning with a letter",
            )
        if name in seen:
            faults.add(path, name, "each name once", f"{field} 中名称 {name} 重复", f"{field} has {name} twice")
        seen.add(name)


def _addresses(spec: EnvironmentSpec, faults: Faults) -> None:
    if faults.told("cidr") or spec.cidr == FROM_ADDRESS_PLAN:  # there are no addresses yet, and that was told
        return
    try:
        network = IPv4Network(spec.cidr)
    except ValueError as cause:
        faults.add(("cidr",), spec.cidr, str(cause))
        return
    taken: list[tuple[str, IPv4Network]] = []
    for index, subnet in enumerate(spec.subnets):
        path = ("subnets", index, "cidr")
        if not subnet.cidr or faults.told("subnets", index):
            continue
        try:
            part = IPv4Network(subnet.cidr)
        except ValueError as cause:
            faults.add(path, subnet.cidr, str(cause))
            continue
        if not part.subnet_of(network):
            zh, en = f"子网 {part} 不在环境地址段 {network} 之内", f"subnet {part} is not inside {network}"
            faults.add(path, subnet.cidr, f"inside {network}", zh, en, code="outside")
        for name, other in taken:
            if part.overlaps(other):
                zh, en = f"子网 {part} 与子网 {name} 的 {other} 重叠", f"subnet {part} overlaps {name}'s {other}"
                faults.add(path, subnet.cidr, f"no overlap with subnet {name}", zh, en, code="overlap")
        taken.append((subnet.name, part))


def _references(spec: EnvironmentSpec, faults: Faults) -> None:
    subnets = {subnet.name for subnet in spec.subnets}
    if not subnets:
        faults.add(("subnets",), "none", "at least one subnet", "至少一个子网", "at least one subnet")
    for index, subnet in enumerate(spec.subnets):
        if subnet.zone_index < 0:
            faults.add(("subnets", index, "zone_index"), subnet.zone_index, "0 or more")
    for index, instance in enumerate(spec.instances):
        if instance.subnet and instance.subnet not in subnets:
            faults.add(("instances", index, "subnet"), instance.subnet, f"one of {sorted(subnets)}")
        for volume in instance.volumes:
            if volume.size_gb < 1:
                faults.add(("instances", index, "volumes"), volume.size_gb, "at least 1 GB")
    _ingress(spec, faults)


def _ingress(spec: EnvironmentSpec, faults: Faults) -> None:
    for index, rule in enumerate(spec.ingress):
        if rule.protocol not in {"tcp", "udp"} or not 0 < rule.port < 65536:
            faults.add(("ingress", index), f"{rule.protocol}/{rule.port}", "tcp or udp, port 1-65535")
        try:
            ip_network(rule.source)
        except ValueError as cause:
            faults.add(("ingress", index, "source"), rule.source, str(cause))
