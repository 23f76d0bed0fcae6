"""What must hold of a landing-zone spec."""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import IPv4Network

from governance.environments.landing_zone.model import LandingZoneSpec, Managed
from governance.environments.model import LANDING_ZONE, NAME
from governance.environments.second import LEAST_LOG_DAYS
from governance.yaml_documents import FieldPath, Problems

_ACCOUNT = re.compile(r"\d{12}")
_DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
_ROLE = re.compile(r"[\w+=,.@-]{1,64}")
_PRIVATE_ASN = (range(64512, 65535), range(4_200_000_000, 4_294_967_295))


def check_landing_zone(spec: LandingZoneSpec, problems: Problems) -> None:
    """Add every fault of the spec."""
    _names(spec, problems)
    _services(spec, problems)
    _regions(spec, problems)
    _agencies(spec, problems)
    _hub(spec, problems)
    _peerings(spec, problems)
    _networks(spec, problems)
    if spec.archive.retention_days < LEAST_LOG_DAYS:
        zh, en = f"日志至少留存 {LEAST_LOG_DAYS} 天", f"logs are kept {LEAST_LOG_DAYS} days or more"
        path: FieldPath = ("archive", "retention_days")
        problems.add(path, found=spec.archive.retention_days, expected=f"{LEAST_LOG_DAYS} or more", zh=zh, en=en)
    if not _ROLE.fullmatch(spec.deployer_role):
        problems.add(
            ("deployer_role",), found=spec.deployer_role, expected="a role", zh="不是角色名", en="no role's name"
        )
    if spec.organisation and not _DOMAIN.fullmatch(spec.email_domain):
        zh, en = "各账号需要电子邮件域名", "the accounts take a domain for their mail addresses"
        problems.add(("email_domain",), found=spec.email_domain, expected="a domain", zh=zh, en=en)


def _names(spec: LandingZoneSpec, problems: Problems) -> None:
    named: list[tuple[FieldPath, str]] = [(("environment",), spec.environment)]
    named += [(("services", index, "name"), one.name) for index, one in enumerate(spec.services)]
    named += [(("agencies", index, "agency"), one.agency) for index, one in enumerate(spec.agencies)]
    if spec.environment != LANDING_ZONE:
        zh, en = f"着陆区的名称是 {LANDING_ZONE}", f"the landing zone's name is {LANDING_ZONE}"
        problems.add(("environment",), found=spec.environment, expected=LANDING_ZONE, zh=zh, en=en)
    for path, name in named:
        if not NAME.fullmatch(name):
            zh, en = "应为 2 至 40 个小写字母、数字和连字符", "2 to 40 of a-z, 0-9 and -, beginning with a letter"
            problems.add(path, found=name, expected="a name", zh=zh, en=en)
    _once("services", ((index, one.name) for index, one in enumerate(spec.services)), problems)
    _once("agencies", ((index, one.agency) for index, one in enumerate(spec.agencies)), problems)
    _once("levels", ((index, one.code) for index, one in enumerate(spec.levels)), problems)
    _once("regions", ((index, one.region) for index, one in enumerate(spec.regions)), problems)
    _once("guardrails", enumerate(spec.guardrails), problems)


def _services(spec: LandingZoneSpec, problems: Problems) -> None:
    for index, service in enumerate(spec.services):
        if not 0 < service.port < 65536 or service.protocol not in {"tcp", "udp"}:
            found, zh, en = f"{service.protocol}/{service.port}", "应为 tcp 或 udp 的端口", "a port of tcp or udp"
            problems.add(("services", index, "port"), found=found, expected="tcp or udp, 1-65535", zh=zh, en=en)


def _once(field: str, named: Iterable[tuple[int, str]], problems: Problems) -> None:
    seen: set[str] = set()
    for index, name in named:
        if name in seen:
            zh, en = f"{name} 重复", f"{name} stands twice"
            problems.add((field, index), found=name, expected="each once", zh=zh, en=en)
        seen.add(name)


def _regions(spec: LandingZoneSpec, problems: Problems) -> None:
    levels = {level.code for level in spec.levels}
    for index, region in enumerate(spec.regions):
        _known(region.level, levels, ("regions", index, "level"), problems)
    home = spec.region(spec.home_region)
    if home is None or home.managed is not Managed.APPLIED:
        found = "not among the regions" if home is None else f"{home.region}: {home.managed}"
        zh, en = "主区域须在 regions 中且为 applied", "the home region stands among the regions, as applied"
        problems.add(("home_region",), found=found, expected="an applied region", zh=zh, en=en)


