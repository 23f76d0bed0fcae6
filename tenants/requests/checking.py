"""The automatic checks of a request 自动核验: each looks at what is on record and says what it found. None decides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from foundation.store import Scope, Transaction
from foundation.values.instant import Interval
from governance.authority import machine_scope
from governance.environments import Protection, charged_parts
from governance.errors import NotFound
from governance.lists import ListKind, entries_in_force
from governance.projects import (
    AccountCoding,
    ProjectState,
    coding_in_force,
    codings_of,
    in_state_to_request,
    project_of,
)
from governance.projects.errors import CodingUnsigned
from tenants.ports import Desk
from tenants.requests.content import Content
from tenants.requests.kinds import RequestKind
from tenants.requests.policy import GrowthRule
from tenants.requests.results import CheckResult, failed, no_evidence, passed

ALLOWED_PROTECTION = frozenset({Protection.LEVEL_2, Protection.LEVEL_3})


@dataclass(frozen=True, slots=True)
class Asked:
    """What the checks look at: who asks for what under which project, and what was held before at which cost."""

    kind: RequestKind
    subject: str
    agency: str
    project: str
    content: Content
    monthly: int
    held_monthly: int
    environment: str
    services: frozenset[str]


def placement(asked: Asked) -> CheckResult:
    """等保三级 and below, non-classified only. Source: DOMAIN §3, placement."""
    wrong = [spec.environment for spec in asked.content.specs if spec.protection not in ALLOWED_PROTECTION]
    if wrong:
        named = ", ".join(wrong)
        return failed("placement", f"保护等级超出等保三级:{named}", f"the protection level is above level 3: {named}")
    if not asked.content.specs:
        return passed("placement", "不涉及环境部署", "no environment is placed")
    placed = ", ".join(f"{spec.environment}: {spec.zone}/{spec.protection}" for spec in asked.content.specs)
    return passed("placement", f"等保三级及以下、非涉密:{placed}", f"level 3 or below, not classified: {placed}")


def project(transaction: Transaction, scope: Scope, asked: Asked) -> CheckResult:
    """The project is approved, and in a state to request."""
    try:
        found = project_of(transaction, scope, asked.project)
    except NotFound:
        return failed("project", f"没有项目 {asked.project}", f"there is no project {asked.project}")
    cites = (found.subject, *((found.document_number,) if found.document_number else ()))
    state_zh, state_en = found.state.zh, found.state.value
    if in_state_to_request(found):
        return passed(
            "project", f"项目 {found.id} {state_zh}", f"project {found.id} is {state_en.replace('-', ' ')}", *cites
        )
    return failed(
        "project",
        f"项目 {found.id} 的状态为{state_zh},不能据以申请",
        f"project {found.id} is {state_en.replace('-', ' ')}: nothing can be requested for it",
        *cites,
    )


def coding(transaction: Transaction, asked: Asked) -> CheckResult | None:
    """The project's account coding is signed and fits it; None where none is asked for (``coding_of``)."""
    try:
        standing = coding_of(transaction, asked.project)
    except CodingUnsigned as unsigned:
        return failed("coding", unsigned.text("zh"), unsigned.text("en"), f"project:{asked.project}")
    if standing is None:
        return None
    zh, en = f"会计科目编码第 {standing.number} 版已签署", f"account coding {standing.number} is signed"
    return passed("coding", zh, en, f"project:{asked.project}")


def coding_of(transaction: Transaction, project_id: str) -> AccountCoding | None:
    """The account coding that money of the project may rest on; None while it may do without.

    A project that is approved and not purchased yet has none: its coding is drafted for the purchase. From its first
    draft on it is asked for, whenever money is promised. Raises ``CodingUnsigned``.
    """
    scope = machine_scope()  # the lead's, which a participant of the project may not read
    try:
        found = project_of(transaction, scope, project_id)
    except NotFound:
        return None  # of which the check of the project speaks
    if found.state in _BEFORE_CODING and not codings_of(transaction, scope, project_id):
        return None
    return coding_in_force(transaction, scope, found)


_BEFORE_CODING = frozenset({ProjectState.APPROVED, ProjectState.FILED})


def idle(transaction: Transaction, desk: Desk, asked: Asked, at: datetime) -> CheckResult:
    """What the agency holds and does not use is given back before more is asked for. Missing data is never idle."""
    found = desk.measurements.idle(transaction, asked.agency, at)
    if found is None:
        return no_evidence("idle", "没有闲置监测数据", "nothing is measured that would show idle holdings")
    if found:
        named = ", ".join(found[:5]) + (" …" if len(found) > 5 else "")
        return failed("idle", f"有 {len(found)} 项闲置资源:{named}", f"{len(found)} holdings are idle: {named}", *found)
    return passed("idle", "没有闲置资源", "nothing is idle")


