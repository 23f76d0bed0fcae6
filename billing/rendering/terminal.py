"""A paper on the terminal. Rich knows how wide a Chinese character is, so the columns stay aligned."""

from __future__ import annotations

from rich import box
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from billing.rendering.paper import Cell, Paper, Sheet
from foundation.values.errors import Language


def print_paper(paper: Paper, console: Console, *, language: Language = "zh") -> None:
    """Print the whole paper. Nothing in a name is read as markup."""
    console.print(Text(f"{paper.title.zh} {paper.title.en}", style="bold"))
    state = paper.state.text(language)
    console.print(Text(f"{paper.number} · v{paper.version} · {state}", style="cyan"))
    console.print(_facts(paper, language))
    for sheet in paper.sheets:
        console.print(_table(sheet, language))
    console.print(_sums(paper, language))
    for note in paper.notes:
        console.print(Text(note.text(language), style="dim"))
    if paper.acts:
        console.print(_acts(paper, language))
    console.print(Text(f"SHA-256 {paper.digest}", style="dim"), soft_wrap=True)


def _grid() -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim")
    grid.add_column()
    return grid


def _facts(paper: Paper, language: Language) -> Table:
    grid = _grid()
    for fact in paper.facts:
        grid.add_row(Text(fact.label.text(language)), Text(fact.value))
    return grid


def _table(sheet: Sheet, language: Language) -> Table:
    table = Table(title=Text(sheet.label.text(language)), title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    for column in sheet.columns:
        table.add_column(
            Text(column.label.text(language)),
            justify=column.align,
            ratio=column.width or None,
            no_wrap=column.align == "right",
        )
    for row in sheet.rows:
        table.add_row(*map(_cell, row))
    return table


def _cell(cell: Cell) -> Text | Group:
    if not cell.note:
        return Text(cell.text)
    return Group(Text(cell.text), Text(cell.note, style="dim"))


def _sums(paper: Paper, language: Language) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column()
    grid.add_column(justify="right", no_wrap=True)
    for each in paper.sums:
        style = "bold" if each.strong else ""
        grid.add_row(Text(each.label.text(language), style=style), Text(each.value, style=style))
    return grid


def _acts(paper: Paper, language: Language) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    for zh, en in (("环节", "Act"), ("单位", "Party"), ("账号", "Account"), ("时间", "When"), ("说明", "Note")):
        table.add_column(Text(zh if language == "zh" else en))
    for act in paper.acts:
        table.add_row(*map(Text, (act.zh if language == "zh" else act.en, act.party, act.account, act.at, act.note)))
    return table
