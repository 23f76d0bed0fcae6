"""The layout as SVG text: one style for light and dark, both languages, a title for every box a reader may point at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from governance.environments import Protection, Zone
from infra.views.picture.layout import (
    GAP,
    LINE,
    MARGIN,
    PIECE_COLUMNS,
    ZONE_HEAD,
    Box,
    Layout,
    lay_out,
)
from infra.views.picture.model import Edge, Mark, Piece, Scene, SubnetScene, ZoneScene
from infra.views.words import kind_words

_ZONES = {Zone.EXTRANET: "政务外网 government extranet", Zone.INTERNET: "互联网 internet"}
_LEVELS = {Protection.LEVEL_2: "等保二级 level 2", Protection.LEVEL_3: "等保三级 level 3"}
_PURPOSES = {"web": "前端 front", "app": "应用 application", "data": "数据 data"}
_MARKS = {
    Mark.CREATE: "新建 create",
    Mark.UPDATE: "修改 change",
    Mark.REPLACE: "替换 replace",
    Mark.DELETE: "删除 delete",
    Mark.AWAITED: "未建 not built",
}
_UNIT = 6.7
"""Pixels of a half-width letter at 12 px; a Chinese one takes two."""

STYLE = """
.gp{--ink:#1b1f24;--soft:#57606a;--paper:#ffffff;--net:#f3f6fa;--zone:#e6edf5;--box:#ffffff;--line:#8a97a6;
--create:#00664a;--update:#7a4a00;--replace:#7a2e83;--delete:#a1260d;font-family:"Noto Sans CJK SC","Noto Sans SC",
"PingFang SC","Microsoft YaHei",system-ui,sans-serif;font-size:12px}
@media (prefers-color-scheme:dark){.gp{--ink:#e6edf3;--soft:#9da7b3;--paper:#0d1117;--net:#161b22;--zone:#1f2630;
--box:#0d1117;--line:#6b7785;--create:#3ddbad;--update:#f0b65a;--replace:#e59bf0;--delete:#ff9c88}}
@media print{.gp{--ink:#000;--soft:#333;--paper:#fff;--net:#fff;--zone:#f2f2f2;--box:#fff;--line:#555;
--create:#00664a;--update:#7a4a00;--replace:#7a2e83;--delete:#a1260d}}
.gp text{fill:var(--ink)}.gp .soft{fill:var(--soft)}.gp .big{font-size:15px;font-weight:600}
.gp .name{font-weight:600}.gp rect{stroke:var(--line);stroke-width:1}.gp .paper{fill:var(--paper);stroke:none}
.gp .network{fill:var(--net)}.gp .zone{fill:var(--zone)}.gp .subnet,.gp .edge,.gp .shared,.gp .routes{fill:var(--box)}
.gp .way{stroke:var(--line);stroke-width:1.5;fill:none}
.gp .create{stroke:var(--create);stroke-width:2}.gp .update{stroke:var(--update);stroke-width:2}
.gp .replace{stroke:var(--replace);stroke-width:2}.gp .delete{stroke:var(--delete);stroke-width:2;stroke-dasharray:6 3}
.gp .awaited{stroke-dasharray:3 3}
"""


def draw(scene: Scene) -> str:
    """The picture, whole: the same scene gives the same text."""
    layout = lay_out(scene)
    body = "\n".join(_body(scene, layout))
    label = escape(f"环境 {scene.environment} 的网络图 / network picture of environment {scene.environment}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="gp" role="img" aria-label="{label}" '
        f'viewBox="0 0 {layout.width} {layout.height}" width="{layout.width}" height="{layout.height}">\n'
        f"<title>{label}</title>\n<style>{STYLE}</style>\n{body}\n</svg>\n"
    )


def fitted(text: str, width: int) -> str:
    """The text, cut to the pixels there are."""
    room = width / _UNIT
    if _units(text) <= room:
        return text
    kept = ""
    for letter in text:
        if _units(kept + letter) > room - 1:
            break
        kept += letter
    return kept + "…"


def _units(text: str) -> int:
    return sum(2 if ord(letter) > 0x2E80 else 1 for letter in text)


def _body(scene: Scene, layout: Layout) -> Iterator[str]:
    yield f'<rect class="paper" x="0" y="0" width="{layout.width}" height="{layout.height}"/>'
    said = " · ".join(one for one in (scene.cidr, _ZONES.get(scene.zone) if scene.zone else "", _level(scene)) if one)
    yield _text(MARGIN, MARGIN + 16, f"环境 {scene.environment}", layout.width - 2 * MARGIN, "big")
    yield _text(MARGIN, MARGIN + 36, f"environment {scene.environment}", layout.width - 2 * MARGIN, "soft")
    for box in layout.boxes:
        if isinstance(box.about, Edge):
            yield from _edge(box, box.about, layout)
        elif isinstance(box.about, SubnetScene):
            yield from _subnet(box, box.about)
        elif isinstance(box.about, ZoneScene):
            yield from _zone(box, box.about)
        elif box.kind == "network":
            yield _rect(box)
            yield _text(box.x + GAP, box.y + 20, "专有网络 network", box.width - 2 * GAP, "name")
            yield _text(box.x + GAP, box.y + 40, said, box.width - 2 * GAP, "soft")
        elif box.kind == "shared":
            yield from _band(box, "共用资源 shared", _shared(scene.shared, box))
        else:
            yield from _band(box, "路由 routes", _routes(scene, box))
    yield _text(MARGIN, layout.height - MARGIN, _legend(scene), layout.width - 2 * MARGIN, "soft")


def _level(scene: Scene) -> str:
    return _LEVELS[scene.protection] if scene.protection else ""


def _edge(box: Box, edge: Edge, layout: Layout) -> Iterator[str]:
    (network,) = layout.of("network")
    middle = box.y + box.height // 2
    # A way out that is further down than the network bends up to its lower edge.
    end = min(middle, network.bottom - GAP)
    turn = box.right + GAP
    yield f'<path class="way" d="M{box.right} {middle}H{turn}V{end}H{network.x}"/>'
    yield _rect(box, edge.mark)
    zh, en = kind_words(edge.kind)
    yield _text(box.x + GAP, box.y + 20, f"{_sign(edge.mark)}{zh} {en}", box.width - 2 * GAP, "soft")
    yield _text(box.x + GAP, box.y + 38, edge.name, box.width - 2 * GAP, "name")
    if edge.detail:
        yield _text(box.x + GAP, box.y + 56, edge.detail, box.width - 2 * GAP, "soft")


def _zone(box: Box, zone: ZoneScene) -> Iterator[str]:
    yield _rect(box)
    label = "可用区不详 zone unknown" if zone.index is None else f"可用区 {zone.index + 1} zone {zone.index + 1}"
    yield _text(box.x + GAP, box.y + 19, label, box.width - 2 * GAP, "soft")


def _subnet(box: Box, subnet: SubnetScene) -> Iterator[str]:
    yield _rect(box, subnet.mark)
    left, room = box.x + 10, box.width - 20
    yield _text(left, box.y + 18, f"{_sign(subnet.mark)}{subnet.name}", room, "name")
    said = " · ".join(one for one in (subnet.cidr, _PURPOSES.get(subnet.purpose, "")) if one)
    yield _text(left, box.y + 18 + LINE, said, room, "soft")
    for index, piece in enumerate(subnet.pieces):
        yield _text(left, box.y + 18 + (index + 2) * LINE, _piece(piece), room, "")


def _band(box: Box, title: str, inside: Iterator[str]) -> Iterator[str]:
    yield _rect(box)
    yield _text(box.x + GAP, box.y + 20, title, box.width - 2 * GAP, "soft")
    yield from inside


def _shared(pieces: Sequence[Piece], box: Box) -> Iterator[str]:
    column = (box.width - 2 * GAP) // PIECE_COLUMNS
    for index, piece in enumerate(pieces):
        row, place = divmod(index, PIECE_COLUMNS)
        x, y = box.x + GAP + place * column, box.y + ZONE_HEAD + 14 + row * LINE
        yield _text(x, y, _piece(piece), column - GAP, "")


def _routes(scene: Scene, box: Box) -> Iterator[str]:
    for index, route in enumerate(scene.routes):
        zh, en = kind_words(route.target)
        told = f"{route.table}: {route.cidr or '?'} → {zh} {en}"
        yield _text(box.x + GAP, box.y + ZONE_HEAD + 14 + index * LINE, told, box.width - 2 * GAP, "")


def _piece(piece: Piece) -> str:
    zh, en = kind_words(piece.kind)
    return f"{zh} {en} × {piece.count}"


def _legend(scene: Scene) -> str:
    subnets = [subnet.mark for zone in scene.zones for subnet in zone.subnets]
    used = {*subnets, *(edge.mark for edge in scene.edges)}
    return " · ".join(f"{mark.sign} {words}" for mark, words in _MARKS.items() if mark in used)


def _sign(mark: Mark) -> str:
    return f"{mark.sign} " if mark.sign else ""


def _rect(box: Box, mark: Mark = Mark.THERE) -> str:
    classes = box.kind if mark is Mark.THERE else f"{box.kind} {mark.value}"
    return f'<rect class="{classes}" x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}" rx="6"/>'


def _text(x: int, y: int, text: str, width: int, classes: str) -> str:
    shown = fitted(text, width if "big" not in classes else width * 4 // 5)
    whole = f"<title>{escape(text)}</title>" if shown != text else ""
    named = f' class="{classes}"' if classes else ""
    return f'<text{named} x="{x}" y="{y}">{whole}{escape(shown)}</text>'
