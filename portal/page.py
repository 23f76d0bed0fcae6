"""The health page: what a person on duty sees first. Plain HTML in both languages, without a script.

Every state is a sign, a word and a colour; what is wrong comes with what to do about it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from html import escape

from foundation.values.instant import SHANGHAI
from foundation.work.runs import RunState
from wiring.health import LAGGING, Health


class Sign(Enum):
    """How a line stands: the sign, the words, the class that colours it."""

    WELL = ("✔", "正常", "fine", "well")
    LOOK = ("!", "留意", "look", "look")
    ACT = ("✖", "处理", "act", "act")
    UNKNOWN = ("?", "未知", "unknown", "unknown")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the page: ``figure`` is plain, ``todo`` is a command or nothing; both are escaped when written."""

    zh: str
    en: str
    sign: Sign
    figure_zh: str
    figure_en: str
    todo: str = ""


def health_page(health: Health) -> str:
    """The whole document."""
    lines = sorted(_lines(health), key=lambda line: -_ORDER.index(line.sign))  # what needs somebody comes first
    worst = _worst(lines)
    zh, en = _HEADLINES[worst]
    rows = "\n".join(_row(line) for line in lines)
    at = health.at.astimezone(SHANGHAI)
    return f"""<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="15">
<meta name="color-scheme" content="light dark">
<title>{worst.value[0]} 管运 · {escape(zh)}</title>
<link rel="stylesheet" href="style.css">
</head>
<body>
<header>
<p class="name">管运 <span lang="en">Guanyun</span></p>
<h1 class="{worst.value[3]}"><span aria-hidden="true">{worst.value[0]}</span> {escape(zh)}
<span class="en" lang="en">{escape(en)}</span></h1>
</header>
<main>
<table>
<caption>运行状况 <span lang="en">How things stand</span></caption>
<thead><tr>
<th scope="col">项目 <span lang="en">What</span></th>
<th scope="col">状态 <span lang="en">State</span></th>
<th scope="col">情况 <span lang="en">How it stands</span></th>
<th scope="col">怎么办 <span lang="en">What to do</span></th>
</tr></thead>
<tbody>
{rows}
</tbody>
</table>
</main>
<footer>
<p>{_time(at)} · 程序 <span lang="en">program</span> {escape(health.program)} · 数据库结构 <span lang="en">schema</span>
{escape(health.schema)}</p>
<p>页面每 15 秒更新;详查请在本机运行 <code>guanyun doctor</code>。
<span lang="en">Renewed every 15 s; for details run <code>guanyun doctor</code> on this machine.</span></p>
</footer>
</body>
</html>
"""


_HEADLINES = {
    Sign.WELL: ("一切正常", "All is well"),
    Sign.LOOK: ("有需要留意的事", "Something to look at"),
    Sign.ACT: ("需要有人处理", "Somebody is needed"),
    Sign.UNKNOWN: ("情况不明", "Not known"),
}
_ORDER = (Sign.WELL, Sign.UNKNOWN, Sign.LOOK, Sign.ACT)


def _worst(lines: list[Line]) -> Sign:
    return max((line.sign for line in lines), key=_ORDER.index)


def _lines(health: Health) -> Iterator[Line]:
    if health.away is not None:
        yield Line("数据库", "Database", Sign.ACT, health.away.zh, health.away.en, "guanyun doctor")
        for zh, en in _NEEDING_THE_DATABASE:
            yield Line(zh, en, Sign.UNKNOWN, "数据库不可用,无从得知", "not known while the database is away")
        return
    yield Line("数据库", "Database", Sign.WELL, "可用", "it answers")
    yield from _workers(health)
    yield from _runs(health)
    yield from _events(health)
    yield from _due(health)


_NEEDING_THE_DATABASE = (("执行进程", "Worker"), ("任务", "Runs"), ("事件", "Events"), ("定时工作", "Due work"))


def _workers(health: Health) -> Iterator[Line]:
    up = [worker for worker in health.workers if worker.up]
    if not up:
        zh, en = "没有执行进程在运行,任务只会排队", "none is running: work only waits"
        yield Line("执行进程", "Worker", Sign.ACT, zh, en, "guanyun up")
        return
    names = ", ".join(f"{worker.name} @ {worker.holder}" for worker in up)
    yield Line("执行进程", "Worker", Sign.WELL, f"{len(up)} 个在运行:{names}", f"{len(up)} running: {names}")


