"""What can go wrong when a page is written or a stored file is read.

DocumentsError
├── FontsMissing     the fonts a page needs are not installed
├── PageNotMade      the typesetter refused the template
├── BlobMissing      a stored file is not where it was put
├── BlobCorrupted    a stored file is not what was put there
└── ContentRefused   a file of a kind, size or make that is not taken in
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


class BlobMissing(DocumentsError):
    """The file with ``digest`` is not in the folder."""

    code = "documents.blob-missing"
    zh = "附件内容 {digest} 不在存储目录中:请从备份恢复"
    en = "the stored file {digest} is not in its folder: restore it from a backup"


class BlobCorrupted(DocumentsError):
    """The file with ``digest`` does not hash to it."""

    code = "documents.blob-corrupted"
    zh = "附件内容 {digest} 已损坏(摘要不符):请从备份恢复,不予提供"
    en = "the stored file {digest} is damaged (its digest differs): restore it from a backup; it is not handed out"


class ContentRefused(DocumentsError):
    """The file ``name`` is not taken in: ``count`` findings, the first is ``first`` in both languages."""

    code = "documents.content-refused"
    exit_status = 2
    zh = "不接收文件 {name}({count} 处):{first_zh}"
    en = "the file {name} is not taken in ({count} findings): {first_en}"
