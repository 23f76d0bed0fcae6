"""``guanyun fleet``: one action over many environments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from cli.commands.fleet_showing import live, operation_row, print_standing, status_of
from cli.context import Json, application, token
from cli.output import say, show, show_one, warn

if TYPE_CHECKING:
    from infra.fleet import Operation
    from wiring.application import Application

Many = Annotated[list[str] | None, Parameter(negative="")]
All = Annotated[bool, Parameter(name="--all", negative="", help="Every environment 全部环境")]
Flag = Annotated[bool, Parameter(negative="")]


@dataclass(frozen=True)
class Filters:
    """Which environments, otherwise than by name."""

    agency: Annotated[list[str] | None, Parameter(negative="", help="Of these agencies 单位")] = None
    system: Annotated[list[str] | None, Parameter(negative="", help="Of these business systems 业务系统")] = None
    zone: Annotated[list[str] | None, Parameter(negative="", help="government-extranet, internet 网络区域")] = None
    level: Annotated[list[str] | None, Parameter(negative="", help="level-2, level-3 等保级别")] = None
    every: All = False


@dataclass(frozen=True)
class Going:
    """How an operation goes."""

    canary: Annotated[str, Parameter(help="How many go first, or which; the rest waits for all of them 先行环境")] = "0"
    max_failures: Annotated[str, Parameter(help="After so many failures, or 5%, no more is started 失败预算")] = "1"
    at_once: Annotated[int, Parameter(help="How many at the same time 同时进行")] = 4


By = Annotated[Filters, Parameter(name="*")]
How = Annotated[Going, Parameter(name="*")]
_EVERY_FILTER, _AS_USUAL = Filters(), Going()

app = App(name="fleet", help="One action over many environments 批量作业")


@app.command
def plan(*names: str, by: By = _EVERY_FILTER, how: How = _AS_USUAL, json: Json = False) -> int:
    """Plan every chosen environment, each recorded with its digest.

    Example: guanyun fleet plan --agency hrss --max-failures 5%

    Parameters
    ----------
    names: environments by name
    """
    return _run("plan", names, by, how, json=json)


@app.command
def apply(*names: str, by: By = _EVERY_FILTER, how: How = _AS_USUAL, json: Json = False) -> int:
    """Apply the newest approved plan of every chosen environment; others are listed with what they wait for.

    Example: guanyun fleet apply --all --canary 2 --at-once 8

    Parameters
    ----------
    names: environments by name
    """
    return _run("apply", names, by, how, json=json)


@app.command
def refresh(*names: str, by: By = _EVERY_FILTER, how: How = _AS_USUAL, json: Json = False) -> int:
    """Refresh the state of every chosen environment from the cloud, which is not touched.

    Example: guanyun fleet refresh --zone internet

    Parameters
    ----------
    names: environments by name
    """
    return _run("refresh", names, by, how, json=json)


@app.command
def destroy(*names: str, by: By = _EVERY_FILTER, how: How = _AS_USUAL, json: Json = False) -> int:
    """End the chosen environments whose termination was requested, approved, and approved as a plan.

    Example: guanyun fleet destroy hrss-portal housing-portal

    Parameters
    ----------
    names: environments by name
    """
    return _run("destroy", names, by, how, json=json)


@app.command(name="list")
def list_(*, last: int = 20, before: int | None = None, json: Json = False) -> None:
    """List fleet operations, newest first.

    Example: guanyun fleet list

    Parameters
    ----------
    last: how many at most
    before: go on below this number
    """
    from infra.fleet import list_operations

    with application() as opened:
        found = list_operations(opened.office, token(), before=before, limit=last)
    columns = {
        "number": "#",
        "id": "批量作业 operation",
        "action_words": "动作 action",
        "state_words": "状态 state",
        "members_words": "环境 environments",
        "account": "账号 account",
        "started_at": "开始 started",
    }
    show([operation_row(one) for one in found], columns, json=json)


@app.command(name="show")
def show_(
    id_: str, *, state: Many = None, after: int = -1, last: int = 100, follow: Flag = False, json: Json = False
) -> int:
    """Show a fleet operation and a page of its environments; with ``--follow``, live until it stands.

    Example: guanyun fleet show fleet_3f2a --state failed

    Parameters
    ----------
    state: only environments in these states, such as failed or held
    after: go on after this position
    last: how many environments at most
    follow: watch it live
    """
    from infra.fleet import MemberState, show_operation

    with application() as opened:
        if follow:
            _seen_through(opened, id_)
        states = [MemberState(one) for one in state] if state else None
        found = show_operation(opened.office, token(), id_, states=states, after=after, limit=last)
    print_standing(found, json=json)
    return status_of(found)


@app.command
def resume(id_: str, *, json: Json = False) -> int:
    """Go on with an operation that stopped: failed and parked environments are tried again, held ones looked at again.

    Example: guanyun fleet resume fleet_3f2a
    """
    from infra.fleet import resume as go_on
    from wiring.fleet import fleet

    with application() as opened:
        operation, _ = go_on(fleet(opened), token(), id_)
        return _followed(opened, operation, json=json)


@app.command
def cancel(id_: str, *, because: str = "", json: Json = False) -> None:
    """Start nothing more; an environment in the middle of its work finishes it.

    Example: guanyun fleet cancel fleet_3f2a --because "the window is over"

    Parameters
    ----------
    because: why
    """
    from infra.fleet import cancel as stop
    from infra.fleet import show_operation
    from wiring.fleet import fleet

    with application() as opened:
        operation, new = stop(fleet(opened), token(), id_, because)
        standing = show_operation(opened.office, token(), id_, limit=0)
    if json:
        show_one(operation_row(standing) | {"new": new}, json=True)
    elif new:
        say(f"批量作业 {operation.id} 已取消", f"fleet operation {operation.id} is cancelled")
    else:
        say(
            f"批量作业 {operation.id} {operation.state.zh},没有变化",
            f"fleet operation {operation.id} is {operation.state.value}: nothing changed",
        )


def _run(action: str, names: tuple[str, ...], by: Filters, how: Going, *, json: bool) -> int:
    from infra.fleet import Action, Pace, Selection, start
    from wiring.fleet import fleet

    filters = {"agencies": by.agency, "systems": by.system, "zones": by.zone, "levels": by.level}
    chosen = {name: tuple(values) for name, values in filters.items() if values}
    selection = Selection(names=names, everything=by.every, **chosen)
    number = how.canary.strip()
    canaries = int(number) if number.isascii() and number.isdigit() else tuple(filter(None, number.split(",")))
    pace = Pace(canaries=canaries, max_failures=how.max_failures, at_once=how.at_once)
    with application() as opened:
        operation, new = start(fleet(opened), token(), Action(action), selection, pace)
        if not new and not json:
            say(
                f"同样的批量作业 {operation.id} 正在进行,继续查看",
                f"the same operation {operation.id} is under way, following it",
            )
        return _followed(opened, operation, json=json)


def _followed(opened: Application, operation: Operation, *, json: bool) -> int:
    from infra.fleet import show_operation

    _seen_through(opened, operation.id)
    found = show_operation(opened.office, token(), operation.id, limit=100)
    print_standing(found, json=json)
    return status_of(found)


def _seen_through(opened: Application, id_: str) -> None:
    from wiring.fleet import watch
    from wiring.logs import to_file_only

    to_file_only("command", opened.settings.work_folder)
    try:
        with live() as tell:
            watch(opened, token(), id_, tell=tell)
    except KeyboardInterrupt:
        warn(
            f"不再跟踪;批量作业 {id_} 没有取消,继续查看:guanyun fleet show {id_} --follow",
            f"no longer following; operation {id_} was not cancelled, see it with: guanyun fleet show {id_} --follow",
        )
        raise
