"""The picture of an environment: zones, subnets, ways out, peers, what stands in each subnet as counts; as SVG.

Deterministic and without a dependency: a scene is read from a spec, a plan or a state, laid out on a grid, written
down. It draws what it is given, and asks no cloud.
"""

from __future__ import annotations

from infra.views.picture.drawing import draw
from infra.views.picture.layout import Box, Layout, lay_out
from infra.views.picture.model import Edge, Mark, Piece, Route, Scene, SubnetScene, ZoneScene
from infra.views.picture.reading import scene_of_outputs, scene_of_plan, scene_of_spec

__all__ = [
    "Box",
    "Edge",
    "Layout",
    "Mark",
    "Piece",
    "Route",
    "Scene",
    "SubnetScene",
    "ZoneScene",
    "draw",
    "lay_out",
    "scene_of_outputs",
    "scene_of_plan",
    "scene_of_spec",
]
