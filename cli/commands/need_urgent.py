"""``guanyun need``: the urgent path 急用优先, and the terms all needs are handled by."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from cli.context import Json, application, token
from cli.dates import instant
from cli.output import say, show, show_one
from cli.reading import accepted, read_bytes

Reason = Annotated[str, Parameter(help="Why, for the other side to read")]


def allow_urgent(number: str, *use: str, until: str, because: Reason) -> None:
    """Let an urgent need begin on a temporary quota; papers and a review follow. For the bureau.

    Example: guanyun need allow-urgent NEED-2026-0001 vcpu=8 memory_gb=16 --until 2026-04-01 --because 台风

    Parameters
    ----------
    use: what is lent, as dimension=amount
    until: the first day on which it has ended
    """
    from tenants.needs import allow_urgent as allow
    from tenants.needs.lending import QuotaLoan

    lent = dict(_amount(each) for each in use)
    with application() as opened:
        found, new = allow(
            opened.office, token(), number, use=lent, until=instant(until), reason=because, quota=QuotaLoan()
        )
    if new:
        say(
            f"{number} 急用先行,至 {found.until} 止,{found.papers_by} 前补交材料",
            f"{number} may begin, until {found.until}; papers by {found.papers_by}",
        )
    else:
        say("没有变化", "nothing changed")


def papers(number: str, file: Path) -> None:
    """Hand in the papers of what was allowed as urgent. For the need's agency.

    Example: guanyun need papers NEED-2026-0001 report.pdf
    """
    from foundation.documents.blobs import BlobStore
    from tenants.needs import hand_in_papers

    content = read_bytes(file)
    with application() as opened:
        blobs = BlobStore(opened.settings.attachments_folder)
        found, new = hand_in_papers(opened.office, token(), number, name=file.name, content=content, blobs=blobs)
    if new:
        say(f"已补交材料,摘要 {found.papers}", f"papers handed in, {found.papers}")
    else:
        say("没有变化", "nothing changed")


def review(number: str, finding: Literal["justified", "not-justified"], *, note: str) -> None:
    """Review what was allowed as urgent. For another person than the one who allowed it.

    Example: guanyun need review NEED-2026-0001 justified --note 材料齐全
    """
    from tenants.needs import Finding, review_urgent

    with application() as opened:
        _, new = review_urgent(opened.office, token(), number, Finding(finding), note=note)
    if new:
        say(f"{number} 复核:{Finding(finding).zh}", f"{number} reviewed: {finding}")
    else:
        say("没有变化", "nothing changed")


def temporary(*, running: bool | None = None, json: Json = False) -> None:
    """List what the urgent path lent, by its end; --no-running what has ended.

    Example: guanyun need temporary --running
    """
    from foundation.evidence import plain
    from governance.authority import viewing
    from tenants.needs import temporaries

    with application() as opened, viewing(opened.office, token()) as view:
        rows = [plain(each) | {"expired": each.expired(view.now)} for each in temporaries(view, running=running)]
    columns = {
        "need": "需求 need",
        "agency": "单位 agency",
        "use": "额度 lent",
        "until": "至 until",
        "expired": "到期 expired",
        "papers_by": "补材料期限 papers by",
        "papers_at": "已补 handed in",
        "review": "复核 review",
    }
    show(rows, columns, json=json)


def set_terms(file: Path) -> None:
    """Set the clocks and measures of needs from now on. For the bureau.

    Example: guanyun need set-terms examples/need-terms.yaml
    """
    from tenants.needs import read_terms
    from tenants.needs import set_terms as set_

    terms = accepted(*read_terms(file))
    with application() as opened:
        new = set_(opened.office, token(), terms)
    say(*(("已设定", "set") if new else ("没有变化", "nothing changed")))


def terms(*, json: Json = False) -> None:
    """Show the clocks and measures in force.

    Example: guanyun need terms
    """
    from foundation.evidence import plain
    from governance.authority import viewing
    from tenants.needs import terms_at

    with application() as opened, viewing(opened.office, token()) as view:
        row = plain(terms_at(view.transaction, view.now))
    show_one(row, json=json)


def _amount(text: str) -> tuple[str, int]:
    from foundation.values.errors import InvalidValue

    name, _, amount = text.partition("=")
    if not name or not amount.isascii() or not amount.isdigit():
        raise InvalidValue(field="use", found=text, expected="dimension=amount, such as vcpu=8")
    return name, int(amount)
