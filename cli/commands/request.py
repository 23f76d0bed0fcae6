"""``guanyun request``: what an agency asks for. Deciding, delivering and the policy of approval are beside it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from cyclopts import App

from cli.commands import request_deciding, request_delivering, request_policy, request_showing
from cli.commands.request_words import tell
from cli.context import Json, application, token
from cli.reading import accepted, read_written, read_yaml

if TYPE_CHECKING:
    from datetime import datetime

    from foundation.values.errors import InvalidValue
    from tenants.requests import RequestKind, Terms

app = App(name="request", help="Resource requests 资源申请")
app.command(request_policy.app)


@app.command
def create(  # noqa: PLR0913 - a request has this many terms
    file: Path,
    *,
    number: str = "",
    kind: Literal["create", "change"] = "create",
    until: date | None = None,
    urgent: str = "",
    need: str = "",
    line: str = "",
    project: str = "",
    json: Json = False,
) -> None:
    """Ask for the environment and the service items a file describes; the answer carries the estimate. For an agency.

    Example: guanyun request create specs/hrss-employment.yaml

    Parameters
    ----------
    file: an environment spec, or a document with environments and items (YAML or JSON)
    number: the request's number; one is allotted without it
    kind: a new environment, or a change of one that stands
    until: the last day of the grant; without it the grant has no end
    urgent: why it takes the urgent path (needs --until)
    need: the approved need it comes from
    line: the contract line it is charged to, where several could be
    project: the project of service items without an environment
    """
    _ask(file, number, kind, _terms(until, urgent, need, line), project, json=json)


@app.command
def change(
    file: Path | None = None,
    *,
    of: str = "",
    number: str = "",
    until: date | None = None,
    urgent: str = "",
    line: str = "",
    json: Json = False,
) -> None:
    """Ask that an environment, or service items that stand without one, become what the file describes. For its agency.

    Example: guanyun request change specs/hrss-employment.yaml

    Parameters
    ----------
    file: the environment as it is to be, with its service items if it has any; or the items as they are to be
    of: the request that granted the service items, where there is no environment; --until alone renews them
    until: the last day of the grant
    urgent: why it takes the urgent path (needs --until)
    """
    terms = _terms(until, urgent, "", line)
    if of:
        _ask_on_items(of, "change", number, file, terms, json=json)
        return
    if file is None:
        raise _nothing_named("a file, or the items' request and --until")
    _ask(file, number, "change", terms, "", json=json)


@app.command(name="from-need")
def from_need(need: str, *, number: str = "", until: date | None = None, json: Json = False) -> None:
    """Ask for the environment that was approved of a need. For the agency whose need it is.

    Example: guanyun request from-need NEED-2026-0001
    """
    from tenants.requests import request_from_need
    from wiring.bindings import desk

    terms = _terms(until, "", "", "")
    with application() as opened:
        request, new = request_from_need(opened.office, token(), need, estimator=desk(), number=number, terms=terms)
    tell(request, new, json=json)


@app.command
def terminate(environment: str = "", *, of: str = "", number: str = "", json: Json = False) -> None:
    """Ask that an environment be ended and everything in it deleted, or that service items end. For its agency.

    Example: guanyun request terminate hrss-employment

    Parameters
    ----------
    of: the request that granted the service items, where there is no environment
    """
    if of:
        _ask_on_items(of, "terminate", number, None, _terms(None, "", "", ""), json=json)
        return
    if not environment:
        raise _nothing_named("an environment, or the items' request")
    _ask_on(environment, "terminate", number, json=json)


@app.command
def suspend(environment: str, *, number: str = "", json: Json = False) -> None:
    """Ask that an environment be paused: nothing is deleted, what is kept is charged. For its agency.

    Example: guanyun request suspend hrss-employment
    """
    _ask_on(environment, "suspend", number, json=json)


@app.command
def resume(environment: str, *, number: str = "", json: Json = False) -> None:
    """Ask that a paused environment run again. For its agency.

    Example: guanyun request resume hrss-employment
    """
    _ask_on(environment, "resume", number, json=json)


@app.command
def transfer(environment: str, to: str, *, number: str = "", json: Json = False) -> None:
    """Ask that an environment become another agency's: that agency agrees, then the bureau decides. For its agency.

    Example: guanyun request transfer hrss-employment housing
    """
    _ask_on(environment, "transfer", number, to=to, json=json)


@app.command
def renew(environment: str, until: date, *, number: str = "", json: Json = False) -> None:
    """Ask that the grant of an environment last longer. For its agency.

    Example: guanyun request renew hrss-employment 2027-12-31
    """
    _ask_on(environment, "change", number, until=_end_of(until), json=json)


@app.command
def agree(number: str, system: str, *, json: Json = False) -> None:
    """Agree to take an environment over into one's own system. For the agency it is to be transferred to.

    Example: guanyun request agree REQ-2026-0007 property-registration
    """
    from tenants.requests import agree_to_transfer
    from wiring.bindings import desk

    with application() as opened:
        request, new = agree_to_transfer(opened.office, token(), number, system=system, estimator=desk())
    tell(request, new, "已同意接收", "agreed to take over", json=json)


@app.command
def decline(number: str, *, reason: str, json: Json = False) -> None:
    """Not take an environment over, with a reason the other agency reads.

    Example: guanyun request decline REQ-2026-0007 --reason "系统不归本单位管理"
    """
    from tenants.requests import decline_transfer

    with application() as opened:
        request, new = decline_transfer(opened.office, token(), number, reason=reason)
    tell(request, new, "已谢绝接收", "declined to take over", json=json)


@app.command
def withdraw(number: str, *, json: Json = False) -> None:
    """Take a request back before it is decided. For its agency.

    Example: guanyun request withdraw REQ-2026-0007
    """
    from tenants.requests import withdraw_request

    with application() as opened:
        request, new = withdraw_request(opened.office, token(), number)
    tell(request, new, "已撤回", "withdrawn", json=json)


for _verb in (*request_deciding.VERBS, *request_delivering.VERBS):
    app.command(_verb)
app.command(request_showing.list_, name="list")
app.command(request_showing.show_, name="show")
app.command(request_showing.checks)
app.command(request_showing.transfers)


def _ask(file: Path, number: str, kind: str, terms: Terms, project: str, *, json: bool) -> None:
    from tenants.requests import RequestKind, request_written
    from wiring.bindings import desk

    written, wanted = read_written(file), RequestKind(kind)
    with application() as opened:
        request, new = request_written(
            opened.office,
            token(),
            written,
            kind=wanted,
            estimator=desk(),
            number=number,
            terms=terms,
            project=project,
        )
    tell(request, new, json=json)


def _ask_on(environment: str, kind: str, number: str, *, json: bool, **more: Any) -> None:
    from tenants.requests import RequestKind, request_on
    from wiring.bindings import desk

    wanted: RequestKind = RequestKind(kind)
    with application() as opened:
        request, new = request_on(opened.office, token(), environment, wanted, estimator=desk(), number=number, **more)
    tell(request, new, json=json)


def _ask_on_items(of: str, kind: str, number: str, file: Path | None, terms: Terms, *, json: bool) -> None:
    from dataclasses import replace

    from foundation.values.errors import InvalidValue
    from tenants.requests import RequestKind, content_from_document, request_on_items
    from wiring.bindings import desk

    if file is not None:
        content = accepted(*content_from_document(read_yaml(file), file=file.name))
        if content.specs:
            raise InvalidValue(field="environments", found=file.name, expected="service items alone")
        terms = replace(terms, items=content.items)
    wanted: RequestKind = RequestKind(kind)
    with application() as opened:
        request, new = request_on_items(
            opened.office, token(), of, wanted, estimator=desk(), terms=terms, as_number=number
        )
    tell(request, new, json=json)


def _nothing_named(expected: str) -> InvalidValue:
    from foundation.values.errors import InvalidValue

    return InvalidValue(field="of", found="none", expected=expected)


def _terms(until: date | None, urgent: str, need: str, line: str) -> Terms:
    from tenants.requests import Terms

    return Terms(until=None if until is None else _end_of(until), urgent=urgent, need=need, line=line)


def _end_of(day: date) -> datetime:
    """A grant until a day lasts to that day's end."""
    from foundation.values.month import day_interval

    return day_interval(day).end
