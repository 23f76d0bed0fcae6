"""Things kept in versions and read through a scope: what stands now is the lead's row, and whoever else takes part
reads a copy of each version. Projects and business systems are kept so, by the same code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy import RowMapping

from foundation.evidence import plain
from foundation.store import AgencyOwned, Scope, Transaction
from governance.errors import NotFound


class Shared(Protocol):
    """Something of several agencies, the lead among them."""

    @property
    def id(self) -> str:
        """Its name."""
        ...

    @property
    def agencies(self) -> frozenset[str]:
        """Whoever takes part."""
        ...


Thing = TypeVar("Thing", bound=Shared)


@dataclass(frozen=True, slots=True)
class Kept(Generic[Thing]):
    """Where things of one kind are kept, and how they are read.

    ``name`` is the column of ``versions`` that names the thing; ``zh`` and ``en`` are for who finds none.
    """

    name: str
    zh: str
    en: str
    standing: AgencyOwned
    versions: AgencyOwned
    of_row: Callable[[RowMapping], Thing]
    of_document: Callable[[Mapping[str, Any]], Thing]

    def none_of(self, id_: str) -> NotFound:
        """The error for an id that is not there, or not for the reader."""
        return NotFound(what_zh=self.zh, what_en=self.en, key=id_)


def every(kept: Kept[Thing], transaction: Transaction, scope: Scope) -> Sequence[Thing]:
    """Every thing inside the scope, by id: those an agency leads and those it takes part in."""
    found = {row["id"]: kept.of_row(row) for row in transaction.rows(kept.standing.select(scope))}
    for id_, document in _taking_part(kept, transaction, scope).items():
        if id_ not in found:
            found[id_] = kept.of_document(document)
    return [found[id_] for id_ in sorted(found)]


def one(kept: Kept[Thing], transaction: Transaction, scope: Scope, id_: str) -> Thing:
    """The thing with that id; raises ``NotFound``, also outside the scope."""
    row = transaction.row(kept.standing.select(scope).where(kept.standing.c.id == id_))
    if row is not None:
        return kept.of_row(row)
    document = _taking_part(kept, transaction, scope, id_).get(id_)
    if document is None:
        raise kept.none_of(id_)
    return kept.of_document(document)


def versions(kept: Kept[Thing], transaction: Transaction, scope: Scope, id_: str) -> Sequence[Thing]:
    """Every version the reader may see, oldest first; raises as ``one``."""
    newest, c = one(kept, transaction, scope, id_), kept.versions.c
    query = kept.versions.select(scope).where(c[kept.name] == id_).order_by(c.version, c.agency)
    found: dict[int, Mapping[str, Any]] = {}
    for row in transaction.rows(query):
        if row["document"] is not None:
            found.setdefault(row["version"], row["document"])
    return [kept.of_document(found[version]) for version in sorted(found)] or [newest]


def keep_first(kept: Kept[Thing], transaction: Transaction, thing: Thing) -> None:
    """Keep the first version of a thing that was just recorded."""
    _keep(kept, transaction, thing.id, 1, thing.agencies, plain(thing))


def keep_next(kept: Kept[Thing], transaction: Transaction, before: Thing, after: Thing, version: int) -> None:
    """Keep ``after`` as ``version`` for whoever takes part; for whoever no longer does, that they do not.

    Things recorded before versions were kept have the one before written now.
    """
    _keep(kept, transaction, before.id, version - 1, before.agencies, plain(before))
    _keep(kept, transaction, after.id, version, after.agencies, plain(after))
    _keep(kept, transaction, after.id, version, before.agencies - after.agencies, None)


def _keep(
    kept: Kept[Thing], transaction: Transaction, id_: str, version: int, agencies: Iterable[str], document: Any
) -> None:
    with transaction.as_machine():  # whoever writes a version writes the copies of all who take part
        for agency in sorted(agencies):
            row = {kept.name: id_, "version": version, "agency": agency, "document": document}
            transaction.insert_once(kept.versions, row, what=f"version of a {kept.name}")


def _taking_part(
    kept: Kept[Thing], transaction: Transaction, scope: Scope, id_: str | None = None
) -> Mapping[str, Mapping[str, Any]]:
    """Id → newest document the agencies of the scope hold a copy of; nothing of what they no longer take part in."""
    if scope.agencies is None:
        return {}  # whoever sees all agencies sees what stands
    query = kept.versions.select(scope).order_by(kept.versions.c.version)
    if id_ is not None:
        query = query.where(kept.versions.c[kept.name] == id_)
    by_agency = {(row[kept.name], row["agency"]): row for row in transaction.rows(query)}
    newest: dict[str, RowMapping] = {}
    for (found, _), row in by_agency.items():
        if row["document"] is not None and (found not in newest or newest[found]["version"] < row["version"]):
            newest[found] = row
    return {found: row["document"] for found, row in newest.items()}
