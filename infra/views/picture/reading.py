"""Scenes from a spec, from a plan, and from what the engine's state says exists. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from governance.environments import EnvironmentSpec
from governance.environments.model import Purpose, SubnetSpec, Zone
from infra.engine.model import Operation, Outputs, PlannedStep, PlanSummary
from infra.engine.plans import UNKNOWN
from infra.views.picture.model import Edge, Mark, Piece, Route, Scene, SubnetScene, ZoneScene

_EDGES = {
    "InternetGateway": "gateway_id",
    "NatGateway": "nat_gateway_id",
    "TransitGatewayAttachment": "transit_gateway_id",
    "NetworkPeering": "peering_id",
    "VpcEndpoint": "endpoint_id",
}
"""Kinds through which traffic leaves, and the field of a route that names each."""
_MARKS = {
    Operation.CREATE: Mark.CREATE,
    Operation.ADOPT: Mark.CREATE,
    Operation.UPDATE: Mark.UPDATE,
    Operation.REPLACE: Mark.REPLACE,
    Operation.DELETE: Mark.DELETE,
    Operation.SAME: Mark.THERE,
}
_IN_SUBNETS = frozenset({"Instance", "Database", "LoadBalancer"})
_FRAMES = frozenset({"Vpc", "Subnet", "RouteTable", *_EDGES})
_COUNTED = ("Bucket", "FileSystem", "Key", "Secret", "Role", "FlowLog", "BackupPlan", "SecurityGroup", "NetworkAcl")


def scene_of_spec(spec: EnvironmentSpec) -> Scene:
    """What a spec says will be there."""
    standing: dict[str, Counter[str]] = {one.name: Counter() for one in spec.subnets}
    shared: Counter[str] = Counter()
    for instance in spec.instances:
        standing.get(instance.subnet, shared)["Instance"] += 1
        shared["Volume"] += len(instance.volumes)
    data = spec.subnets_for(Purpose.DATA)
    for database in spec.databases:
        for subnet in _over_zones(data, 2 if database.multi_zone else 1):
            standing[subnet.name]["Database"] += 1
        if not data:
            shared["Database"] += 1
    front = spec.subnets_for(Purpose.WEB)
    for _ in spec.load_balancers:
        for subnet in front:
            standing[subnet.name]["LoadBalancer"] += 1
        if not front:
            shared["LoadBalancer"] += 1
    shared.update(Bucket=len(spec.buckets), FileSystem=len(spec.file_systems), Secret=len(spec.secrets))
    shared.update(Key=len(spec.keys), Role=len(spec.roles), BackupPlan=int(spec.backup is not None))
    shared.update(FlowLog=int(spec.flow_logs is not None))
    return Scene(
        environment=spec.environment,
        cidr=spec.cidr,
        zone=spec.zone,
        protection=spec.protection,
        zones=_zones(spec.subnets, standing),
        edges=tuple(_spec_edges(spec)),
        shared=_pieces(shared),
    )


def scene_of_plan(spec: EnvironmentSpec, plan: PlanSummary) -> Scene:
    """The spec's scene with what the plan knows besides: ways out, routes, what is marked for which change."""
    scene = scene_of_spec(spec)
    marks = {(step.kind, step.name): _MARKS[step.operation] for step in plan.steps}
    named = {subnet.name for zone in scene.zones for subnet in zone.subnets}
    going = tuple(
        SubnetScene(step.name, _text(step.before.get("cidr_block")), mark=Mark.DELETE)
        for step in plan.steps
        if step.kind == "Subnet" and step.name not in named
    )
    zones = tuple(
        replace(
            zone,
            subnets=tuple(replace(one, mark=marks.get(("Subnet", one.name), Mark.AWAITED)) for one in zone.subnets),
        )
        for zone in scene.zones
    )
    if going:
        zones = (*zones, ZoneScene(None, tuple(sorted(going, key=lambda one: one.name))))
    counted = Counter({piece.kind: piece.count for piece in scene.shared})
    for kind, many in _existing(plan.steps).items():
        if kind not in _FRAMES | _IN_SUBNETS and (kind in _COUNTED or kind in counted):
            counted[kind] = many
    return replace(
        scene,
        zones=zones,
        edges=_merged(scene.edges, plan.steps),
        shared=_pieces(counted),
        routes=tuple(_routes(plan.steps)),
    )


