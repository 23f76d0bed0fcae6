"""What guardrails refuse.

InfraError
└── GuardrailError
    ├── NoSuchRule          no rule has that id
    ├── NotExemptible       the rule allows no exemption
    └── ExemptionUnfit      the exemption's end, reason or state does not fit
"""

from __future__ import annotations

from infra.errors import InfraError


class GuardrailError(InfraError):
    """Base of this room's errors."""

    code = "infra.guardrail"


class NoSuchRule(GuardrailError):
    """``rule``: no such id; ``near`` are those of the same area."""

    code = "infra.no-such-guardrail"
    exit_status = 2
    zh = "没有编号为 {rule} 的护栏规则;相近的有:{near}"
    en = "there is no guardrail {rule}; near it are: {near}"


class NotExemptible(GuardrailError):
    """``rule`` allows no exemption; the remedy in both languages."""

    code = "infra.guardrail-not-exemptible"
    exit_status = 3
    zh = "护栏规则 {rule} 不接受豁免:{remedy_zh}"
    en = "the guardrail {rule} allows no exemption: {remedy_en}"


class ExemptionUnfit(GuardrailError):
    """``exemption`` cannot be asked for, approved or ended: ``because_zh``, ``because_en``."""

    code = "infra.guardrail-exemption-unfit"
    exit_status = 3
    zh = "豁免 {exemption} 不成立:{because_zh}"
    en = "the exemption {exemption} does not stand: {because_en}"
