"""The addresses of a written environment: its block, given or from the address plan, and its subnets inside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from ipaddress import IPv4Network

from governance.environments.layout import lay_out, prefix_for
from governance.environments.model import SubnetSpec
from governance.environments.ports import AddressPlan, BlockWanted, NoRoom
from governance.environments.published import Published
from governance.environments.written import FROM_ADDRESS_PLAN, WrittenEnvironment, WrittenSubnet
from governance.yaml_documents import Problems

SHORTEST, LONGEST = 16, 28
"""The largest and the smallest network an AWS-compatible cloud makes."""


def block_for(
    written: WrittenEnvironment, published: Published, addresses: AddressPlan | None, problems: Problems
) -> IPv4Network | None:
    """The environment's block; None where there is none to speak of (a problem is noted, or ``check`` will)."""
    if written.cidr != FROM_ADDRESS_PLAN:
        try:
            return IPv4Network(written.cidr)
        except ValueError:
            return None  # the check names it
    fixed = [index for index, subnet in enumerate(written.subnets) if subnet.cidr]
    for index in fixed:
        zh, en = "地址由地址规划分配时,子网写 purpose 和 prefix", "with addresses from the plan a subnet has no cidr"
        problems.add(("subnets", index, "cidr"), found=written.subnets[index].cidr, expected="prefix", zh=zh, en=en)
    prefixes = [subnet.prefix for subnet in written.subnets if subnet.prefix and SHORTEST <= subnet.prefix <= LONGEST]
    needed = prefix_for(prefix for prefix in prefixes for _ in range(_zones(written, published)))
    prefix = needed if written.prefix is None else written.prefix
    if fixed or not prefixes:
        return None
    if not SHORTEST <= prefix <= LONGEST:
        zh, en = f"前缀应在 /{SHORTEST} 与 /{LONGEST} 之间", f"a prefix is /{SHORTEST} to /{LONGEST}"
        problems.add(("prefix",), found=f"/{prefix}", expected=f"/{SHORTEST} to /{LONGEST}", zh=zh, en=en)
        return None
    if addresses is None:
        zh, en = "此处没有地址规划,请写明地址段", "no address plan is at hand here: name the block"
        problems.add(("cidr",), found=FROM_ADDRESS_PLAN, expected="a CIDR", zh=zh, en=en, code="no-address-plan")
        return None
    wanted = BlockWanted(written.environment, written.agency, written.zone, written.protection, written.region, prefix)
    block = addresses.allot(wanted)
    if isinstance(block, NoRoom):
        _exhausted(wanted, block, problems)
    return None if isinstance(block, NoRoom) else block


def _exhausted(wanted: BlockWanted, room: NoRoom, problems: Problems) -> None:
    """Say how much is needed and what is free, so that the writer or the plan's owner knows what to change."""
    where = f"{wanted.region} {wanted.zone} {wanted.protection}".strip()
    if not room.pools:
        zh, en = f"地址规划中没有供 {where} 使用的地址池", f"the address plan has no pool for {where}"
        free = "a published pool"
    elif room.largest is None:
        pools = ", ".join(room.pools)
        zh = f"需要一个 /{wanted.prefix};{where} 的地址池({pools})已用尽"
        en = f"a /{wanted.prefix} is needed; the pools of {where} ({pools}) are used up"
        free = "a free block"
    else:
        pools = ", ".join(room.pools)
        zh = f"需要一个 /{wanted.prefix};{where} 的地址池({pools})中空闲的最大地址段为 /{room.largest}"
        en = f"a /{wanted.prefix} is needed; the largest block free for {where} ({pools}) is a /{room.largest}"
        free = f"/{room.largest} or smaller"
    problems.add(("cidr",), found=f"/{wanted.prefix}", expected=free, zh=zh, en=en, code="addresses-exhausted")


def subnets_of(
    written: WrittenEnvironment,
    published: Published,
    block: IPv4Network | None,
    standing: Mapping[str, IPv4Network],
    problems: Problems,
) -> tuple[tuple[SubnetSpec, ...], tuple[int, ...]]:
    """Every subnet, the given ones as they are, those by purpose laid out in what is left; and for each the index of
    the entry it was written as."""
    zones = _zones(written, published)
    wanted: dict[str, int] = {}
    given: dict[str, IPv4Network] = {}
    made: list[SubnetSpec] = []
    origins: list[int] = []
    for index, subnet in enumerate(written.subnets):
        if subnet.prefix is None:
            if not subnet.name or not subnet.cidr:
                zh, en = (
                    "子网应有 name 和 cidr,或 purpose 和 prefix",
                    "a subnet has name and cidr, or purpose and prefix",
                )
                problems.add(("subnets", index), found=subnet.name, expected="name and cidr", zh=zh, en=en)
            made.append(SubnetSpec(subnet.name, subnet.cidr, subnet.zone_index, subnet.purpose))
            origins.append(index)
            network = _network(subnet.cidr)
            if network is not None:
                given[subnet.name] = network
        elif _by_purpose(subnet, index, problems):
            for zone in range(zones):
                name = f"{subnet.name or subnet.purpose}-{zone + 1}"
                wanted[name] = subnet.prefix
                made.append(SubnetSpec(name, "", zone, subnet.purpose))
                origins.append(index)
    if block is None or not wanted:
        return tuple(made), tuple(origins)
    stay = {name: network for name, network in standing.items() if name in wanted and name not in given}
    laid = lay_out(block, wanted, given | stay)
    if laid.left:
        needed = prefix_for([*wanted.values(), *(network.prefixlen for network in given.values())])
        zh = f"地址段 {block} 已用尽:{'、'.join(laid.left)} 放不下,共需 /{needed}"
        en = f"{block} is exhausted: no room for {', '.join(laid.left)}; all together take a /{needed}"
        problems.add(("cidr",), found=block, expected=f"/{needed}", zh=zh, en=en, code="addresses-exhausted")
    subnets = (
        replace(subnet, cidr=str(laid.placed[subnet.name])) if subnet.name in laid.placed else subnet for subnet in made
    )
    return tuple(subnets), tuple(origins)


def _by_purpose(subnet: WrittenSubnet, index: int, problems: Problems) -> bool:
    path = ("subnets", index)
    if subnet.purpose is None or subnet.cidr or subnet.zone_index:
        zh, en = "按用途的子网只写 purpose 和 prefix", "a subnet by purpose has purpose and prefix only"
        problems.add(path, found=subnet.cidr or subnet.name, expected="purpose and prefix", zh=zh, en=en)
        return False
    if subnet.prefix is None or not SHORTEST <= subnet.prefix <= LONGEST:
        zh, en = f"前缀应在 /{SHORTEST} 与 /{LONGEST} 之间", f"a prefix is /{SHORTEST} to /{LONGEST}"
        problems.add((*path, "prefix"), found=subnet.prefix, expected=f"{SHORTEST} to {LONGEST}", zh=zh, en=en)
        return False
    return True


def _zones(written: WrittenEnvironment, published: Published) -> int:
    return written.zones or published.levels[written.protection].zones


def _network(cidr: str) -> IPv4Network | None:
    try:
        return IPv4Network(cidr)
    except ValueError:
        return None
