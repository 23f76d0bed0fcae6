"""What a request takes: money of a contract line, quota, addresses. Reserved while it is open, held once granted.

Everything a request on an environment holds takes the place of what the request before it held, so that a change
counts its growth and not the whole once more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from foundation.store import Scope, Transaction
from foundation.values.money import format_yuan
from foundation.values.month import Month
from governance.catalogue import Plan, Service, services
from governance.contracts import (
    Contract,
    ContractLine,
    contract_of,
    contract_use,
    contracts,
    line_for,
    line_use,
    obligate,
    obligations,
    release_obligation,
)
from governance.errors import NotFound
from governance.projects import project_of
from tenants.quotas import Amount, QuotaUse, hold, release, reserve, standing
from tenants.requests.checking import coding_of
from tenants.requests.content import Content
from tenants.requests.kinds import RequestKind
from tenants.requests.model import Estimate, Request
from tenants.requests.placing import region_of
from tenants.requests.results import CheckResult, Verdict, failed, no_evidence, passed


@dataclass(frozen=True, slots=True)
class Taken:
    """What a request would take: ``content`` for ``monthly`` fen, in the place of what ``before`` holds.

    ``of_services`` says how much of ``monthly`` is for which service, as far as the estimate tells.
    """

    subject: str
    agency: str
    project: str
    fund_source: str
    content: Content
    monthly: int
    before: str
    before_monthly: int
    line: str
    until: datetime | None
    of_services: Mapping[str, int] = field(default_factory=dict)


def taken_by(request: Request, *, before: str, before_monthly: int) -> Taken:
    """What the request takes as decided so far, else as asked."""
    content = request.now_asked
    spec = content.specs[0] if content.specs else None
    return Taken(
        subject=request.subject,
        # Of a transfer the environment is the receiving agency's from its agreement on. Any other is the row's
        # agency's, which may be the successor of the one the spec names.
        agency=spec.agency if spec is not None and request.kind is RequestKind.TRANSFER else request.agency,
        project=request.project if spec is None else spec.project,
        fund_source="" if spec is None else spec.fund_source,
        content=content,
        monthly=request.monthly,
        before=before,
        before_monthly=before_monthly,
        line=request.line,
        until=request.until,
        of_services=_of_services(request.decided_estimate or request.estimate),
    )


def _of_services(estimate: Estimate) -> Mapping[str, int]:
    found: dict[str, int] = {}
    for line in estimate.breakdown:
        service, fen = line.get("service"), line.get("amount")
        if service and isinstance(fen, int):
            found[str(service)] = found.get(str(service), 0) + fen
    return found if sum(found.values()) <= estimate.monthly else {}


def check_line(transaction: Transaction, scope: Scope, taken: Taken, at: datetime) -> tuple[CheckResult, str]:
    """Whether the contract line has room for what is more than before, and the line's id (empty: none was found)."""
    found = _line(transaction, scope, taken, at)
    if isinstance(found, CheckResult):
        return found, ""
    line, contract = found
    wanted = _whole(taken.monthly, contract, taken.until, at) - _obligated(transaction, taken.subject, line.id)
    if taken.before:
        wanted -= _obligated(transaction, taken.before, line.id)
    cites = (f"contract-line:{line.id}", contract.document_number)
    left = min(line_use(transaction, line).remaining, contract_use(transaction, contract.id).remaining)
    said_zh = f"合同明细 {line.id} 可用 {format_yuan(left)} 元,需 {format_yuan(max(wanted, 0))} 元"
    said_en = f"the contract line {line.id} has {format_yuan(left)} yuan, {format_yuan(max(wanted, 0))} are wanted"
    if wanted > left:
        return failed("contract-line", said_zh, said_en, *cites), line.id
    return passed("contract-line", said_zh, said_en, *cites), line.id


def check_quota(transaction: Transaction, taken: Taken, at: datetime) -> CheckResult:
    """Whether every quota that covers it has room."""
    standings = standing(transaction, taken.subject, _use(transaction, taken), at, replaces=taken.before)
    if not standings:
        return no_evidence("quota", "没有适用的配额", "no quota is set that covers it")
    cites = tuple(f"quota:{each.key.id}" for each in standings)
    over = [each for each in standings if not each.fits]
    if over:
        zh, en = "、".join(each.key.words()[0] for each in over), ", ".join(each.key.words()[1] for each in over)
        return failed("quota", f"超出配额:{zh}", f"beyond the quota: {en}", *cites)
    return passed("quota", f"在 {len(standings)} 项配额之内", f"within {len(standings)} quotas", *cites)


def reserve_all(transaction: Transaction, taken: Taken, results: Mapping[str, CheckResult], at: datetime) -> None:
    """Reserve what the checks found room for, while the request is open. What has none is left to a person.

    Again, with other content: that content's reservation takes its place.
    """
    release_obligation(transaction, taken.subject, at)
    quota, line = results.get("quota"), results.get("contract-line")
    if quota is not None and quota.verdict is not Verdict.FAILED:
        reserve(transaction, taken.subject, _use(transaction, taken), at, replaces=taken.before)
    if line is not None and line.verdict is Verdict.PASSED and taken.line:
        contract = _contract_of(transaction, taken.line)
        wanted = _whole(taken.monthly, contract, taken.until, at) - _obligated(transaction, taken.before, taken.line)
        if wanted > 0:
            obligate(transaction, taken.line, taken.subject, wanted, at)


