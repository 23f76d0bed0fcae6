"""One look at everything in the cloud that carries an environment's tag, path or name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from infra.provider.clients import Clients
from infra.provider.clouds import Clouds, Place
from infra.provider.context import Context
from infra.provider.kind import Call, Kind, Tagged, Within
from infra.provider.naming import ENVIRONMENT_TAG, TOKEN_TAG
from infra.provider.normal import tag_map
from infra.provider.paths import search

_ORGANISATION = "organizations"


@dataclass(frozen=True, slots=True)
class Found:
    """One resource of the environment; ``token`` is empty where the listing does not show tags."""

    id: str
    token: str


class Sweeper:
    """One sweep of one environment in one place: what several kinds need is asked once."""

    def __init__(self, clients: Clients, environment: str) -> None:
        self._clients = clients
        self._environment = environment
        self._tagged: list[Mapping[str, Any]] | None = None
        self._found: dict[str, tuple[Found, ...]] = {}

    def find(self, kind: Kind) -> tuple[Found, ...]:
        """The resources of one kind, in the order of the listing."""
        if kind.type_name not in self._found:
            context = Context(self._clients, kind, self._environment)
            rows = [(str(row["id"]), self._tags_if_ours(row)) for row in self._rows(context)]
            found = {identity: tags.get(TOKEN_TAG, "") for identity, tags in rows if tags is not None}
            self._found[kind.type_name] = tuple(Found(one, token) for one, token in found.items())
        return self._found[kind.type_name]

    def _tags_if_ours(self, row: Mapping[str, Any]) -> Mapping[str, str] | None:
        """The tags of a row; none where they show that it is not this environment's: a cloud may ignore a filter."""
        tags = tag_map(row.get("tags"))
        return tags if "tags" not in row or tags.get(ENVIRONMENT_TAG) == self._environment else None

    def _rows(self, context: Context) -> Iterable[Mapping[str, Any]]:
        sweep = context.kind.sweep
        if isinstance(sweep, Call):
            pages = context.pages(sweep, {})
            return [row for page in pages for row in search(context.expression(context.kind.found), page) or []]
        if isinstance(sweep, Tagged):
            return self._by_tag(context, sweep)
        if isinstance(sweep, Within):
            return self._within(context, sweep)
        return sweep(context)

    def _within(self, context: Context, sweep: Within) -> list[Mapping[str, Any]]:
        from infra.provider.kinds import kind_of  # noqa: PLC0415  # the specs need this module's neighbours first

        rows: list[Mapping[str, Any]] = []
        for parent in self.find(kind_of(sweep.parent)):
            parameters = context.fill(sweep.call.parameters, {}, parent.id)
            service = sweep.call.service or context.kind.service
            for page in self._clients.pages(service, sweep.call.operation, parameters):
                rows += search(context.expression(sweep.found, parent.id), page) or []
        return rows

    def _by_tag(self, context: Context, sweep: Tagged) -> list[Mapping[str, Any]]:
        service, _, beginning = sweep.resource.partition(":")
        rows: list[Mapping[str, Any]] = []
        for one in self._everything_tagged():
            arn = str(one["ResourceARN"])
            _, _, owner, _, _, last = (*arn.split(":", 5), "", "", "")[:6]
            if owner != service or not last.startswith(beginning):
                continue
            rest = last[len(beginning) :]
            if rest.startswith(sweep.unless) and sweep.unless:
                continue
            identity = arn if sweep.whole else rest
            if not sweep.ask or context.view(identity) is not None:
                rows.append({"id": identity, "tags": one.get("Tags")})
        return rows

    def _everything_tagged(self) -> list[Mapping[str, Any]]:
        if self._tagged is None:
            wanted = {"TagFilters": [{"Key": ENVIRONMENT_TAG, "Values": [self._environment]}]}
            pages = self._clients.pages("resourcegroupstaggingapi", "GetResources", wanted)
            self._tagged = [one for page in pages for one in page.get("ResourceTagMappingList", [])]
        return self._tagged


def sweep(clients: Clients, environment: str, kinds: Iterable[Kind] | None = None) -> dict[str, frozenset[str]]:
    """The ids by type token (``guanyun:cloud:Vpc``), with an empty set for a kind that has none.

    A service that can list by tag is asked itself, one listing a kind: the tagging service lags behind, and knows no
    roles. All others are found by one call of the tagging service.
    """
    if kinds is None:
        from infra.provider.kinds import KINDS  # noqa: PLC0415  # the specs need this module's neighbours first

        kinds = KINDS.values()
    sweeper = Sweeper(clients, environment)
    return {kind.type_name: frozenset(one.id for one in sweeper.find(kind)) for kind in kinds}


def sweep_everywhere(clouds: Clouds, environment: str, places: Iterable[Place]) -> dict[str, frozenset[str]]:
    """The same over several accounts and regions; the environment's default place is always among them."""
    from infra.provider.kinds import KINDS  # noqa: PLC0415  # the specs need this module's neighbours first

    found: dict[str, frozenset[str]] = {}
    for clients in {id(one): one for one in (clouds.home, *(clouds.at(*place) for place in places))}.values():
        # A member account is told nothing of the organisation it is in.
        here = [kind for kind in KINDS.values() if kind.service != _ORGANISATION or clients is clouds.home]
        for kind, ids in sweep(clients, environment, here).items():
            found[kind] = found.get(kind, frozenset()) | ids
    return found


def find(clients: Clients, environment: str, kind: Kind) -> tuple[Found, ...]:
    """The resources of one kind, in the order of the listing."""
    return Sweeper(clients, environment).find(kind)
