"""``guanyun grade``: the month's assessment."""

from __future__ import annotations

from pathlib import Path

from cyclopts import App

from cli.context import Json, application, token
from cli.output import say, show_one
from cli.reading import accepted

app = App(name="grade", help="The month's assessment grade 考核评分")


@app.command
def draft(contract: str, month: str, file: Path) -> None:
    """Draft the month's grade from a file of dimensions. For the bureau.

    Example: guanyun grade draft C-2026-01 2026-03 examples/grade.yaml
    """
    from foundation.values.month import Month
    from supervision.grades import draft_grade, read_grade

    dimensions = accepted(*read_grade(file))
    with application() as opened:
        grade = draft_grade(opened.office, token(), contract, Month.parse(month), dimensions)
    say(f"{month} 评分草稿:{grade.points} 分", f"draft for {month}: {grade.points} points, digest {grade.digest[:16]}")


@app.command
def publish(contract: str, month: str, *, digest: str | None = None) -> None:
    """Publish the drafted grade. For another person of the bureau.

    Example: guanyun grade publish C-2026-01 2026-03

    Parameters
    ----------
    digest: the draft you have read; another one is refused
    """
    from foundation.values.month import Month
    from supervision.grades import publish_grade

    with application() as opened:
        grade = publish_grade(opened.office, token(), contract, Month.parse(month), digest=digest)
    say(f"{month} 评分已发布:{grade.points} 分", f"{month} published: {grade.points} points")


@app.command
def show(contract: str, month: str, *, json: Json = False) -> None:
    """Show the published grade with its reasons.

    Example: guanyun grade show C-2026-01 2026-03
    """
    from foundation.evidence import plain
    from foundation.values.month import Month
    from governance.authority import viewing
    from supervision.errors import NoGrade
    from supervision.grades import published_grade

    with application() as opened, viewing(opened.office, token()) as view:
        grade = published_grade(view.transaction, contract, Month.parse(month))
    if grade is None:
        raise NoGrade(contract=contract, month=month)
    show_one(plain(grade), json=json)