def growth(
    transaction: Transaction, desk: Desk, asked: Asked, rule: GrowthRule | None, at: datetime
) -> CheckResult | None:
    """Growth needs evidence that what is held is used; None where nothing grows."""
    if asked.kind is not RequestKind.CHANGE or asked.monthly <= asked.held_monthly:
        return None
    if rule is None:
        return no_evidence("growth", "没有发布增长规则,由人工判断", "no rule of growth is published: a person decides")
    interval = Interval(at - timedelta(days=rule.days), at)
    use = desk.measurements.use(transaction, asked.environment, interval) if asked.environment else None
    if use is None:
        return no_evidence(
            "growth",
            f"没有近 {rule.days} 天的使用率数据({rule.id})",
            f"nothing is measured of the last {rule.days} days ({rule.id})",
            rule.id,
        )
    # In hundredths of what is held, exact: nothing is rounded before it is compared.
    more = (asked.monthly - asked.held_monthly) * 100 > asked.held_monthly * rule.most_percent
    little = use.share * 100 < Decimal(rule.use_percent)
    share = f"{use.share * 100:.1f} %"
    if more or little:
        return failed(
            "growth",
            f"使用率 {share},规则 {rule.id}:使用率不低于 {rule.use_percent} %,增长不超过 {rule.most_percent} %",
            f"use is {share}; rule {rule.id}: at least {rule.use_percent} % used, at most {rule.most_percent} % more",
            rule.id,
            *use.cites,
        )
    return passed(
        "growth",
        f"使用率 {share},符合规则 {rule.id}",
        f"use is {share}, within rule {rule.id}",
        rule.id,
        *use.cites,
    )


def estimated(asked: Asked, unpriced: Sequence[str]) -> CheckResult | None:
    """Every item has a price; None where every one has."""
    if not unpriced:
        return None
    named = ", ".join(unpriced)
    return no_evidence("price", f"没有可估算的价格:{named}", f"no price to estimate by: {named}")


def in_order(results: Iterable[CheckResult | None]) -> tuple[CheckResult, ...]:
    """Those that apply."""
    return tuple(result for result in results if result is not None)


def negative_list(transaction: Transaction, asked: Asked, at: datetime) -> CheckResult:
    """Whether an entry of a negative list 负面清单 forbids it: hosting, asking, in that zone or at that level."""
    entries = entries_in_force(transaction, ListKind.NEGATIVE, at)
    if not entries:
        return no_evidence("negative-list", "没有有效的负面清单", "no negative list is in force")
    hit = [entry for entry in entries if entry.matches.hold(_facts(asked))]
    if hit:
        return failed(
            "negative-list",
            ";".join(entry.cite("zh") for entry in hit),
            "; ".join(entry.cite("en") for entry in hit),
            *(entry.subject for entry in hit),
        )
    lists = sorted({entry.list for entry in entries})
    return passed(
        "negative-list",
        f"不在负面清单之列({'、'.join(lists)})",
        f"no entry of the negative lists speaks of it ({', '.join(lists)})",
        *(f"list:{id_}" for id_ in lists),
    )


def _facts(asked: Asked) -> Mapping[str, frozenset[str]]:
    specs, items = asked.content.specs, asked.content.items
    plans = {part.plan for spec in specs for part in charged_parts(spec)} | {item.plan for item in items if item.plan}
    return {
        "services": frozenset(asked.services) | frozenset(item.service for item in items),
        "plans": frozenset(plans),
        "zones": frozenset(spec.zone.value for spec in specs),
        "protections": frozenset(spec.protection.value for spec in specs),
        "agencies": frozenset({asked.agency}),
        "systems": frozenset(spec.system for spec in specs),
        "requests": frozenset({asked.kind.value}),
    }


def addresses(asked: Asked, fits: bool) -> CheckResult | None:
    """Whether each environment holds its block in the address plan; None where none has one."""
    if not asked.content.specs:
        return None
    blocks = ", ".join(f"{spec.environment}: {spec.cidr}" for spec in asked.content.specs)
    if fits:
        return passed("addresses", f"地址段已在规划内:{blocks}", f"the blocks stand in the address plan: {blocks}")
    return failed("addresses", f"地址段与他人重叠:{blocks}", f"the blocks overlap another's: {blocks}")
