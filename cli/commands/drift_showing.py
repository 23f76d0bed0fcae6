"""How drift is shown: a finding's row and its lines, a look's row, the exit status."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from cli.output import languages, say

if TYPE_CHECKING:
    from datetime import datetime

    from infra.drift import Finding, Look

FINDING_COLUMNS = {
    "id": "漂移 finding",
    "environment": "环境 environment",
    "resource": "资源 resource",
    "property": "属性 property",
    "what": "情况 what",
    "values": "批准的 → 现有 approved → found",
    "who": "何人何时 who and when",
    "state": "状态 state",
}
LOOK_COLUMNS = {
    "environment": "环境 environment",
    "outcome_words": "结果 outcome",
    "found": "漂移 found",
    "fresh": "新 new",
    "ended": "结束 ended",
    "ended_at": "时间 at",
    "reason": "原因 reason",
}


def words(zh: str, en: str) -> str:
    """Both languages, or the one that is spoken."""
    texts = {"zh": zh, "en": en}
    return " ".join(texts[language] for language in languages())


def finding_row(one: Finding, now: datetime) -> dict[str, Any]:
    """A finding with every field, and the words of its table."""
    from foundation.evidence import plain

    seen, who = one.seen, one.who
    return {
        "id": one.id,
        "environment": one.environment,
        "agency": one.agency,
        "change": seen.change.value,
        "resource": seen.resource,
        "kind": seen.kind,
        "name": seen.name,
        "cloud_id": seen.cloud_id,
        "property": seen.path,
        "expected": seen.expected,
        "found": seen.found,
        "trail": plain(who),
        "first_seen": one.first_seen,
        "last_seen": one.last_seen,
        "ended_at": one.ended_at,
        "ending": one.ending.value,
        "deployment": one.deployment,
        "plan": one.plan,
        "acceptance": None if one.acceptance is None else plain(one.acceptance),
        "open": one.open(now),
        "what": words(seen.change.zh, seen.change.value),
        "values": _values(one),
        "who": who_words(one),
        "state": state_words(one, now),
    }


def who_words(one: Finding) -> str:
    """Who did it and when, or why nobody can say."""
    from foundation.values.instant import SHANGHAI

    who = one.who
    if who.at is None:
        return words(who.state.zh, who.state.en)
    return f"{who.person} {who.event} {who.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"


def state_words(one: Finding, now: datetime) -> str:
    """Open, accepted until when, or how it ended."""
    from foundation.values.instant import SHANGHAI

    if one.ended_at is None and one.acceptance is not None and one.accepted(now):
        day = f"{one.acceptance.until.astimezone(SHANGHAI):%Y-%m-%d}"
        return words(f"已接受至 {day}", f"accepted until {day}")
    return words(one.ending.zh, one.ending.en)


def look_row(one: Look) -> dict[str, Any]:
    """A look with every field, and the words of its table."""
    from foundation.evidence import plain

    row: dict[str, Any] = plain(one)
    return row | {
        "outcome_words": words(one.outcome.zh, one.outcome.value),
        "reason": words(one.zh, one.en) if one.code else "",
    }


def tell_standing(findings: Iterable[Finding]) -> None:
    """One line for each finding that a plan or an adoption is about."""
    for one in findings:
        path = f" {one.seen.path}" if one.seen.path else ""
        say(
            f"{one.id} {one.seen.resource}{path} {one.seen.change.zh} {_values(one)}".rstrip(),
            f"{one.seen.change.value}",
        )


def _values(one: Finding) -> str:
    if not one.seen.path:
        return one.seen.cloud_id
    return f"{_text(one.seen.expected)} → {_text(one.seen.found)}"


def _text(value: Any) -> str:
    from foundation.evidence import canonical_text

    if value is None:
        return "∅"
    return value if isinstance(value, str) else canonical_text(value)
