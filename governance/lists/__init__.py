"""Lists 清单: responsibility, power, negative, finance, red/black; what they say, from when to when, and appeals.

Owns the words and codes of every entry, who published it, and the answer to an appeal. What follows from an entry is
for whoever checks (a request, a placement) and cites it. The values import nothing heavy: tables and use cases load
when first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from governance.lists.model import (
    Appeal,
    DraftEntry,
    ListDraft,
    ListEntry,
    ListKind,
    Matches,
    Outcome,
    PublishedList,
    Standing,
)

if TYPE_CHECKING:
    from governance.lists.appealing import answer_appeal, appeal_due, file_appeal
    from governance.lists.publishing import draft_list, end_list_entry, publish_list
    from governance.lists.reading import read_lists
    from governance.lists.tables import (
        appeal_of,
        appeals,
        entries_in_force,
        entries_of,
        entries_on,
        entry_of,
        list_of,
        lists,
    )

_LATER = {
    **dict.fromkeys(("answer_appeal", "appeal_due", "file_appeal"), "appealing"),
    **dict.fromkeys(("draft_list", "end_list_entry", "publish_list"), "publishing"),
    "read_lists": "reading",
    **dict.fromkeys(
        (
            *("appeal_of", "appeals", "entries_in_force", "entries_of", "entries_on", "entry_of"),
            *("list_of", "lists"),
        ),
        "tables",
    ),
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)


__all__ = [
    "Appeal",
    "DraftEntry",
    "ListDraft",
    "ListEntry",
    "ListKind",
    "Matches",
    "Outcome",
    "PublishedList",
    "Standing",
    "answer_appeal",
    "appeal_due",
    "appeal_of",
    "appeals",
    "draft_list",
    "end_list_entry",
    "entries_in_force",
    "entries_of",
    "entries_on",
    "entry_of",
    "file_appeal",
    "list_of",
    "lists",
    "publish_list",
    "read_lists",
]
