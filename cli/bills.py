"""Bills on the terminal and on paper."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cli.output import console, languages, say

if TYPE_CHECKING:
    from billing.rendering import Paper


def print_bill(paper: Paper) -> None:
    """The bill as a terminal table."""
    from billing.rendering import print_paper

    print_paper(paper, console, language="en" if languages() == ("en",) else "zh")


def write_pdf(paper: Paper, out: Path, *, created: datetime) -> None:
    """The bill as a PDF file, whole or not at all."""
    from billing.rendering.page import paper_pdf

    data = paper_pdf(paper, created=created)
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.with_name(out.name + ".part")
    partial.write_bytes(data)
    partial.replace(out)
    say(f"已写 {out}({len(data)} 字节)", f"{out} written ({len(data)} bytes)")
