"""Pages as PDF, set by Typst from a template of ours and plain data.

The data reach the template as one JSON text, never as markup: a ``#``, ``$`` or ``*`` in a name stays what it is.
Nothing is fetched, the fonts come from named folders only, and the same data give the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import typst

from foundation.documents.errors import FontsMissing, PageNotMade
from foundation.evidence import plain
from foundation.values.instant import utc

FONT_PACKAGE = "fonts-noto-cjk"
"""The Debian package with the fonts the templates ask for."""
FONT_FAMILIES = ("Noto Sans CJK SC", "Noto Serif CJK SC")
FONT_FOLDERS = (Path("/usr/share/fonts/opentype/noto"),)
"""Where that package puts them."""

_DATA = "data"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def render_pdf(
    template: str,
    data: Mapping[str, Any],
    *,
    font_folders: Sequence[Path] = FONT_FOLDERS,
    created: datetime = _EPOCH,
) -> bytes:
    """The PDF of ``template`` over ``data``, which the template reads by ``json(bytes(sys.inputs.data))``.

    ``created`` is the creation date written into the file, to the second: it belongs to the data, not to the moment
    of printing. Raises ``FontsMissing`` and ``PageNotMade``.
    """
    fonts = _fonts(tuple(font_folders))
    text = json.dumps(plain(data), ensure_ascii=False, sort_keys=True)
    compiler = typst.Compiler(template.encode(), font_paths=fonts, ignore_system_fonts=True, sys_inputs={_DATA: text})
    try:
        page = compiler.compile(format="pdf", timestamp=utc(created).replace(microsecond=0))
    except typst.TypstError as cause:
        raise PageNotMade(reason=cause.message) from cause
    if not isinstance(page, bytes):
        raise PageNotMade(reason=f"{type(page).__name__} instead of one file")
    return page


@cache
def _fonts(folders: tuple[Path, ...]) -> typst.Fonts:
    found = typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(folder) for folder in folders if folder.is_dir()],
    )
    families = set(found.families())
    for family in FONT_FAMILIES:
        if family not in families:
            raise FontsMissing(family=family, folders="、".join(map(str, folders)), package=FONT_PACKAGE)
    return found
