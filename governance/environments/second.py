"""What the second baseline asks of a spec, and what protection level 3 adds: tiers, data, logs, people, peers."""

from __future__ import annotations

import re
from ipaddress import IPv4Network, ip_network

from governance.environments.addressing import LONGEST, SHORTEST
from governance.environments.faults import Faults
from governance.environments.model import BalancerProtocol, EnvironmentSpec, Protection, Purpose, Zone
from governance.yaml_documents import FieldPath

LATER = (
    "allow",
    "databases",
    "load_balancers",
    "file_systems",
    "secrets",
    "keys",
    "backup",
    "flow_logs",
    "roles",
    "peers",
)
"""The fields that the second baseline brought."""

LEAST_LOG_DAYS = 180
"""Network logs are kept for at least six months (《网络安全法》第二十一条); level 3 is held to it without exception."""

RESERVED = "guanyun-"
"""What the platform's own parts of an environment begin with, beside those that a spec names."""

_LEAST_DATABASE_GB = 20
_ACCOUNT = re.compile(r"\d{12}")
_REGION = re.compile(r"[a-z][a-z0-9-]{1,38}[a-z0-9]")
_CERTIFICATE = re.compile(r"arn:[a-z-]+:(acm|iam):[a-z0-9-]*:\d{12}:.+")


def check_second(spec: EnvironmentSpec, faults: Faults) -> None:
    """Add every fault of a spec of the second baseline."""
    _reserved(spec, faults)
    _place(spec, faults)
    _tiers(spec, faults)
    _rules(spec, faults)
    _databases(spec, faults)
    _balancers(spec, faults)
    _file_systems(spec, faults)
    _kept(spec, faults)
    _peers(spec, faults)
    if spec.protection is Protection.LEVEL_3:
        _level_3(spec, faults)


def _reserved(spec: EnvironmentSpec, faults: Faults) -> None:
    for field in ("buckets", "keys"):
        for index, one in enumerate(getattr(spec, field)):
            if one.name.startswith(RESERVED):
                zh, en = f"{RESERVED} 开头的名称由平台使用", f"names that begin with {RESERVED} are the platform's"
                faults.add((field, index, "name"), one.name, f"a name not beginning with {RESERVED}", zh, en)


def _place(spec: EnvironmentSpec, faults: Faults) -> None:
    if spec.account and not _ACCOUNT.fullmatch(spec.account):
        faults.add(("account",), spec.account, "12 digits", "云账号应为 12 位数字", "an account is 12 digits")
    if spec.region and not _REGION.fullmatch(spec.region):
        faults.add(("region",), spec.region, "a region's name", "不是区域名", "this is no region's name")
    blocks: list[tuple[FieldPath, str]] = [(("cidr",), spec.cidr)]
    blocks += [(("subnets", index, "cidr"), subnet.cidr) for index, subnet in enumerate(spec.subnets)]
    for path, cidr in blocks:
        network = _network(cidr, None, faults, "")
        if network is not None and not SHORTEST <= network.prefixlen <= LONGEST:
            zh, en = f"网段应为 /{SHORTEST} 至 /{LONGEST}", f"a network is a /{SHORTEST} to a /{LONGEST}"
            faults.add(path, cidr, f"/{SHORTEST} to /{LONGEST}", zh, en)
    if spec.ingress:
        zh, en = "baseline 2 用 allow 写明哪一层可由谁访问", "with baseline 2 allow says who may reach which tier"
        faults.add(("ingress",), f"{len(spec.ingress)} rules", "allow", zh, en)


def _tiers(spec: EnvironmentSpec, faults: Faults) -> None:
    for index, subnet in enumerate(spec.subnets):
        if subnet.purpose is None:
            zh, en = f"子网 {subnet.name} 应写明用途", f"subnet {subnet.name} has no purpose"
            faults.add(("subnets", index, "purpose"), "", "web, app or data", zh, en)