def scene_of_outputs(environment: str, outputs: Outputs, spec: EnvironmentSpec | None = None) -> Scene:
    """What the state says exists; with the spec, placed as it says, and what is not built yet marked as awaited.

    Without a spec nothing is known of addresses and of what stands where: machines are then counted as shared.
    """
    there = {_kind(kind): named for kind, named in outputs.items()}
    built = set(there.get("Subnet", ()))
    edges = tuple(Edge(kind, name) for kind in _EDGES for name in sorted(there.get(kind, ())))
    counts = Counter({kind: len(named) for kind, named in there.items() if kind not in _FRAMES})
    if spec is None:
        subnets = tuple(SubnetScene(name) for name in sorted(built))
        zones = (ZoneScene(None, subnets),) if subnets else ()
        return Scene(environment, "", None, None, zones, edges, _pieces(counts))
    scene = scene_of_spec(spec)
    placed = tuple(
        replace(zone, subnets=tuple(_awaited(one, built, there) for one in zone.subnets)) for zone in scene.zones
    )
    unknown = tuple(SubnetScene(name) for name in sorted(built - {one.name for one in spec.subnets}))
    shared = Counter({kind: many for kind, many in counts.items() if kind not in _IN_SUBNETS})
    for piece in scene.shared:
        if piece.kind in _IN_SUBNETS:  # no subnet of the spec is made for it
            shared[piece.kind] = counts.get(piece.kind, 0)
    return replace(
        scene,
        zones=(*placed, ZoneScene(None, unknown)) if unknown else placed,
        edges=(*(replace(edge, mark=Mark.AWAITED if not built else edge.mark) for edge in scene.edges), *edges),
        shared=_pieces(shared),
    )


def _zones(subnets: Sequence[SubnetSpec], standing: Mapping[str, Counter[str]]) -> tuple[ZoneScene, ...]:
    indexes = sorted({subnet.zone_index for subnet in subnets})
    order = [*Purpose, None]
    return tuple(
        ZoneScene(
            index,
            tuple(
                SubnetScene(
                    one.name,
                    one.cidr,
                    "" if one.purpose is None else one.purpose.value,
                    _pieces(standing[one.name]),
                )
                for one in sorted(subnets, key=lambda one: (order.index(one.purpose), one.name))
                if one.zone_index == index
            ),
        )
        for index in indexes
    )


def _over_zones(subnets: Sequence[SubnetSpec], many: int) -> Iterable[SubnetSpec]:
    """The first subnet of each of the first ``many`` zones."""
    first: dict[int, SubnetSpec] = {}
    for subnet in subnets:
        first.setdefault(subnet.zone_index, subnet)
    return list(first.values())[:many]


def _spec_edges(spec: EnvironmentSpec) -> Iterable[Edge]:
    public = [one.name for one in spec.load_balancers if one.public]
    if public and spec.zone is Zone.INTERNET:
        yield Edge("InternetGateway", "internet", ", ".join(public))
    for peer in spec.peers:
        yield Edge("NetworkPeering", peer.environment, f"{peer.cidr} · {peer.approval}")


def _merged(edges: Sequence[Edge], steps: Sequence[PlannedStep]) -> tuple[Edge, ...]:
    """Ways out that the plan makes stand for those that the spec only implies."""
    made = [
        Edge(step.kind, step.name, mark=_MARKS[step.operation])
        for step in sorted(steps, key=lambda one: (one.kind, one.name))
        if step.kind in _EDGES
    ]
    kinds = {edge.kind for edge in made}
    implied = [edge for edge in edges if edge.kind == "NetworkPeering" or edge.kind not in kinds]
    named = {edge.name for edge in implied if edge.kind == "NetworkPeering"}
    return (*implied, *(edge for edge in made if edge.name not in named))


def _routes(steps: Iterable[PlannedStep]) -> Iterable[Route]:
    words = {field: kind for kind, field in reversed(_EDGES.items())}
    for step in sorted(steps, key=lambda one: one.name):
        routes = step.after.get("routes") if step.kind == "RouteTable" else None
        for route in routes if isinstance(routes, list | tuple) else ():
            target = next((words.get(key, key) for key in sorted(route) if key.endswith("_id")), "")
            yield Route(step.name, _text(route.get("cidr")), target)


def _existing(steps: Iterable[PlannedStep]) -> Counter[str]:
    return Counter(step.kind for step in steps if step.operation is not Operation.DELETE)


def _awaited(subnet: SubnetScene, built: set[str], there: Mapping[str, Mapping[str, str]]) -> SubnetScene:
    if subnet.name in built:
        return subnet
    return replace(subnet, mark=Mark.AWAITED)


def _pieces(counter: Mapping[str, int]) -> tuple[Piece, ...]:
    return tuple(Piece(kind, counter[kind]) for kind in sorted(counter) if counter[kind] > 0)


def _kind(word: str) -> str:
    """``security-group`` as the kinds are called: ``SecurityGroup``."""
    return "".join(part[:1].upper() + part[1:] for part in word.split("-"))


def _text(value: object) -> str:
    return value if isinstance(value, str) and value != UNKNOWN else ""
