"""``guanyun database``."""

from __future__ import annotations

from cyclopts import App

from cli.context import Json, settings
from cli.output import say, show_one

app = App(name="database", help="Create or upgrade the record database 数据库")


@app.command
def upgrade() -> None:
    """Bring the database to this program's version; an empty one is created.

    Example: guanyun database upgrade
    """
    from foundation.store import open_store
    from wiring.database import HEAD, let_in
    from wiring.database import upgrade as bring_up

    chosen = settings()
    chosen.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    store = open_store(chosen.database_owner or chosen.database_url)
    changed = bring_up(store)
    let_in(store, chosen.database_url)
    store.close()
    if changed:
        say(f"数据库已升级到 {HEAD}", f"database upgraded to {HEAD}")
    else:
        say(f"数据库已是 {HEAD},没有变化", f"database is at {HEAD}: nothing changed")


@app.command
def status(*, json: Json = False) -> None:
    """Show the database's version beside the program's.

    Example: guanyun database status
    """
    from wiring.application import open_unchecked
    from wiring.database import HEAD, revision

    opened = open_unchecked(settings())
    show_one({"database": revision(opened.store) or "", "program": HEAD}, json=json)
    opened.store.close()
