"""The guardrails' parameters as dated data: ports, ranges, tags, limits, and how severe each rule is, for whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cache
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated

from pydantic import Field

from foundation.values.findings import Finding
from governance.environments import Baseline, Protection, Zone
from governance.yaml_documents import Form, Problems, Text, read_form

PUBLISHED = Path(__file__).with_name("policy.yaml")
"""What holds unless an installation has its own file."""


class Severity(StrEnum):
    """``BLOCK`` refuses the plan's approval and its application; ``WARN`` is shown, and kept with the plan."""

    BLOCK = "block"
    WARN = "warn"

    @property
    def zh(self) -> str:
        """The Chinese name."""
        return {"block": "拒绝", "warn": "提示"}[self.value]


@dataclass(frozen=True, slots=True)
class Severities:
    """How severe one rule is: ``default``, and for a zone or a protection level more than that.

    ``first_baseline``: instead of all of them, where an environment was approved on the first baseline, which has no
    words for what the rule wants.
    """

    default: Severity
    zones: Mapping[Zone, Severity]
    levels: Mapping[Protection, Severity]
    first_baseline: Severity | None = None

    def of(self, zone: Zone | None, protection: Protection | None, baseline: Baseline | None = None) -> Severity:
        """The strictest that applies; an environment of no zone or level takes the default."""
        if baseline is Baseline.FIRST and self.first_baseline is not None:
            return self.first_baseline
        found = {self.default, *(value for key, value in self.zones.items() if key is zone)}
        found |= {value for key, value in self.levels.items() if key is protection}
        return Severity.BLOCK if Severity.BLOCK in found else Severity.WARN


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of the parameters. Ranges are CIDRs; ``least_subnets`` is by protection level."""

    version: str
    management_ports: frozenset[int]
    database_ports: frozenset[int]
    management_ranges: tuple[str, ...]
    private_ranges: tuple[str, ...]
    mandatory_tags: tuple[str, ...]
    protected_tag: str
    purpose_tag: str
    scp_characters: int
    deployer_role: str
    least_subnets: Mapping[Protection, int]
    exemption_days: int
    severities: Mapping[str, Severities]

    @property
    def longest_exemption(self) -> timedelta:
        """How long an exemption may last."""
        return timedelta(days=self.exemption_days)

    def severity(
        self, rule: str, zone: Zone | None, protection: Protection | None, baseline: Baseline | None = None
    ) -> Severity:
        """How severe a rule is here; a rule the policy does not name blocks."""
        named = self.severities.get(rule)
        return Severity.BLOCK if named is None else named.of(zone, protection, baseline)


class _Severity(Form):
    default: Severity
    extranet: Severity | None = None
    internet: Severity | None = None
    level_2: Annotated[Severity | None, Field(alias="level-2")] = None
    level_3: Annotated[Severity | None, Field(alias="level-3")] = None
    first_baseline: Annotated[Severity | None, Field(alias="baseline-1")] = None


class _Form(Form):
    version: Text
    management_ports: list[Annotated[int, Field(ge=1, le=65535)]]
    database_ports: list[Annotated[int, Field(ge=1, le=65535)]]
    management_ranges: list[Text]
    private_ranges: list[Text]
    mandatory_tags: list[Text]
    protected_tag: Text
    purpose_tag: Text
    scp_characters: Annotated[int, Field(ge=1, le=1_000_000)]
    deployer_role: Text
    least_subnets: dict[Protection, Annotated[int, Field(ge=1, le=100)]]
    exemption_days: Annotated[int, Field(ge=1, le=3660)]
    severity: dict[Text, _Severity]


def read_policy(path: Path) -> tuple[Policy | None, tuple[Finding, ...]]:
    """Read a policy file: the policy, or every finding."""
    form, findings = read_form(path, _Form, _check)
    return (None if form is None else _policy(form)), findings


@cache
def published_policy() -> Policy:
    """The policy the program comes with."""
    policy, findings = read_policy(PUBLISHED)
    if policy is None:
        raise ValueError(findings)
    return policy


def _check(form: _Form, problems: Problems) -> None:
    for field in ("management_ranges", "private_ranges"):
        for index, text in enumerate(getattr(form, field)):
            try:
                ip_network(text)
            except ValueError as cause:
                problems.add((field, index), found=text, expected=str(cause), zh="不是网段", en="not a network")


def _policy(form: _Form) -> Policy:
    return Policy(
        version=form.version,
        management_ports=frozenset(form.management_ports),
        database_ports=frozenset(form.database_ports),
        management_ranges=tuple(form.management_ranges),
        private_ranges=tuple(form.private_ranges),
        mandatory_tags=tuple(form.mandatory_tags),
        protected_tag=form.protected_tag,
        purpose_tag=form.purpose_tag,
        scp_characters=form.scp_characters,
        deployer_role=form.deployer_role,
        least_subnets=dict(form.least_subnets),
        exemption_days=form.exemption_days,
        severities={rule: _severities(one) for rule, one in form.severity.items()},
    )


def _severities(form: _Severity) -> Severities:
    zones = {Zone.EXTRANET: form.extranet, Zone.INTERNET: form.internet}
    levels = {Protection.LEVEL_2: form.level_2, Protection.LEVEL_3: form.level_3}
    return Severities(
        default=form.default,
        zones={key: value for key, value in zones.items() if value is not None},
        levels={key: value for key, value in levels.items() if value is not None},
        first_baseline=form.first_baseline,
    )