def _runs(health: Health) -> Iterator[Line]:
    many = {state: health.runs.get(state, 0) for state in RunState}
    zh = f"排队 {many[RunState.QUEUED]},进行中 {many[RunState.RUNNING]}"
    en = f"{many[RunState.QUEUED]} queued, {many[RunState.RUNNING]} running"
    yield Line("任务", "Runs", Sign.WELL, zh, en)
    if parked := many[RunState.PARKED]:
        todo = "guanyun work ls --state parked"
        yield Line("停放的任务", "Parked runs", Sign.ACT, f"{parked} 个等人决定", f"{parked} wait for a person", todo)
    if paused := many[RunState.PAUSED]:
        todo = "guanyun work ls --state paused"
        yield Line("暂停的任务", "Paused runs", Sign.LOOK, f"{paused} 个", f"{paused}", todo)
    if health.paused_kinds:
        kinds = ", ".join(health.paused_kinds)
        yield Line("暂停的种类", "Paused kinds", Sign.LOOK, kinds, kinds, "guanyun work resume --kind …")


def _events(health: Health) -> Iterator[Line]:
    waiting, oldest = health.events_waiting, health.events_oldest
    lagging = oldest is not None and oldest > LAGGING
    zh = f"{waiting} 个待送达" + (f",最久 {_length(oldest)[0]}" if oldest and waiting else "")
    en = f"{waiting} waiting" + (f", the oldest for {_length(oldest)[1]}" if oldest and waiting else "")
    sign, todo = (Sign.LOOK, "guanyun outbox ls") if lagging else (Sign.WELL, "")
    yield Line("事件", "Events", sign, zh, en, todo)
    if dead := health.dead_letters:
        todo = "guanyun outbox dead"
        yield Line("死信", "Dead letters", Sign.ACT, f"{dead} 个等人决定", f"{dead} wait for a person's word", todo)


def _due(health: Health) -> Iterator[Line]:
    if health.due_late and health.due_late_by is not None:
        zh, en = _length(health.due_late_by)
        told_zh, told_en = f"{health.due_late} 项迟了,最久 {zh}", f"{health.due_late} late, the latest by {en}"
        yield Line("定时工作", "Due work", Sign.ACT, told_zh, told_en, "guanyun due ls")
    else:
        yield Line("定时工作", "Due work", Sign.WELL, "没有迟到的", "nothing is late")
    if health.awaiting_calendar:
        zh, en = f"{health.awaiting_calendar} 个期限在等日历", f"{health.awaiting_calendar} deadlines await a calendar"
        yield Line("等待日历", "Awaiting a calendar", Sign.LOOK, zh, en, "guanyun calendar load …")
    if health.calendar_missing is not None:
        zh, en = f"{health.calendar_missing} 年日历尚未载入", f"the calendar of {health.calendar_missing} is not loaded"
        yield Line("工作日历", "Working calendar", Sign.LOOK, zh, en, "guanyun calendar load …")


def _row(line: Line) -> str:
    sign, zh, en, colour = line.sign.value
    todo = f"<code>{escape(line.todo)}</code>" if line.todo else ""
    return (
        f'<tr class="{colour}"><th scope="row">{escape(line.zh)} <span lang="en">{escape(line.en)}</span></th>'
        f'<td class="state"><span aria-hidden="true">{sign}</span> {zh} <span lang="en">{en}</span></td>'
        f'<td>{escape(line.figure_zh)} <span lang="en">{escape(line.figure_en)}</span></td><td>{todo}</td></tr>'
    )


def _length(length: timedelta) -> tuple[str, str]:
    seconds = int(length.total_seconds())
    for size, zh, en in ((86_400, "天", "d"), (3_600, "小时", "h"), (60, "分钟", "min")):
        if seconds >= size:
            return f"{seconds // size} {zh}", f"{seconds // size} {en}"
    return f"{seconds} 秒", f"{seconds} s"


def _time(at: datetime) -> str:
    return f'<time datetime="{at.isoformat(timespec="seconds")}">{at:%Y-%m-%d %H:%M:%S}</time>(北京时间)'
