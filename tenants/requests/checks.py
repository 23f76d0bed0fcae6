"""The checks of a request against what governance has on record: every finding, none raised."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from foundation.values.findings import Finding, Place, Severity
from governance.contracts import BusinessSystem
from governance.environments import EnvironmentSpec


def check_spec(spec: EnvironmentSpec, system: BusinessSystem | None, plans: Collection[str]) -> tuple[Finding, ...]:
    """Whether the spec's system is its agency's, its project and fund source are the system's, its plans exist.

    ``system`` is the one the spec names, None where the agency has none of that id; ``plans`` are the codes on offer.
    """
    return (*_system(spec, system), *_plans(spec, plans))


def _system(spec: EnvironmentSpec, system: BusinessSystem | None) -> Iterable[Finding]:
    if system is None or system.agency != spec.agency:
        yield _finding(
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
            yield _finding(
                field,
                found,
                recorded,
                f"与业务系统 {system.id} 登记的 {recorded} 不一致",
                f"business system {system.id} is on record with {recorded}",
            )


def _plans(spec: EnvironmentSpec, plans: Collection[str]) -> Iterable[Finding]:
    for index, instance in enumerate(spec.instances):
        if instance.plan not in plans:
            yield _finding(
                f"instances.{index}.plan",
                instance.plan,
                "a plan of the catalogue",
                f"目录中没有规格 {instance.plan}",
                f"the catalogue offers no plan {instance.plan}",
            )


def _finding(field: str, found: str, expected: str, zh: str, en: str) -> Finding:
    return Finding(
        code="request.invalid",
        severity=Severity.ERROR,
        place=Place(field=field),
        found=found,
        expected=expected,
        zh=zh,
        en=en,
    )
