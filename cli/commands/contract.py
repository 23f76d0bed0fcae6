"""``guanyun contract``."""

from __future__ import annotations

from pathlib import Path

from cyclopts import App

from cli.context import Json, application, token
from cli.output import say, show
from cli.reading import accepted

app = App(name="contract", help="Contracts, projects, systems 合同、项目、业务系统")


@app.command
def record(file: Path) -> None:
    """Record a service contract with its scheme, projects and business systems. What stands is never edited.

    Example: guanyun contract record examples/contract.yaml
    """
    from governance.contracts import read_contract, record_contract

    document = accepted(*read_contract(file))
    with application() as opened:
        new = record_contract(opened.office, token(), document)
    name = document.contract.id
    if new:
        say(f"已登记合同 {name}", f"contract {name} recorded")
    else:
        say(f"合同 {name} 已登记,没有变化", f"contract {name} stands already: nothing changed")


@app.command(name="list")
def list_(*, json: Json = False) -> None:
    """List the contracts.

    Example: guanyun contract list
    """
    from foundation.values.money import format_yuan
    from governance.authority import viewing
    from governance.contracts import contracts

    with application() as opened, viewing(opened.office, token()) as view:
        rows = [
            {
                "id": each.id,
                "document_number": each.document_number,
                "buyer": each.buyer,
                "operator": each.operator,
                "payer": each.payer,
                "ceiling": each.ceiling,
                "ceiling_yuan": format_yuan(each.ceiling),
            }
            for each in contracts(view.transaction)
        ]
    columns = {
        "id": "编号 id",
        "document_number": "文号 document",
        "buyer": "买方 buyer",
        "operator": "运营 operator",
        "payer": "付款 payer",
        "ceiling_yuan": "上限(元) ceiling",
    }
    show(rows, columns, json=json)


@app.command
def systems(*, json: Json = False) -> None:
    """List the business systems you may see, with project and fund source.

    Example: guanyun contract systems
    """
    from foundation.evidence import plain
    from governance.authority import viewing
    from governance.contracts import systems as every

    with application() as opened, viewing(opened.office, token()) as view:
        rows = [plain(each) for each in every(view.transaction, view.scope)]
    columns = {
        "id": "编号 id",
        "zh": "名称 name",
        "agency": "单位 agency",
        "project": "项目 project",
        "fund_source": "资金来源 fund source",
    }
    show(rows, columns, json=json)
