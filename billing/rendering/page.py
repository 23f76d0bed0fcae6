"""A paper as PDF: one template for every bill, its texts passed as data."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from billing.rendering.paper import Paper
from foundation.documents.pdf import render_pdf
from foundation.evidence import plain

_TEMPLATE = Path(__file__).with_name("paper.typ")


def paper_pdf(paper: Paper, *, created: datetime) -> bytes:
    """The PDF; ``created`` is the instant the bill froze at, so that printing it again gives the same bytes.

    Raises ``FontsMissing`` and ``PageNotMade``.
    """
    return render_pdf(_TEMPLATE.read_text(encoding="utf-8"), plain(paper), created=created)
