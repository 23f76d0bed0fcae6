"""``guanyun settlement``: one contract-month between buyer and operator, from draft to paid."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cyclopts import App

from cli.bills import print_bill, write_pdf
from cli.context import Json, application, token
from cli.output import say, show, show_one

if TYPE_CHECKING:
    from billing.rendering import Paper
    from billing.settlement.tables import SettlementRow
    from governance.authority import Office
    from wiring.application import Application

app = App(name="settlement", help="Settlements 结算单")


@app.command
def draft(contract: str, month: str) -> None:
    """Compute a contract-month from its confirmed statements, items and grade. For the operator.

    Example: guanyun settlement draft C-2026-01 2026-03
    """
    from billing.settlement.service import draft_settlement
    from foundation.values.month import Month
    from wiring.billing import settlement_sources

    with application() as opened:
        row = draft_settlement(opened.office, token(), contract, Month.parse(month), sources=settlement_sources())
    _tell(row)


@app.command
def submit(settlement: str, *, digest: str | None = None) -> None:
    """Freeze and sign the draft; every later act binds to its digest. For the operator.

    Example: guanyun settlement submit S-C-2026-01-2026-03
    """
    from billing.settlement.service import submit_settlement
    from wiring.billing import settlement_sources

    with application() as opened:
        bound = digest or _find(opened, settlement).digest
        row = submit_settlement(
            opened.office,
            token(),
            settlement,
            digest=bound,
            signer=opened.signer("operator.billing"),
            sources=settlement_sources(),
        )
    _tell(row)


@app.command
def accept(settlement: str, *, digest: str | None = None) -> None:
    """Accept as the buyer. For the bureau.

    Example: guanyun settlement accept S-C-2026-01-2026-03
    """
    from billing.settlement.service import accept_settlement

    _step(accept_settlement, settlement, digest)


@app.command
def review(settlement: str, *, digest: str | None = None) -> None:
    """Review 审核. For finance.

    Example: guanyun settlement review S-C-2026-01-2026-03
    """
    from billing.settlement.service import review_settlement

    _step(review_settlement, settlement, digest)


@app.command
def approve(settlement: str, *, digest: str | None = None) -> None:
    """Approve payment. For another person of finance.

    Example: guanyun settlement approve S-C-2026-01-2026-03
    """
    from billing.settlement.service import approve_settlement

    _step(approve_settlement, settlement, digest)


@app.command
def pay(settlement: str, *, digest: str | None = None) -> None:
    """Record the payment. For finance.

    Example: guanyun settlement pay S-C-2026-01-2026-03
    """
    from billing.settlement.service import pay_settlement

    _step(pay_settlement, settlement, digest)


@app.command(name="return")
def return_(settlement: str, *, reason: str, digest: str | None = None) -> None:
    """Send the settlement back with a reason. For finance.

    Example: guanyun settlement return S-C-2026-01-2026-03 --reason "缺少验收单"
    """
    from billing.settlement.service import return_settlement

    with application() as opened:
        bound = digest or _find(opened, settlement).digest
        row = return_settlement(opened.office, token(), settlement, digest=bound, reason=reason)
    _tell(row)


@app.command(name="list")
def list_(*, contract: str | None = None, json: Json = False) -> None:
    """List the settlements.

    Example: guanyun settlement list
    """
    from billing.settlement.service import list_settlements
    from governance.authority import viewing

    with application() as opened, viewing(opened.office, token()) as view:
        rows = [_row(each) for each in list_settlements(view, contract)]
    columns = {
        "id": "编号 id",
        "version": "版 version",
        "state": "状态 state",
        "payable_yuan": "应付(元) payable",
        "digest": "摘要 digest",
    }
    show(rows, columns, json=json)


@app.command(name="show")
def show_(settlement: str, *, json: Json = False) -> None:
    """Show a settlement as a table, or its canonical document with --json.

    Example: guanyun settlement show S-C-2026-01-2026-03
    """
    with application() as opened:
        row, paper = _paper(opened, settlement)
    if json:
        show_one(row.document, json=True)
    else:
        print_bill(paper)


@app.command
def pdf(settlement: str, *, out: Path) -> None:
    """Write the settlement as a PDF.

    Example: guanyun settlement pdf S-C-2026-01-2026-03 --out s.pdf
    """
    with application() as opened:
        row, paper = _paper(opened, settlement)
    write_pdf(paper, out, created=row.changed_at)


@app.command
def pack(settlement: str, *, out: Path) -> None:
    """Write the buyer's evidence pack, which holds every statement's pack.

    Example: guanyun settlement pack S-C-2026-01-2026-03 --out s.pack
    """
    from wiring.packs import write_settlement_pack

    with application() as opened:
        written = write_settlement_pack(opened, token(), settlement, out)
    say(f"证据包 {out}({written} 字节)", f"pack {out} ({written} bytes)")


def _find(opened: Application, settlement: str) -> SettlementRow:
    from billing.settlement.service import find_settlement
    from governance.authority import viewing

    with viewing(opened.office, token()) as view:
        return find_settlement(view, settlement)


def _step(act: Callable[..., SettlementRow], settlement: str, digest: str | None) -> None:
    with application() as opened:
        office: Office = opened.office
        row = act(office, token(), settlement, digest=digest or _find(opened, settlement).digest)
    _tell(row)


def _paper(opened: Application, settlement: str) -> tuple[SettlementRow, Paper]:
    from billing.rendering import acts_of, settlement_paper
    from billing.settlement.service import find_settlement, history_of
    from governance.authority import viewing
    from governance.parties import parties

    with viewing(opened.office, token()) as view:
        row = find_settlement(view, settlement)
        acts = acts_of(history_of(view, row), {party.id: party.zh for party in parties(view.transaction)})
    return row, settlement_paper(row.document, digest=row.digest, state=row.state, acts=acts)


def _row(row: SettlementRow) -> dict[str, Any]:
    from foundation.values.money import format_yuan

    payable = row.document["totals"]["payable"]
    return {
        "id": row.id,
        "version": row.version,
        "contract": row.contract,
        "month": row.month,
        "state": row.state.value,
        "payable": payable,
        "payable_yuan": format_yuan(payable),
        "digest": row.digest,
    }


def _tell(row: SettlementRow) -> None:
    shown = _row(row)
    say(
        f"结算单 {row.id} 第 {row.version} 版:{row.state.value},应付 {shown['payable_yuan']} 元,摘要 {row.digest[:16]}",
        f"settlement {row.id} v{row.version}: {row.state.value}, {shown['payable_yuan']} yuan payable",
    )
