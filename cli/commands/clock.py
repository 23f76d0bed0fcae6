"""``guanyun clock``."""

from __future__ import annotations

from cyclopts import App

from cli.context import Json, application, token
from cli.output import say, show_one

app = App(name="clock", help="Show or set a demo's business clock 业务时间")


@app.command
def show(*, json: Json = False) -> None:
    """Show the instant business stands at.

    Example: guanyun clock show
    """
    from foundation.values.instant import format_instant
    from governance import installation

    with application() as opened, opened.store.reading() as transaction:
        now = opened.office.clocks.business(transaction)
        show_one({"now": format_instant(now), "demo": installation.is_demo(transaction)}, json=json)


@app.command(name="set")
def set_(instant: str) -> None:
    """Move a demo's business clock forward. Only a database created as a demo accepts it.

    Example: guanyun clock set 2026-04-03T09:00:00+08:00
    """
    from foundation.values.instant import format_instant, parse_instant
    from wiring.clock import move_business_clock

    wanted = parse_instant(instant, field="clock")
    with application() as opened:
        moved = move_business_clock(opened.office, token(), wanted)
    text = format_instant(wanted)
    if moved:
        say(f"业务时间为 {text}", f"business time is {text}")
    else:
        say(f"业务时间已是 {text},没有变化", f"business time is {text} already: nothing changed")
