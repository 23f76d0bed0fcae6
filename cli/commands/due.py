"""``guanyun due``: rules that say when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cyclopts import App

from cli.context import Json, application, token
from cli.output import languages, show

if TYPE_CHECKING:
    from datetime import datetime

    from foundation.work.due import Occurrence, Standing

app = App(name="due", help="Rules that say when 定时工作")


@app.command
def ls(*, dropped: bool = False, json: Json = False) -> None:
    """List the rules, the soonest first: when each is due next, or which year's calendar it awaits.

    Example: guanyun due ls

    Parameters
    ----------
    dropped: those that were ended, instead
    """
    from foundation.work.due import rules
    from governance.authority import viewing

    with application() as opened:
        with viewing(opened.office, token()) as view:
            found = rules(view.transaction, view.scope, dropped=dropped)
        now = opened.office.clocks.real()
    columns = {
        "name": "规则 rule",
        "when": "时间 when",
        "kind": "任务 kind",
        "agency": "部门 agency",
        "next": "下次 next",
        "last_at": "上次 last",
        "catch_up": "补做 catch-up",
        "trouble_words": "问题 trouble",
    }
    show([_row(standing, now) for standing in found], columns, json=json)


@app.command(name="show")
def show_(name: str, *, last: int = 20, json: Json = False) -> None:
    """Show what became of a rule's newest times: done by which run, skipped, missed, and why.

    Example: guanyun due show calendar.warn

    Parameters
    ----------
    name: the rule
    last: how many at most
    """
    from foundation.work.due import UnknownDueRule, history, rule_named
    from governance.authority import viewing

    with application() as opened, viewing(opened.office, token()) as view:
        if rule_named(view.transaction, view.scope, name) is None:
            raise UnknownDueRule(name=name)
        found = history(view.transaction, view.scope, name, most=last)
    columns = {
        "at": "时间 at",
        "outcome": "结果 outcome",
        "run": "任务 run",
        "folded": "合并 folded",
        "because": "原因 because",
    }
    show([_occurrence(each) for each in found], columns, json=json)


def _row(standing: Standing, now: datetime) -> dict[str, Any]:
    from foundation.evidence import plain
    from foundation.work.due import rule_document, sentence

    wanted, words = standing.wanted, sentence(standing.wanted.rule)
    late = standing.next_at is not None and standing.next_at < now
    return {
        "name": wanted.name,
        "kind": wanted.kind,
        "agency": wanted.agency,
        "subject": wanted.subject,
        "rule": rule_document(wanted.rule),
        "when": _spoken(words.zh, words.en),
        "next_at": plain(standing.next_at),
        "awaiting_year": standing.awaiting_year,
        "late": late,
        "next": _next(standing, late=late),
        "last_at": plain(standing.last_at),
        "catch_up": _spoken(wanted.catch_up.zh, wanted.catch_up.value),
        "trouble": standing.trouble,
        "trouble_zh": standing.trouble_zh,
        "trouble_en": standing.trouble_en,
        "trouble_words": _spoken(standing.trouble_zh, standing.trouble_en) if standing.trouble else "",
    }


def _next(standing: Standing, *, late: bool) -> str:
    from foundation.evidence import plain
    from foundation.values.working_days import AwaitingCalendar

    if standing.awaiting_year is not None:
        awaiting = AwaitingCalendar(standing.awaiting_year)
        return _spoken(awaiting.zh, str(awaiting))
    if standing.next_at is None:
        return ""
    return f"{plain(standing.next_at)}" + (f" ({_spoken('迟', 'late')})" if late else "")


def _occurrence(each: Occurrence) -> dict[str, Any]:
    from foundation.evidence import plain

    return {
        "at": plain(each.at),
        "outcome": each.outcome.value,
        "run": each.run,
        "folded": each.folded,
        "reason": each.reason.value,
        "because": _spoken(each.reason.zh, each.reason.en) if each.reason.value else "",
        "recorded_at": plain(each.recorded_at),
    }


def _spoken(zh: str, en: str) -> str:
    return " · ".join({"zh": zh, "en": en}[language] for language in languages())
