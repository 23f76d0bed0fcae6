"""Pages: data stay data, fonts are named, bytes repeat."""

from __future__ import annotations

import io
from pathlib import Path

import pypdf
import pytest

from foundation.documents.errors import FontsMissing, PageNotMade
from foundation.documents.pdf import FONT_FOLDERS, render_pdf

TEMPLATE = """
#set text(font: "Noto Sans CJK SC")
#let data = json(bytes(sys.inputs.data))
#data.name
"""

needs_fonts = pytest.mark.skipif(
    not any(folder.is_dir() for folder in FONT_FOLDERS), reason="the Debian package fonts-noto-cjk is not installed"
)


def text_of(pdf: bytes) -> str:
    return "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)


@needs_fonts
@pytest.mark.parametrize(
    "name", ["市人社局", "#pagebreak()", "$x^2$", "*强* _e_ `r`", "] #panic() [", 'a"b\\n', "<a> @b"]
)
def test_a_name_is_never_markup(name: str) -> None:
    assert text_of(render_pdf(TEMPLATE, {"name": name})).strip() == name


@needs_fonts
def test_the_same_data_give_the_same_bytes() -> None:
    assert render_pdf(TEMPLATE, {"name": "甲"}) == render_pdf(TEMPLATE, {"name": "甲"})


@needs_fonts
def test_a_template_that_cannot_be_set_says_why() -> None:
    with pytest.raises(PageNotMade, match="nowhere"):
        render_pdf("#nowhere", {})


def test_missing_fonts_name_the_package(tmp_path: Path) -> None:
    with pytest.raises(FontsMissing, match="fonts-noto-cjk"):
        render_pdf(TEMPLATE, {"name": "甲"}, font_folders=(tmp_path,))