def _rules(spec: EnvironmentSpec, faults: Faults) -> None:
    there = {subnet.purpose for subnet in spec.subnets}
    names = {purpose.value for purpose in Purpose}
    for index, rule in enumerate(spec.allow):
        path: FieldPath = ("allow", index)
        if rule.target not in there:
            zh, en = f"没有用途为 {rule.target} 的子网", f"no subnet is for {rule.target}"
            faults.add((*path, "target"), rule.target, "a purpose of the subnets", zh, en)
        if rule.source not in names:
            _network(rule.source, (*path, "source"), faults, "a purpose or a CIDR")
        elif rule.source not in {purpose.value for purpose in there if purpose}:
            zh, en = f"没有用途为 {rule.source} 的子网", f"no subnet is for {rule.source}"
            faults.add((*path, "source"), rule.source, "a purpose of the subnets, or a CIDR", zh, en)
        _port(rule.port, (*path, "port"), faults)
        if rule.protocol not in {"tcp", "udp"}:
            faults.add((*path, "protocol"), rule.protocol, "tcp or udp", "应为 tcp 或 udp", "tcp or udp")


def _databases(spec: EnvironmentSpec, faults: Faults) -> None:
    zones = {subnet.zone_index for subnet in spec.subnets_for(Purpose.DATA)}
    for index, database in enumerate(spec.databases):
        path: FieldPath = ("databases", index)
        if len(zones) < 2:
            zh = "数据库需要至少两个可用区的 data 子网"
            en = "a database takes data subnets in two zones or more"
            faults.add(path, f"{len(zones)} zones", "data subnets in 2 zones", zh, en)
        if "--" in database.name:
            zh, en = "数据库名不能有两个相连的连字符", "a database's name has no two hyphens together"
            faults.add((*path, "name"), database.name, "single hyphens", zh, en)
        if database.storage_gb < _LEAST_DATABASE_GB:
            zh, en = f"数据库至少 {_LEAST_DATABASE_GB} GB", f"a database has {_LEAST_DATABASE_GB} GB or more"
            faults.add((*path, "storage_gb"), database.storage_gb, f"{_LEAST_DATABASE_GB} or more", zh, en)


def _balancers(spec: EnvironmentSpec, faults: Faults) -> None:
    machines = {instance.name for instance in spec.instances}
    front = spec.subnets_for(Purpose.WEB) or spec.subnets_for(Purpose.APP)
    for index, balancer in enumerate(spec.load_balancers):
        path: FieldPath = ("load_balancers", index)
        if len({subnet.zone_index for subnet in front}) < 2 and balancer.protocol is not BalancerProtocol.TCP:
            zh = "http(s) 负载均衡需要两个可用区的 web 或 app 子网"
            en = "an http(s) balancer takes web or app subnets in two zones"
            faults.add(path, f"{len(front)} subnets", "subnets in 2 zones", zh, en)
        for name in (target for target in balancer.targets if target not in machines):
            zh, en = f"没有云主机 {name}", f"there is no machine {name}"
            faults.add((*path, "targets"), name, f"one of {sorted(machines)}", zh, en)
        if not balancer.targets:
            faults.add((*path, "targets"), "none", "at least one machine", "至少一台云主机", "at least one machine")
        if not balancer.sources:
            faults.add((*path, "sources"), "none", "at least one CIDR", "写明服务对象的网段", "say whom it serves")
        for source in balancer.sources:
            _network(source, (*path, "sources"), faults, "a CIDR")
        _port(balancer.port, (*path, "port"), faults)
        _port(balancer.target_port, (*path, "target_port"), faults)
        secure = balancer.protocol is BalancerProtocol.HTTPS
        if secure != bool(balancer.certificate) or (secure and not _CERTIFICATE.fullmatch(balancer.certificate)):
            zh, en = "https 且仅 https 需要证书的 ARN", "https, and only https, takes a certificate's ARN"
            faults.add((*path, "certificate"), balancer.certificate, "a certificate's ARN with https", zh, en)
        if balancer.public and spec.zone is not Zone.INTERNET:
            zh, en = "政务外网区的负载均衡不能对公网开放", "in the extranet zone no balancer is public"
            faults.add((*path, "public"), "true", "false in the extranet zone", zh, en, code="public")


