"""One look at everything in the cloud that carries an environment's tag, path or name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from infra.provider.clients import Clients
from infra.provider.context import Context
from infra.provider.kind import Kind
from infra.provider.naming import TOKEN_TAG
from infra.provider.paths import search


@dataclass(frozen=True, slots=True)
class Found:
    """One resource of the environment; ``token`` is empty where the listing does not show tags."""

    id: str
    token: str


def sweep(clients: Clients, environment: str, kinds: Iterable[Kind] | None = None) -> dict[str, frozenset[str]]:
    """The ids by type token (``guanyun:cloud:Vpc``), with an empty set for a kind that has none.

    It asks each service itself, one listing a kind: a tagging service lags behind, and knows no roles.
    """
    if kinds is None:
        from infra.provider.kinds import KINDS  # noqa: PLC0415  # the specs need this module's neighbours first

        kinds = KINDS.values()
    return {kind.type_name: frozenset(one.id for one in find(clients, environment, kind)) for kind in kinds}


def find(clients: Clients, environment: str, kind: Kind) -> tuple[Found, ...]:
    """The resources of one kind, in the order of the listing."""
    context = Context(clients, kind, environment)
    call = kind.sweep
    pages = clients.pages(call.service or kind.service, call.operation, context.fill(call.parameters, {}))
    rows = [row for page in pages for row in search(kind.found, page) or []]
    return tuple(Found(row["id"], _tag(row.get("tags"), TOKEN_TAG)) for row in rows)


def _tag(tags: Iterable[Mapping[str, str]] | None, key: str) -> str:
    return next((tag["Value"] for tag in tags or () if tag["Key"] == key), "")
