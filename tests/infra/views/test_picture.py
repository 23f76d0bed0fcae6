"""The picture: nothing overlaps, everything is there once, the same scene gives the same text, and it is real XML."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from xml.etree import ElementTree

from hypothesis import given, settings
from hypothesis import strategies as st

from governance.environments import Protection, Zone
from infra.views import draw, scene_of_outputs, scene_of_plan, scene_of_spec
from infra.views.picture import Edge, Mark, Piece, Route, Scene, SubnetScene, ZoneScene, lay_out
from infra.views.picture.drawing import fitted
from tests.infra.views.conftest import SPEC, SUMMARY

TEXT = st.text("ab网络子 -<&\"'", min_size=1, max_size=30)
MARKS = st.sampled_from(list(Mark))
PIECES = st.lists(st.builds(Piece, st.sampled_from(["Instance", "Database", "Odd"]), st.integers(1, 500)), max_size=5)
SUBNETS = st.builds(SubnetScene, TEXT, TEXT, st.sampled_from(["", "web", "data"]), PIECES.map(tuple), MARKS)
ZONES = st.builds(ZoneScene, st.none() | st.integers(0, 5), st.lists(SUBNETS, max_size=6).map(tuple))
EDGES = st.builds(Edge, st.sampled_from(["NatGateway", "NetworkPeering"]), TEXT, TEXT, MARKS)
SCENES = st.builds(
    Scene,
    TEXT,
    TEXT,
    st.none() | st.sampled_from(list(Zone)),
    st.none() | st.sampled_from(list(Protection)),
    st.lists(ZONES, max_size=4).map(tuple),
    st.lists(st.builds(Edge, st.sampled_from(["NatGateway", "NetworkPeering"]), TEXT, TEXT, MARKS), max_size=7).map(
        tuple
    ),
    PIECES.map(tuple),
    st.lists(st.builds(Route, TEXT, TEXT, st.just("NatGateway")), max_size=6).map(tuple),
)


@given(SCENES)
@settings(max_examples=150, deadline=None)
def test_no_two_boxes_overlap_and_each_lies_inside_its_frame(scene: Scene) -> None:
    layout = lay_out(scene)
    by_id = {box.id: box for box in layout.boxes}
    assert len(by_id) == len(layout.boxes)
    for one, other in combinations(layout.boxes, 2):
        if one.inside == other.inside:
            assert not one.overlaps(other), (one, other)
    for box in layout.boxes:
        assert box.x >= 0
        assert box.y >= 0
        assert box.right <= layout.width
        assert box.bottom <= layout.height
        assert not box.inside or by_id[box.inside].holds(box)


@given(SCENES)
@settings(max_examples=100, deadline=None)
def test_every_subnet_is_there_once_and_no_line_is_below_its_box(scene: Scene) -> None:
    drawn = lay_out(scene).of("subnet")
    assert [box.about for box in drawn] == [subnet for zone in scene.zones for subnet in zone.subnets]
    root = ElementTree.fromstring(draw(scene))  # noqa: S314 - our own text
    classes = Counter((one.get("class") or "").split()[0] for one in root.iter("{http://www.w3.org/2000/svg}rect"))
    assert classes["subnet"] == len(drawn)
    assert classes["edge"] == len(scene.edges)
    for box in drawn:
        pieces = len(box.about.pieces)  # type: ignore[attr-defined]
        assert box.y + 18 + (pieces + 1) * 18 <= box.bottom


@given(SCENES)
@settings(max_examples=30, deadline=None)
def test_the_same_scene_is_the_same_text(scene: Scene) -> None:
    assert draw(scene) == draw(scene)


def test_a_text_that_does_not_fit_is_cut_and_told_whole_in_a_title() -> None:
    assert fitted("短", 100) == "短"
    assert fitted("很长的名字" * 20, 100).endswith("…")
    scene = Scene("e", "", None, None, (ZoneScene(0, (SubnetScene("n" * 100),)),))
    assert f"<title>{'n' * 100}</title>" in draw(scene)


def test_a_spec_is_drawn_with_what_stands_where() -> None:
    scene = scene_of_spec(SPEC)
    found = {
        one.name: {piece.kind: piece.count for piece in one.pieces} for zone in scene.zones for one in zone.subnets
    }
    assert found["app-a"] == {"Instance": 1}
    assert found["web-a"] == {"Instance": 1, "LoadBalancer": 1}
    assert found["data-a"] == found["data-b"] == {"Database": 1}
    assert [zone.index for zone in scene.zones] == [0, 1]
    assert [(edge.name, edge.detail) for edge in scene.edges] == [
        ("housing-permits", "10.80.0.0/24 · 市政数函〔2026〕18号")
    ]


def test_a_plan_marks_what_it_does_and_shows_ways_out_and_routes() -> None:
    scene = scene_of_plan(SPEC, SUMMARY)
    marks = {one.name: one.mark for zone in scene.zones for one in zone.subnets}
    assert marks == {
        **dict.fromkeys(("web-a", "web-b", "app-a", "app-b"), Mark.THERE),
        **dict.fromkeys(("data-a", "data-b"), Mark.CREATE),
        "old-data": Mark.DELETE,
    }
    assert {edge.name for edge in scene.edges} == {"housing-permits", "hub"}
    assert [(route.cidr, route.target) for route in scene.routes] == [("10.80.0.0/24", "NetworkPeering")]


def test_state_outputs_are_drawn_with_and_without_the_spec() -> None:
    outputs = {
        "vpc": {"hrss-employment": "vpc-1"},
        "subnet": {"web-a": "subnet-1"},
        "instance": {"web-1": "i-1", "app-1": "i-2"},
        "nat-gateway": {"out": "nat-1"},
    }
    alone = scene_of_outputs("hrss-employment", outputs)
    assert [one.name for one in alone.zones[0].subnets] == ["web-a"]
    assert alone.shared == (Piece("Instance", 2),)
    assert alone.edges == (Edge("NatGateway", "out"),)
    placed = scene_of_outputs("hrss-employment", outputs, SPEC)
    marks = {one.name: one.mark for zone in placed.zones for one in zone.subnets}
    assert {name for name, mark in marks.items() if mark is Mark.THERE} == {"web-a"}
    assert scene_of_outputs("empty", {}).zones == ()
    draw(scene_of_outputs("empty", {}))


def test_the_picture_speaks_both_languages_and_follows_light_and_dark() -> None:
    drawn = draw(scene_of_plan(SPEC, SUMMARY))
    for words in (
        "政务外网 government extranet",
        "等保三级 level 3",
        "主机 machine × 1",
        "可用区 1 zone 1",
        "前端 front",
    ):
        assert words in drawn
    assert "prefers-color-scheme:dark" in drawn
    assert "@media print" in drawn
