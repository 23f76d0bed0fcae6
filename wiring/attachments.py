"""Where an installation's attached files lie, and which subjects a file may be attached to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from foundation.documents import BlobStore
from foundation.store import Scope, Transaction
from governance.errors import NotFound

if TYPE_CHECKING:
    from wiring.application import Application


def blob_store(application: Application) -> BlobStore:
    """The folder of attached files."""
    return BlobStore(application.settings.attachments_folder)


def subject_exists(transaction: Transaction, scope: Scope, subject: str) -> None:
    """Raise ``NotFound`` for a subject (``project:P-1``) that is not there, or is outside the scope."""
    kind, _, id_ = subject.partition(":")
    finder = _FINDERS.get(kind)
    if finder is None or not id_:
        raise NotFound(what_zh="这个对象:", what_en="subject", key=subject[:200])
    finder(transaction, scope, id_)


def _project(transaction: Transaction, scope: Scope, id_: str) -> object:
    from governance.projects import project_of

    return project_of(transaction, scope, id_)


def _system(transaction: Transaction, scope: Scope, id_: str) -> object:
    from governance.projects import system_of

    return system_of(transaction, scope, id_)


def _request(transaction: Transaction, scope: Scope, id_: str) -> object:
    from tenants.requests import request_of

    return request_of(transaction, scope, id_)


def _need(transaction: Transaction, scope: Scope, id_: str) -> object:
    from tenants.needs import need_of

    return need_of(transaction, scope, id_)


def _contract(transaction: Transaction, scope: Scope, id_: str) -> object:
    from governance.contracts import contract_of

    if scope.agencies is not None:
        raise NotFound(what_zh="这份合同:", what_en="contract", key=id_)
    return contract_of(transaction, id_)


def _list_entry(transaction: Transaction, scope: Scope, id_: str) -> object:
    from governance.lists import entry_of

    name, _, number = id_.rpartition("/")
    if not number.isdigit():
        raise NotFound(what_zh="这条清单条目:", what_en="list entry", key=id_)
    entry = entry_of(transaction, name, int(number))
    if not (scope.agencies is None or entry.party in scope.agencies):
        raise NotFound(what_zh="这条清单条目:", what_en="list entry", key=id_)
    return entry


def _appeal(transaction: Transaction, scope: Scope, id_: str) -> object:
    from governance.lists import appeal_of

    return appeal_of(transaction, scope, id_)


_FINDERS: Mapping[str, Callable[[Transaction, Scope, str], object]] = {
    "project": _project,
    "system": _system,
    "request": _request,
    "need": _need,
    "contract": _contract,
    "list-entry": _list_entry,
    "appeal": _appeal,
}