def _agencies(spec: LandingZoneSpec, problems: Problems) -> None:
    levels = {level.code for level in spec.levels}
    accounts: set[str] = set()
    for index, agency in enumerate(spec.agencies):
        path: FieldPath = ("agencies", index)
        _known(agency.level, levels, (*path, "level"), problems)
        if not agency.places:
            zh, en = f"{agency.agency} 没有区域与等级", f"{agency.agency} has no place"
            problems.add((*path, "places"), found="none", expected="at least one", zh=zh, en=en)
        seen: set[tuple[str, str]] = set()
        for number, place in enumerate(agency.places):
            here: FieldPath = (*path, "places", number)
            if (place.zone, place.protection) in seen:
                zh, en = "同一区域和等级只写一次", "each zone and level once"
                problems.add(here, found=f"{place.zone} {place.protection}", expected="once", zh=zh, en=en)
            seen.add((place.zone, place.protection))
            if not place.account:
                continue
            if not spec.organisation:
                zh, en = "没有组织的云上各单位没有自己的账号", "without organisations no agency has an account"
                problems.add((*here, "account"), found=place.account, expected="none", zh=zh, en=en)
            elif not _ACCOUNT.fullmatch(place.account) or place.account in accounts:
                zh, en = "账号应为 12 位数字,且不重复", "an account is 12 digits, and stands once"
                problems.add((*here, "account"), found=place.account, expected="12 digits, once", zh=zh, en=en)
            accounts.add(place.account)


def _hub(spec: LandingZoneSpec, problems: Problems) -> None:
    try:
        network = IPv4Network(spec.hub.cidr)
        if not 16 <= network.prefixlen <= 24:
            raise ValueError(f"{network} is not a /16 to a /24")
    except ValueError as cause:
        zh = "枢纽网段应为 /16 至 /24"
        problems.add(("hub", "cidr"), found=spec.hub.cidr, expected="a /16 to a /24", zh=zh, en=str(cause))
    if not 1 <= spec.hub.zones <= 3:
        problems.add(("hub", "zones"), found=spec.hub.zones, expected="1 to 3", zh="应为 1 至 3", en="1 to 3 zones")
    if not any(spec.hub.asn in each for each in _PRIVATE_ASN):
        zh, en = "应为私有自治系统号", "a private autonomous system number"
        problems.add(("hub", "asn"), found=spec.hub.asn, expected="64512 to 65534", zh=zh, en=en)


def _peerings(spec: LandingZoneSpec, problems: Problems) -> None:
    agencies = {one.agency for one in spec.agencies}
    seen: set[frozenset[str]] = set()
    for index, peering in enumerate(spec.peerings):
        path: FieldPath = ("peerings", index)
        pair = frozenset(peering.between)
        for name in peering.between:
            _known(name, agencies, (*path, "between"), problems)
        if len(pair) < 2 or pair in seen:
            zh, en = "互通应在两个不同单位之间,且只写一次", "a peering joins two agencies, and stands once"
            problems.add((*path, "between"), found=" ".join(peering.between), expected="two agencies", zh=zh, en=en)
        seen.add(pair)
        if not peering.approval.strip():
            zh, en = "互通须有批准文号", "a peering takes the number of an approval"
            problems.add((*path, "approval"), found="", expected="an approval", zh=zh, en=en, code="peer-unapproved")


def _networks(spec: LandingZoneSpec, problems: Problems) -> None:
    agencies = {one.agency for one in spec.agencies}
    taken = [("hub", network)] if (network := _network(spec.hub.cidr)) is not None else []
    for index, one in enumerate(spec.networks):
        path: FieldPath = ("networks", index)
        _known(one.agency, agencies, (*path, "agency"), problems)
        own = _network(one.cidr)
        if own is None:
            zh, en = "不是网段", "this is no network"
            problems.add((*path, "cidr"), found=one.cidr, expected="a CIDR", zh=zh, en=en)
            continue
        for name, other in taken:
            if own.overlaps(other):
                zh, en = f"{own} 与 {name} 的 {other} 重叠", f"{own} overlaps {name}'s {other}"
                problems.add((*path, "cidr"), found=own, expected=f"no overlap with {other}", zh=zh, en=en)
        taken.append((one.environment, own))
    _once("networks", ((index, one.environment) for index, one in enumerate(spec.networks)), problems)
    _once("networks", ((index, one.attachment_id) for index, one in enumerate(spec.networks)), problems)


def _network(cidr: str) -> IPv4Network | None:
    try:
        return IPv4Network(cidr)
    except ValueError:
        return None


def _known(name: str, known: set[str], path: FieldPath, problems: Problems) -> None:
    if name not in known:
        zh, en = f"没有 {name}", f"there is no {name}"
        problems.add(path, found=name, expected=f"one of {sorted(known)}", zh=zh, en=en)
