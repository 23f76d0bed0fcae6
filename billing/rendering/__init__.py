"""Renderings of a bill: the terminal's table and the PDF page.

A bill is its canonical document; what stands here only shows it, and prints its digest. Owns layout and words, no
number: every amount is read from the document, none is computed anew. The PDF needs Typst and fonts, so it stands in
``billing.rendering.page`` and is loaded only when asked for.
"""

from billing.rendering.acts import PaperAct, acts_of
from billing.rendering.paper import Cell, Column, Fact, Label, Paper, Sheet, Sum
from billing.rendering.settlement_paper import settlement_paper
from billing.rendering.statement_paper import statement_paper
from billing.rendering.terminal import print_paper

__all__ = [
    "Cell",
    "Column",
    "Fact",
    "Label",
    "Paper",
    "PaperAct",
    "Sheet",
    "Sum",
    "acts_of",
    "print_paper",
    "settlement_paper",
    "statement_paper",
]
