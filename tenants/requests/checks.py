"""What must hold before a request is recorded at all: every finding, none raised."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from foundation.values.findings import Finding, Place, Severity
from governance.catalogue import Service, check_form
from governance.environments import EnvironmentSpec, charged_parts
from governance.projects import BusinessSystem
from tenants.requests.content import Content


def check_spec(
    spec: EnvironmentSpec, system: BusinessSystem | None, plans: Collection[str] | None
) -> tuple[Finding, ...]:
    """Whether the spec's system is its agency's, its project and fund source are the system's, its plans exist.

    ``system`` is the one the spec names, None where the agency has none of that id; ``plans`` are the codes on offer,
    None where they are not looked at.
    """
    return (*_system(spec, system), *(() if plans is None else _plans(spec, plans)))


def check_content(content: Content, offered: Sequence[Service]) -> tuple[Finding, ...]:
    """Whether one request asks for one environment, and each service item is on offer with its form filled in."""
    findings: list[Finding] = []
    if len(content.specs) > 1:
        findings.append(
            finding(
                "environments",
                str(len(content.specs)),
                "one",
                "一份申请一个环境,请分别申请",
                "one environment a request: ask for each by itself",
            )
        )
    known = {service.code: service for service in offered}
    for index, item in enumerate(content.items):
        where = f"items.{index}"
        service = known.get(item.service)
        if service is None:
            findings.append(
                finding(
                    f"{where}.service",
                    item.service,
                    "a service on offer",
                    f"目录中没有服务 {item.service}",
                    f"the catalogue offers no service {item.service}",
                )
            )
            continue
        if item.plan not in {plan.code for plan in service.plans} | ({""} if not service.plans else set()):
            findings.append(
                finding(
                    f"{where}.plan",
                    item.plan,
                    f"a plan of {item.service}",
                    f"服务 {item.service} 没有规格 {item.plan or '(空)'}",
                    f"{item.service} has no plan {item.plan or '(none)'}",
                )
            )
        findings.extend(
            finding(f"{where}.{each.place.field}", each.found, each.expected, each.zh, each.en)
            for each in check_form(service, item.answers)
        )
    return tuple(findings)


def _system(spec: EnvironmentSpec, system: BusinessSystem | None) -> Iterable[Finding]:
    if system is None or system.agency != spec.agency:
        yield finding(
            "system",
            spec.system,
            f"a business system of {spec.agency}",
            f"{spec.agency} 没有业务系统 {spec.system}",
            f"{spec.agency} has no business system {spec.system}",
        )
        return
    for field, found, recorded in (
        ("project", spec.project, system.project),
        ("fund_source", spec.fund_source, system.fund_source),
    ):
        if found != recorded:
            yield finding(
                field,
                found,
                recorded,
                f"与业务系统 {system.id} 登记的 {recorded} 不一致",
                f"business system {system.id} is on record with {recorded}",
            )


def _plans(spec: EnvironmentSpec, plans: Collection[str]) -> Iterable[Finding]:
    for index, part in enumerate(charged_parts(spec)):
        if part.plan not in plans:
            # Machines come first, so that their place in the spec is their place here.
            yield finding(
                f"instances.{index}.plan" if part.kind == "instance" else f"{part.kind}.{part.name}.plan",
                part.plan,
                "a plan of the catalogue",
                f"目录中没有规格 {part.plan}",
                f"the catalogue offers no plan {part.plan}",
            )


def finding(field: str, found: str, expected: str, zh: str, en: str) -> Finding:
    """One finding that stops the request."""
    return Finding(
        code="request.invalid",
        severity=Severity.ERROR,
        place=Place(field=field),
        found=found,
        expected=expected,
        zh=zh,
        en=en,
    )
