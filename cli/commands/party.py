"""``guanyun party``."""

from __future__ import annotations

from cyclopts import App

from cli.context import Json, application, token
from cli.output import show

app = App(name="party", help="Parties and accounts 单位与账号")


@app.command(name="list")
def list_(*, json: Json = False) -> None:
    """List the parties.

    Example: guanyun party list
    """
    from governance.authority import viewing
    from governance.parties import parties

    with application() as opened, viewing(opened.office, token()) as view:
        rows = [
            {"id": party.id, "kind": party.kind.value, "zh": party.zh, "en": party.en}
            for party in parties(view.transaction)
        ]
    show(rows, {"id": "编号 id", "kind": "类别 kind", "zh": "名称", "en": "name"}, json=json)


@app.command
def accounts(*, json: Json = False) -> None:
    """List the accounts you may see: an agency sees its own party's.

    Example: guanyun party accounts
    """
    from governance.authority import viewing
    from governance.parties import accounts as every

    with application() as opened, viewing(opened.office, token()) as view:
        rows = [
            {"account": account.name, "party": account.party, "duties": sorted(account.duties)}
            for account in every(view.transaction)
            if view.scope.covers(account.party)
        ]
    show(rows, {"account": "账号 account", "party": "单位 party", "duties": "职责 duties"}, json=json)
