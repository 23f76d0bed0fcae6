"""``guanyun guardrail``: the rules that judge every plan, and exemptions from them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from cli.context import Json, application, token
from cli.output import say, show, show_one

if TYPE_CHECKING:
    from infra.guardrails import Exemption

app = App(name="guardrail", help="Guardrails and exemptions 护栏与豁免")

Digest = Annotated[str, Parameter(help="The digest shown by `guardrail exemptions`: what you decide on")]
Reason = Annotated[str, Parameter(help="Why, for the other side to read 理由")]


@app.command(name="list")
def list_(*, json: Json = False) -> None:
    """List the rules: what must be, how severe, what to do.

    Example: guanyun guardrail list
    """
    from infra.guardrails import RULES, published_policy

    policy = published_policy()
    rows: list[dict[str, Any]] = [
        {
            "rule": rule.id,
            "severity": policy.severities[rule.id].default.value,
            "stricter": ", ".join(
                f"{where.value}: {severity.value}"
                for found in (policy.severities[rule.id].zones, policy.severities[rule.id].levels)
                for where, severity in found.items()
            ),
            "exemptible": rule.exemptible,
            "zh": rule.zh,
            "en": rule.en,
            "remedy_zh": rule.remedy_zh,
            "remedy_en": rule.remedy_en,
        }
        for rule in RULES
    ]
    columns = {
        "rule": "编号 rule",
        "severity": "程度 severity",
        "stricter": "加严 stricter",
        "zh": "要求",
        "en": "what must be",
    }
    show(rows, columns, json=json)


@app.command(name="show")
def show_(rule: str, *, json: Json = False) -> None:
    """Show one rule with its remedy.

    Example: guanyun guardrail show GR-S3-001
    """
    from infra.guardrails import published_policy, rule_named

    found, policy = rule_named(rule), published_policy()
    row: dict[str, Any] = {
        "rule": found.id,
        "severity": policy.severities[found.id].default.value,
        "exemptible": found.exemptible,
        "zh": found.zh,
        "en": found.en,
        "remedy_zh": found.remedy_zh,
        "remedy_en": found.remedy_en,
        "policy": policy.version,
    }
    show_one(row, json=json)


@app.command
def exemptions(*, env: str = "", json: Json = False) -> None:
    """List the exemptions you may see, newest first.

    Example: guanyun guardrail exemptions --env hrss-employment

    Parameters
    ----------
    env: of one environment only
    """
    from governance.authority import viewing
    from infra.guardrails import list_exemptions

    with application() as opened, viewing(opened.office, token()) as view:
        rows = [_row(one) | {"holds": one.holds(view.now)} for one in list_exemptions(view, environment=env)]
    columns = {
        "id": "豁免 exemption",
        "environment": "环境 environment",
        "rule": "规则 rule",
        "resource": "资源 resource",
        "state_zh": "状态",
        "state": "state",
        "until": "截止 until",
        "digest": "摘要 digest",
    }
    show(rows, columns, json=json)


@app.command
def exempt(environment: str, rule: str, resource: str, *, until: str, because: Reason) -> None:
    """Ask that a rule does not hold for one resource until a day. For the agency, or the operator.

    Example: guanyun guardrail exempt hrss-employment GR-S3-001 Bucket/site --until 2026-06-30 --because "公开静态页面"

    Parameters
    ----------
    resource: as the finding names it: Kind/name, or Environment/<environment> for the plan as a whole
    until: the first day on which the rule holds again (Shanghai time)
    """
    from cli.dates import instant
    from infra.guardrails import ExemptionWish, ask_exemption
    from wiring.guardrails import agency_of

    wish = ExemptionWish(rule, resource, because, instant(until))
    with application() as opened:
        found, new = ask_exemption(opened.office, token(), environment, wish, agency_of=agency_of)
    short = found.digest[:12]
    if new:
        say(f"已申请豁免 {found.id},摘要 {short}", f"exemption {found.id} is asked for; digest {short}")
    else:
        say(f"豁免 {found.id} 早已申请,没有变化", f"exemption {found.id} was asked for before: nothing changed")


@app.command
def approve(exemption: str, *, digest: Digest) -> None:
    """Let an exemption hold from now until its end. For whoever decides on the agency's things.

    Example: guanyun guardrail approve exemption_01 --digest 3f9a…
    """
    from infra.guardrails import approve_exemption

    with application() as opened:
        found, new = approve_exemption(opened.office, token(), exemption, digest=digest)
    _told(found, new)


@app.command
def reject(exemption: str, *, digest: Digest, because: Reason) -> None:
    """Turn an exemption down. For whoever may approve it.

    Example: guanyun guardrail reject exemption_01 --digest 3f9a… --because "请改用负载均衡"
    """
    from infra.guardrails import reject_exemption

    with application() as opened:
        found, new = reject_exemption(opened.office, token(), exemption, digest=digest, because=because)
    _told(found, new)


@app.command
def revoke(exemption: str, *, digest: Digest, because: Reason) -> None:
    """End an approved exemption at once. For whoever may approve it.

    Example: guanyun guardrail revoke exemption_01 --digest 3f9a… --because "已不需要"
    """
    from infra.guardrails import revoke_exemption

    with application() as opened:
        found, new = revoke_exemption(opened.office, token(), exemption, digest=digest, because=because)
    _told(found, new)


def _told(found: Exemption, new: bool) -> None:
    if new:
        say(f"豁免 {found.id}:{found.state.zh}", f"exemption {found.id}: {found.state.value}")
    else:
        say(f"豁免 {found.id} 早已如此,没有变化", f"exemption {found.id} was so before: nothing changed")


def _row(one: Exemption) -> dict[str, Any]:
    from foundation.evidence import plain

    told: dict[str, Any] = plain(one)
    return told | {"state": one.state.value, "state_zh": one.state.zh, "digest": one.digest}