def hold_all(transaction: Transaction, taken: Taken, at: datetime) -> None:
    """The request was approved: it holds the whole, and what it takes the place of holds nothing any more.

    Raises ``QuotaExceeded`` and the contract's errors where there is no room after all, ``CodingUnsigned`` where the
    money rests on no account coding that is signed.
    """
    reserve(transaction, taken.subject, _use(transaction, taken), at, replaces=taken.before)
    hold(transaction, taken.subject, at)
    release_obligation(transaction, taken.subject, at)
    if taken.before:
        release_obligation(transaction, taken.before, at)
    if taken.line:
        whole = _whole(taken.monthly, _contract_of(transaction, taken.line), taken.until, at)
        if whole > 0:
            coding_of(transaction, taken.project)
            obligate(transaction, taken.line, taken.subject, whole, at)


def release_all(transaction: Transaction, subject: str, at: datetime) -> None:
    """The request came to nothing, or what it granted is gone. Again changes nothing."""
    release_obligation(transaction, subject, at)
    release(transaction, subject, at)


def _line(  # noqa: PLR0911 - each way of having no line says its own
    transaction: Transaction, scope: Scope, taken: Taken, at: datetime
) -> tuple[ContractLine, Contract] | CheckResult:
    """The line it is charged to: the one named, else the one of the project's contract or of the only one in force."""
    if taken.line:
        contract = _contract_of(transaction, taken.line)
        line = next((one for one in contract.every_line if one.id == taken.line), None)
        if line is None:
            return failed("contract-line", f"没有合同明细 {taken.line}", f"there is no contract line {taken.line}")
        return line, contract
    try:
        project = project_of(transaction, scope, taken.project)
    except NotFound:
        return no_evidence("contract-line", "项目不明,无从查找合同", "without its project no contract is found")
    if project.contract:
        candidates = [contract_of(transaction, project.contract)]
    else:
        candidates = [contract for contract in contracts(transaction) if at in contract.term]
    if len(candidates) != 1:
        return no_evidence(
            "contract-line",
            f"有 {len(candidates)} 份有效合同,无法确定合同明细",
            f"{len(candidates)} contracts are in force: which line it is charged to is not clear",
        )
    (contract,) = candidates
    named = _services(transaction, taken.content) or {"": "resource"}
    lines = {line_for(contract.every_line, service, kind) for service, kind in named.items()}
    if None in lines:
        missing = ", ".join(s for s, kind in named.items() if line_for(contract.every_line, s, kind) is None)
        return failed(
            "contract-line",
            f"合同 {contract.id} 没有购买:{missing}",
            f"the contract {contract.id} does not buy: {missing}",
            contract.subject,
        )
    if len(lines) > 1:
        return no_evidence(
            "contract-line",
            f"涉及合同 {contract.id} 的多条明细,请按明细分别申请",
            f"it falls under several lines of the contract {contract.id}: ask for each by itself",
            contract.subject,
        )
    (only,) = lines
    assert only is not None  # noqa: S101 - said above
    return only, contract


def _services(transaction: Transaction, content: Content) -> dict[str, str]:
    """The services asked for, each with its kind."""
    offered = services(transaction)
    kinds = {service.code: service.kind.value for service in offered}
    of_plan = {plan.code: service.code for service in offered for plan in service.plans}
    asked = [of_plan[one.plan] for spec in content.specs for one in spec.instances if one.plan in of_plan]
    return {code: kinds[code] for code in [*asked, *(item.service for item in content.items)] if code in kinds}


def _use(transaction: Transaction, taken: Taken) -> QuotaUse:
    """What it takes of quotas: machines, their cores and memory, disks, and the money a month."""
    plans: dict[str, tuple[Service, Plan]] = {
        plan.code: (service, plan) for service in services(transaction) for plan in service.plans
    }
    amounts: list[Amount] = []
    for spec in taken.content.specs:
        for instance in spec.instances:
            amounts.append(Amount("count.instance", 1))
            service = plans[instance.plan][0].code if instance.plan in plans else ""
            attributes = plans[instance.plan][1].attributes if instance.plan in plans else {}
            amounts.extend(
                Amount(name, Decimal(attributes[name]), service) for name in ("vcpu", "memory_gb") if name in attributes
            )
            stored = sum(volume.size_gb for volume in instance.volumes)
            amounts.extend([Amount("storage_gb", stored, service)] if stored else [])
        amounts.append(Amount("count.environment", 1))
    amounts.extend(Amount(f"count.{item.service}", item.quantity, item.service) for item in taken.content.items)
    use = QuotaUse(taken.agency, taken.project, tuple(amounts), region_of(transaction, taken.content))
    for service, fen in sorted({**taken.of_services, "": taken.monthly - sum(taken.of_services.values())}.items()):
        use = use.with_money(fen, {taken.fund_source: 1}, service=service)
    return use


def _obligated(transaction: Transaction, subject: str, line: str) -> int:
    return sum(one.open for one in obligations(transaction, subject=subject) if one.line == line) if subject else 0


def _contract_of(transaction: Transaction, line: str) -> Contract:
    return contract_of(transaction, line.rpartition(".")[0])


def _whole(monthly: int, contract: Contract, until: datetime | None, at: datetime) -> int:
    """Fen from the month of ``at`` to the end of the grant or of the contract, whole calendar months."""
    end = contract.term.end if until is None else min(until, contract.term.end)
    months, month = 0, Month.of(at)
    while month.interval.start < end:
        months, month = months + 1, month.following()
    return monthly * months
