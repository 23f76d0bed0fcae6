"""What can go wrong when a page is written.

DocumentsError
├── FontsMissing   the fonts a page needs are not installed
└── PageNotMade    the typesetter refused the template
"""

from __future__ import annotations

from foundation.values.errors import GuanyunError


class DocumentsError(GuanyunError):
    """Base of this package's errors; what is wrong with a workbook is a finding, never an error."""

    code = "documents.error"
    exit_status = 4


class FontsMissing(DocumentsError):
    """``family`` is in none of the ``folders``; the Debian package ``package`` brings it."""

    code = "documents.fonts-missing"
    zh = "缺少字体 {family}(已查找 {folders}):请安装 Debian 软件包 {package}"
    en = "the font {family} was not found in {folders}: install the Debian package {package}"


class PageNotMade(DocumentsError):
    """``reason``: the typesetter's own words."""

    code = "documents.page-not-made"
    zh = "版面无法排出:{reason}"
    en = "the page could not be set: {reason}"