def _file_systems(spec: EnvironmentSpec, faults: Faults) -> None:
    for index, one in enumerate(spec.file_systems):
        if not spec.subnets_for(one.purpose):
            zh, en = f"没有用途为 {one.purpose} 的子网", f"no subnet is for {one.purpose}"
            faults.add(("file_systems", index, "purpose"), one.purpose, "a purpose of the subnets", zh, en)
        if one.size_gb < 1:
            faults.add(("file_systems", index, "size_gb"), one.size_gb, "1 or more", "至少 1 GB", "1 GB or more")


def _kept(spec: EnvironmentSpec, faults: Faults) -> None:
    for field, kept in (("backup", spec.backup), ("flow_logs", spec.flow_logs)):
        if kept is None or not 1 <= kept.retention_days <= 3650:
            found = "none" if kept is None else kept.retention_days
            zh, en = "保存天数应为 1 至 3650", "days kept are 1 to 3650"
            faults.add((field, "retention_days"), found, "1 to 3650", zh, en)
    if len(set(spec.roles)) < len(spec.roles):
        faults.add(("roles",), ", ".join(spec.roles), "each role once", "角色重复", "each role once")


def _peers(spec: EnvironmentSpec, faults: Faults) -> None:
    own = _network(spec.cidr, None, faults, "")
    seen: set[str] = set()
    for index, peer in enumerate(spec.peers):
        path: FieldPath = ("peers", index)
        if not peer.approval.strip():
            zh = f"与 {peer.environment} 互通须有批准文号"
            en = f"reaching {peer.environment} takes the number of an approval"
            faults.add((*path, "approval"), "", "the number of the approval", zh, en, code="peer-unapproved")
        if peer.environment == spec.environment or peer.environment in seen:
            zh, en = "互通对象应为另一个环境,且只写一次", "a peer is another environment, and stands once"
            faults.add((*path, "environment"), peer.environment, "another environment, once", zh, en)
        seen.add(peer.environment)
        network = _network(peer.cidr, (*path, "cidr"), faults, "a CIDR")
        if network is not None and own is not None and network.overlaps(own):
            zh, en = f"对方地址段 {network} 与本环境 {own} 重叠", f"its addresses {network} overlap our {own}"
            faults.add((*path, "cidr"), peer.cidr, f"no overlap with {own}", zh, en, code="overlap")


def _level_3(spec: EnvironmentSpec, faults: Faults) -> None:
    for index, rule in enumerate(spec.allow):
        if rule.target is Purpose.DATA and "/" in rule.source:
            zh, en = "三级系统的数据层只接受其他层的访问", "at level 3 the data tier is reached from other tiers only"
            faults.add(("allow", index, "source"), rule.source, "web, app or data", zh, en, code="level-3")
    for index, balancer in enumerate(spec.load_balancers):
        if balancer.public and spec.zone is Zone.INTERNET:
            zh, en = (
                "三级系统不设公网地址,经共享出口发布",
                "at level 3 nothing has a public address: publish by the hub",
            )
            faults.add(("load_balancers", index, "public"), "true", "false at level 3", zh, en, code="level-3")
    if spec.flow_logs is not None and spec.flow_logs.retention_days < LEAST_LOG_DAYS:
        days = spec.flow_logs.retention_days
        zh, en = (
            f"三级系统网络日志至少留存 {LEAST_LOG_DAYS} 天",
            f"level 3 keeps flow logs {LEAST_LOG_DAYS} days or more",
        )
        faults.add(("flow_logs", "retention_days"), days, f"{LEAST_LOG_DAYS} or more", zh, en, code="level-3")


def _port(port: int, path: FieldPath, faults: Faults) -> None:
    if not 0 < port < 65536:
        faults.add(path, port, "1 to 65535", "端口应为 1 至 65535", "a port is 1 to 65535")


def _network(cidr: str, path: FieldPath | None, faults: Faults, expected: str) -> IPv4Network | None:
    try:
        network = ip_network(cidr)
    except ValueError as cause:
        if path is not None and cidr:
            faults.add(path, cidr, f"{expected}: {cause}" if expected else str(cause))
        return None
    return network if isinstance(network, IPv4Network) else None
