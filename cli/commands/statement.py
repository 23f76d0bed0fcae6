"""``guanyun statement``: one agency's month, from draft to confirmed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from cyclopts import App

from cli.bills import print_bill, write_pdf
from cli.context import Json, application, token
from cli.output import say, show, show_one

if TYPE_CHECKING:
    from billing.rendering import Paper
    from billing.statements.tables import StatementRow
    from wiring.application import Application

app = App(name="statement", help="Usage statements 使用确认单")


@app.command
def draft(contract: str, agency: str, month: str, *, reissue: bool = False) -> None:
    """Draw the statement of an agency's month from its closed days. For the operator.

    Example: guanyun statement draft C-2026-01 hrss 2026-03

    Parameters
    ----------
    reissue: follow a disputed version with a draft of the next
    """
    from billing.statements.service import draft_statement
    from foundation.values.month import Month
    from wiring.billing import statement_sources

    with application() as opened:
        row = draft_statement(
            opened.office,
            token(),
            statement_sources(opened),
            agency=agency,
            month=Month.parse(month),
            contract=contract,
            reissue=reissue,
        )
    _tell(row)


@app.command
def issue(statement: str, *, digest: str | None = None) -> None:
    """Freeze the draft; the audit head that holds its issue is signed and handed out. For the operator.

    Example: guanyun statement issue US-hrss-2026-03
    """
    from billing.statements.service import issue_statement
    from wiring.billing import statement_sources

    with application() as opened:
        bound = digest or _find(opened, statement).digest
        signer = opened.signer("operator.evidence")
        row = issue_statement(opened.office, token(), statement_sources(opened), signer, id_=statement, expected=bound)
    _tell(row)


@app.command
def confirm(statement: str, *, digest: str | None = None) -> None:
    """Confirm the issued version. For its agency.

    Example: guanyun statement confirm US-hrss-2026-03
    """
    from billing.statements.service import confirm_statement

    with application() as opened:
        bound = digest or _find(opened, statement).digest
        row = confirm_statement(opened.office, token(), id_=statement, expected=bound)
    _tell(row)


@app.command
def dispute(statement: str, *lines: int, reason: str, digest: str | None = None) -> None:
    """Dispute lines of the issued version by number; the rest goes on. For its agency.

    Example: guanyun statement dispute US-hrss-2026-03 2 5 --reason "停机三天仍计费"
    """
    from billing.statements.service import dispute_statement

    with application() as opened:
        bound = digest or _find(opened, statement).digest
        row = dispute_statement(opened.office, token(), id_=statement, expected=bound, lines=lines, reason=reason)
    _tell(row)


@app.command
def deem(statement: str) -> None:
    """Record that the working days of silence have passed. For the operator.

    Example: guanyun statement deem US-hrss-2026-03
    """
    from billing.statements.service import deem_confirmed

    with application() as opened:
        row = deem_confirmed(opened.office, token(), id_=statement)
    _tell(row)


@app.command(name="list")
def list_(month: str, *, json: Json = False) -> None:
    """List the statements of a month that you may see.

    Example: guanyun statement list 2026-03
    """
    from billing.statements.service import statements
    from foundation.values.month import Month

    with application() as opened:
        rows = [_row(each) for each in statements(opened.office, token(), Month.parse(month))]
    columns = {
        "id": "编号 id",
        "version": "版 version",
        "state": "状态 state",
        "payable_yuan": "应付(元) payable",
        "digest": "摘要 digest",
    }
    show(rows, columns, json=json)


@app.command(name="show")
def show_(statement: str, *, json: Json = False) -> None:
    """Show a statement as a table, or its canonical document with --json.

    Example: guanyun statement show US-hrss-2026-03
    """
    with application() as opened:
        row, paper = _paper(opened, statement)
    if json:
        show_one(row.document, json=True)
    else:
        print_bill(paper)


@app.command
def pdf(statement: str, *, out: Path) -> None:
    """Write the statement as a PDF.

    Example: guanyun statement pdf US-hrss-2026-03 --out statement.pdf
    """
    with application() as opened:
        row, paper = _paper(opened, statement)
    write_pdf(paper, out, created=row.issued_at or row.drafted_at)


@app.command
def pack(statement: str, *, out: Path) -> None:
    """Write the agency's evidence pack: everything needed to recompute the statement, nothing of another agency.

    Example: guanyun statement pack US-hrss-2026-03 --out statement.pack
    """
    from wiring.packs import write_statement_pack

    with application() as opened:
        written = write_statement_pack(opened, token(), statement, out)
    say(f"证据包 {out}({written} 字节)", f"pack {out} ({written} bytes)")


def _find(opened: Application, statement: str) -> StatementRow:
    from billing.statements.service import statement as find

    return find(opened.office, token(), statement)


def _paper(opened: Application, statement: str) -> tuple[StatementRow, Paper]:
    from billing.rendering import acts_of, statement_paper
    from governance.authority import decisions_on, viewing
    from governance.parties import parties

    row = _find(opened, statement)
    with viewing(opened.office, token()) as view:
        decided = [one for one in decisions_on(view.transaction, f"statement:{row.id}") if one.digest == row.digest]
        names = {party.id: party.zh for party in parties(view.transaction)}
    acts = acts_of(decided, names)
    return row, statement_paper(
        row.document, digest=row.digest, state=row.state, agency=names.get(row.agency, row.agency), acts=acts
    )


def _row(row: StatementRow) -> dict[str, Any]:
    from foundation.evidence import plain
    from foundation.values.money import format_yuan

    payable = row.document["payable"]
    return {
        "id": row.id,
        "version": row.version,
        "agency": row.agency,
        "month": row.month,
        "state": row.state.value,
        "payable": payable,
        "payable_yuan": format_yuan(payable),
        "digest": row.digest,
        "disputed": list(row.disputed),
        "issued_at": plain(row.issued_at),
    }


def _tell(row: StatementRow) -> None:
    yuan = _row(row)["payable_yuan"]
    say(
        f"使用确认单 {row.id} 第 {row.version} 版:{row.state.value},应付 {yuan} 元,摘要 {row.digest[:16]}",
        f"statement {row.id} v{row.version}: {row.state.value}, {yuan} yuan payable",
    )
