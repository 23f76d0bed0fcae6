"""Where everything goes: a column of ways out, the network with one column a zone, shared services and routes below.

All numbers are whole pixels. Boxes inside one box never overlap, and lie wholly inside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from infra.views.picture.model import Edge, Mark, Scene, SubnetScene

MARGIN = 16
GAP = 12
HEAD = 52
LINE = 18
EDGE_WIDTH = 264
EDGE_HEIGHT = 64
SUBNET_WIDTH = 240
ZONE_HEAD = 28
PIECE_COLUMNS = 2
LEAST_WIDTH = 2 * MARGIN + EDGE_WIDTH + 3 * GAP + SUBNET_WIDTH


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of a ``kind`` (``network zone subnet edge shared routes``); ``about`` is what it stands for."""

    kind: str
    x: int
    y: int
    width: int
    height: int
    about: object = None
    inside: str = ""
    """The id of the box round it, empty at the top."""
    id: str = ""

    @property
    def right(self) -> int:
        """The first pixel to the right of it."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """The first pixel below it."""
        return self.y + self.height

    def overlaps(self, other: Box) -> bool:
        """Whether they share a pixel."""
        return self.x < other.right and other.x < self.right and self.y < other.bottom and other.y < self.bottom

    def holds(self, other: Box) -> bool:
        """Whether the other lies wholly inside."""
        return self.x <= other.x and self.y <= other.y and other.right <= self.right and other.bottom <= self.bottom


@dataclass(frozen=True, slots=True)
class Layout:
    """The whole picture: its size, and its boxes, each after the one it is inside of."""

    width: int
    height: int
    boxes: tuple[Box, ...]

    def of(self, kind: str) -> tuple[Box, ...]:
        """The boxes of one kind."""
        return tuple(box for box in self.boxes if box.kind == kind)


def lay_out(scene: Scene) -> Layout:
    """Place everything in the scene."""
    top = MARGIN + HEAD
    left = MARGIN + (EDGE_WIDTH + 3 * GAP if scene.edges else 0)
    zones, inner_width, inner_height = _zones(scene, left + GAP, top + HEAD)
    network = Box("network", left, top, inner_width + 2 * GAP, inner_height + HEAD + GAP, scene, id="network")
    edges = _edges(scene.edges, top)
    below = max([network.bottom, *(edge.bottom for edge in edges)]) + GAP
    width = max(network.right + MARGIN, LEAST_WIDTH)
    bands: list[Box] = []
    for kind, many in (("shared", _shared_lines(scene)), ("routes", len(scene.routes))):
        if many:
            height = ZONE_HEAD + many * LINE + GAP
            bands.append(Box(kind, MARGIN, below, width - 2 * MARGIN, height, scene, id=kind))
            below += height + GAP
    height = below + LINE + MARGIN
    return Layout(width, height, (network, *zones, *edges, *bands))


def subnet_height(subnet: SubnetScene) -> int:
    """Name and range, then a line for each kind that stands in it."""
    return 2 * LINE + 10 + LINE * max(1, len(subnet.pieces))


def _zones(scene: Scene, x: int, y: int) -> tuple[list[Box], int, int]:
    """(the zones and their subnets, the width and height they take)."""
    heights = [ZONE_HEAD + sum(subnet_height(one) + GAP for one in zone.subnets) for zone in scene.zones]
    tallest = max(heights, default=ZONE_HEAD)
    boxes: list[Box] = []
    for number, zone in enumerate(scene.zones):
        id_ = f"zone-{number}"
        left = x + number * (SUBNET_WIDTH + 3 * GAP)
        boxes.append(Box("zone", left, y, SUBNET_WIDTH + 2 * GAP, tallest, zone, "network", id_))
        at = y + ZONE_HEAD
        for index, subnet in enumerate(zone.subnets):
            height = subnet_height(subnet)
            boxes.append(Box("subnet", left + GAP, at, SUBNET_WIDTH, height, subnet, id_, f"{id_}-subnet-{index}"))
            at += height + GAP
    width = max(1, len(scene.zones)) * (SUBNET_WIDTH + 3 * GAP) - GAP
    return boxes, width, tallest


def _edges(edges: Sequence[Edge], top: int) -> list[Box]:
    return [
        Box("edge", MARGIN, top + index * (EDGE_HEIGHT + GAP), EDGE_WIDTH, EDGE_HEIGHT, edge, id=f"edge-{index}")
        for index, edge in enumerate(edges)
    ]


def _shared_lines(scene: Scene) -> int:
    return -(-len(scene.shared) // PIECE_COLUMNS)


__all__ = ["Box", "Layout", "Mark", "lay_out", "subnet_height"]
