"""Attachments 附件: files a party adds to a project, a request, an entry of a list …, each told by its content.

Owns who attached what to what, and who may read it: a party its own, whoever manages and audits all of them. The
content lies once in a folder under its digest (``foundation.documents``), whoever else attached the same. What a file
says is for people; nothing here opens it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from governance.attachments.model import Attachment

if TYPE_CHECKING:
    from governance.attachments.adding import add_attachment, attach
    from governance.attachments.keeping import BlobTrouble, Swept, check_attachments, sweep_attachments
    from governance.attachments.reading import download_attachment, read_attachment
    from governance.attachments.tables import attachments

_LATER = {
    **dict.fromkeys(("add_attachment", "attach"), "adding"),
    **dict.fromkeys(("BlobTrouble", "Swept", "check_attachments", "sweep_attachments"), "keeping"),
    **dict.fromkeys(("download_attachment", "read_attachment"), "reading"),
    "attachments": "tables",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)


__all__ = [
    "Attachment",
    "BlobTrouble",
    "Swept",
    "add_attachment",
    "attach",
    "attachments",
    "check_attachments",
    "download_attachment",
    "read_attachment",
    "sweep_attachments",
]
