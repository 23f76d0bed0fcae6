"""How a fleet operation is shown: the live table, the lines, the page of its environments, the exit status."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from cli.output import console, errors, languages, say, show, show_one

if TYPE_CHECKING:
    from infra.fleet import Member, Operation, Standing
    from wiring.fleet import Tell

_ROWS = 24
_SHORT = frozenset({"risk", "changes", "needs", "forbidden", "resources", "gone", "orphans"})


@contextmanager
def live() -> Iterator[Tell]:
    """One table that changes on a terminal; elsewhere a line for each environment whose state changed."""
    if not errors.is_terminal:
        yield _lines()
        return
    from rich.live import Live

    with Live(console=errors, transient=True, auto_refresh=False) as display:
        known: dict[int, Member] = {}

        def tell(standing: Standing) -> None:
            known.update((member.position, member) for member in standing.members)
            display.update(_table(standing, list(known.values())), refresh=True)

        yield tell


def _lines() -> Tell:
    last: dict[str, str] = {}

    def tell(standing: Standing) -> None:
        for member in standing.members:
            if last.get(member.environment) != member.state.value:
                last[member.environment] = member.state.value
                errors.print(f"{member.environment} {_words(member.state)} {_because(member)}".rstrip(), markup=False)

    return tell


def _table(standing: Standing, members: list[Member]) -> Any:
    from rich.table import Table

    from infra.fleet import MemberState

    operation = standing.operation
    urgent = [MemberState.RELEASED, MemberState.FAILED, MemberState.PARKED, MemberState.WAITING]
    order = {state: place for place, state in enumerate([*urgent, *(one for one in MemberState if one not in urgent)])}
    shown = sorted(members, key=lambda member: (order[member.state], member.position))
    table = Table(box=None, pad_edge=False, header_style="bold", title=_title(standing), title_justify="left")
    for heading in ("环境 environment", "单位 agency", "先行 canary", "状态 state", "原因 reason"):
        table.add_column(heading, overflow="ellipsis", no_wrap=True)
    from rich.text import Text

    for member in shown[:_ROWS]:
        cells = (
            member.environment,
            member.agency,
            "✓" if member.canary else "",
            _words(member.state),
            _because(member),
        )
        table.add_row(*(Text(cell) for cell in cells))
    more = operation.members - min(len(shown), _ROWS)
    if more > 0:
        table.add_row(f"… {more}")
    return table


def _title(standing: Standing) -> str:
    operation = standing.operation
    return f"{operation.id} {_words(operation.action)} {_words(operation.state)}  {_counts(standing)}"


def _counts(standing: Standing) -> str:
    from infra.fleet import MemberState

    return " ".join(f"{_words(MemberState(state))} {many}" for state, many in standing.tally.by_state().items())


def _words(state: Any) -> str:
    texts = {"zh": state.zh, "en": state.value}
    return " ".join(texts[language] for language in languages())


def _because(member: Member) -> str:
    texts = {"zh": member.reason_zh, "en": member.reason_en}
    return " · ".join(filter(None, (texts[language] for language in languages())))


def _came_of(member: Member) -> str:
    """What came of it, in short: of a plan what it does and still needs, of a refresh what it found."""
    told = [f"{name} {value}" for name, value in member.result.items() if name in _SHORT and value not in ([], "")]
    return ", ".join(told)


def operation_row(standing: Standing) -> dict[str, Any]:
    operation = standing.operation
    return {
        "number": operation.number,
        "id": operation.id,
        "action": operation.action.value,
        "action_words": _words(operation.action),
        "state": operation.state.value,
        "state_words": _words(operation.state),
        "members": standing.tally.by_state(),
        "members_words": _counts(standing),
        "total": operation.members,
        "budget": operation.budget,
        "at_once": operation.at_once,
        "round": operation.round,
        "go_on": _go_on(operation),
        "selection": operation.selection,
        "pace": operation.pace,
        "account": operation.account,
        "started_at": operation.started_at,
        "ended_at": operation.ended_at,
    }


def _member_row(member: Member) -> dict[str, Any]:
    return {
        "position": member.position,
        "environment": member.environment,
        "agency": member.agency,
        "canary": member.canary,
        "state": member.state.value,
        "state_words": _words(member.state),
        "digest": member.digest,
        "run": member.run,
        "reason": member.reason,
        "reason_words": _because(member) or _came_of(member),
        "result": dict(member.result),
    }


def print_standing(standing: Standing, *, json: bool) -> None:
    rows = [_member_row(member) for member in standing.members]
    if json:
        show_one(operation_row(standing) | {"environments": rows}, json=True)
        return
    say(*_headline(standing.operation, standing))
    columns = {
        "position": "#",
        "environment": "环境 environment",
        "agency": "单位 agency",
        "state_words": "状态 state",
        "run": "任务 run",
        "reason_words": "结果 result",
    }
    show(rows, columns, json=False)
    hidden = standing.operation.members - len(rows)
    if rows and hidden > 0:
        id_, after = standing.operation.id, standing.members[-1].position
        console.print(f"… {hidden}: guanyun fleet show {id_} --after {after}", markup=False)


def _headline(operation: Operation, standing: Standing) -> tuple[str, str]:
    from infra.fleet import MemberState

    counted = standing.tally.by_state()
    zh = ",".join(f"{MemberState(state).zh} {many}" for state, many in counted.items())
    en = ", ".join(f"{many} {state}" for state, many in counted.items())
    if go_on := _go_on(operation):
        if waits := standing.parked:
            show = f"guanyun fleet show {operation.id} --state parked"
            zh = f"{zh};待人工:{waits.environment}({waits.reason_zh}),全部见 {show}"
            en = f"{en}; waits for a person: {waits.environment} ({waits.reason_en}), see all: {show}"
        zh, en = f"{zh};继续:{go_on}", f"{en}; go on: {go_on}"
    return (
        f"批量作业 {operation.id} {operation.action.zh} {operation.state.zh}:{zh}",
        f"operation {operation.id} ({operation.action.value}) {operation.state.value}: {en}",
    )


def _go_on(operation: Operation) -> str:
    """The command by which a person lets a stopped operation go on; empty where there is nothing to say."""
    from infra.fleet import OperationState

    return f"guanyun fleet resume {operation.id}" if operation.state is OperationState.STOPPED else ""


def status_of(standing: Standing) -> int:
    """0 where every environment that could take part succeeded, 5 where one did not, 3 where some wait for a word."""
    from infra.fleet import MemberState, OperationState

    tally = standing.tally
    lost = tally.count([MemberState.FAILED, MemberState.PARKED, MemberState.CANCELLED])
    if lost or standing.operation.state in {OperationState.STOPPED, OperationState.CANCELLED}:
        return 5
    return 3 if tally.count([MemberState.HELD]) else 0
