"""``guanyun contract``."""

from __future__ import annotations

from pathlib import Path

from cyclopts import App

from cli.context import Json, application, token
from cli.output import say, show
from cli.reading import accepted

app = App(name="contract", help="Service contracts and their lines 服务合同")


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
    from governance.projects import systems as every

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


@app.command
def lines(contract: str, *, json: Json = False) -> None:
    """Show the lines of a contract: amount, promised, used, what remains; the last row is the ceiling.

    Example: guanyun contract lines C-2026-01
    """
    from foundation.values.money import format_yuan
    from governance.authority import viewing
    from governance.contracts import LineUse, contract_use, line_use, lines_of
    from governance.errors import NotFound

    def row(id_: str, zh: str, en: str, found: LineUse) -> dict[str, object]:
        names = ("amount", "obligated", "used", "remaining")
        figures = {name: getattr(found, name) for name in names}
        return {
            "id": id_,
            "zh": zh,
            "en": en,
            **figures,
            **{f"{name}_yuan": format_yuan(figures[name]) for name in names},
        }

    with application() as opened, viewing(opened.office, token()) as view:
        if view.scope.agencies is not None:  # totals over all agencies
            raise NotFound(what_zh="这份合同:", what_en="contract", key=contract)
        found = lines_of(view.transaction, contract)
        rows = [row(line.id, line.zh, line.en, line_use(view.transaction, line)) for line in found]
        rows.append(row(contract, "合同上限", "the ceiling", contract_use(view.transaction, contract)))
    columns = {
        "id": "明细 line",
        "zh": "名称 name",
        "amount_yuan": "金额 amount",
        "obligated_yuan": "已占用 promised",
        "used_yuan": "已使用 used",
        "remaining_yuan": "余额 remaining",
    }
    show(rows, columns, json=json)


@app.command
def amend(file: Path) -> None:
    """Draft a supplementary agreement: another ceiling, other lines, another end.

    Example: guanyun contract amend amendment.yaml
    """
    from governance.contracts import draft_amendment, read_amendment

    amendment = accepted(*read_amendment(file))
    with application() as opened:
        version, digest = draft_amendment(opened.office, token(), amendment)
    say(f"补充协议已起草(第 {version} 版),摘要 {digest}", f"agreement drafted (version {version}), digest {digest}")


@app.command
def sign(contract: str, *, digest: str) -> None:
    """Sign the drafted supplementary agreement, as another person of the buyer.

    Example: guanyun contract sign C-2026-01 --digest 9f86d081884c7d65
    """
    from governance.contracts import sign_amendment

    with application() as opened:
        signed = sign_amendment(opened.office, token(), contract, digest=digest)
    say(f"合同 {contract} 现为第 {signed.version} 版", f"the contract {contract} is now version {signed.version}")


@app.command
def history(contract: str, *, json: Json = False) -> None:
    """Show a contract as signed and after each supplementary agreement.

    Example: guanyun contract history C-2026-01
    """
    from foundation.evidence import plain
    from governance.authority import viewing
    from governance.contracts import versions_of

    with application() as opened, viewing(opened.office, token()) as view:
        rows = [plain(each) for each in versions_of(view.transaction, contract)]
    columns = {
        "version": "版本 version",
        "document_number": "文号 document",
        "ceiling": "上限(分) ceiling",
        "term": "期限 term",
    }
    show(rows, columns, json=json)
