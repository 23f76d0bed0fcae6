"""``guanyun room``: a machine room taken over, from its RVTools workbook to environment specs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cyclopts import App

from cli.context import Json, application, token
from cli.output import print_findings, say, show, show_one

if TYPE_CHECKING:
    from collections.abc import Sequence

    from foundation.values.findings import Finding

app = App(name="room", help="Machine rooms taken over 机房接管")


@app.command(name="import")
def import_(code: str, file: Path, *, json: Json = False) -> int:
    """Import a room's RVTools workbook, all or nothing; every finding is told.

    Example: guanyun room import old-room examples/room.xlsx
    """
    from foundation.evidence import plain
    from takeover import import_machine_room

    with application() as opened:
        outcome = import_machine_room(opened.office, token(), code, file)
    if json:
        show_one({"summary": plain(outcome.summary), "findings": plain(outcome.findings)}, json=True)
    else:
        print_findings(outcome.findings)
        if outcome.imported is not None:
            show_one(plain(outcome.summary), json=False)
        if outcome.imported is None:
            say("没有导入任何内容", "nothing was imported")
        elif not outcome.new:
            say("与已导入的相同,没有变化", "the same inventory stands already: nothing changed")
    return 2 if outcome.imported is None else 0


@app.command
def confirm(
    code: str,
    *,
    systems: Path | None = None,
    accept_proposed: bool = False,
    agency: str = "",
    project: str = "",
) -> int:
    """Say which machines serve which business system, from a file or by accepting what is proposed.

    Example: guanyun room confirm old-room --systems examples/systems.yaml

    Parameters
    ----------
    systems: a systems.yaml
    accept_proposed: take the systems proposed from name stems and clusters as they are
    agency: whose systems the accepted ones are
    project: under which project
    """
    from takeover import confirm_systems
    from takeover.systems import Owner

    owner = Owner(agency, project) if accept_proposed else None
    with application() as opened:
        outcome = confirm_systems(opened.office, token(), code, systems, accept=owner)
    print_findings(outcome.findings)
    if outcome.assignment is None:
        say("没有确认任何系统", "nothing was confirmed")
        return 2
    count = len(outcome.assignment.systems)
    if outcome.new:
        say(f"已确认 {count} 个系统", f"{count} systems confirmed")
    else:
        say(f"{count} 个系统,没有变化", f"{count} systems: nothing changed")
    for proposal in outcome.assignment.proposals:
        say(
            f"拟议 {proposal.code}:{len(proposal.machines)} 台,待确认",
            f"proposed {proposal.code}: {len(proposal.machines)} machines, to be confirmed",
        )
    return 0


@app.command
def register(code: str, *, fund_source: str) -> None:
    """Record a room's confirmed systems as business systems paid from a fund source. For the bureau.

    Example: guanyun room register old-room --fund-source 一般公共预算
    """
    from takeover.drawing import register_systems

    with application() as opened:
        new = register_systems(opened.office, token(), code, fund_source=fund_source)
    say(f"新登记 {len(new)} 个业务系统", f"{len(new)} business systems newly registered")


@app.command
def batch(  # noqa: PLR0913 - what a batch is drawn up by
    code: str,
    *,
    out: Path,
    at_least: int | None = None,
    fewest: int = 1,
    most: int | None = None,
    agency: str = "",
    service: str = "cloud-host",
    pool: str = "10.64.0.0/12",
    image: str = "ami-12c6146b",
    zones: int = 2,
    json: Json = False,
) -> None:
    """Draw up environment specs for a batch of whole systems, one file each in a folder.

    Example: guanyun room batch old-room --out specs --at-least 25

    Parameters
    ----------
    out: the folder for the specs
    at_least: take systems, small ones first, until there are so many machines; all of them without it
    fewest: only systems with at least so many machines
    most: only systems with at most so many machines
    agency: only this agency's systems
    service: whose plans the machines are fitted to
    pool: the address pool the environments' blocks are allotted from
    image: the image of new instances
    zones: over how many availability zones a system is spread
    """
    from ipaddress import IPv4Network

    import yaml

    from foundation.evidence import plain
    from foundation.values.errors import InvalidValue
    from governance.environments import spec_document
    from takeover.batches import BatchRule
    from takeover.drawing import DrawingRule, draw_batch

    try:
        network = IPv4Network(pool)
    except ValueError as cause:
        raise InvalidValue(field="pool", found=pool, expected=str(cause)) from cause
    rule = DrawingRule(BatchRule(at_least, fewest, most), service, network, image, agency=agency, zones=zones)
    with application() as opened:
        drafts, findings = draw_batch(opened.office, token(), code, rule)
    if not json:
        print_findings(findings)
    out.mkdir(parents=True, exist_ok=True)
    for draft in drafts:
        text = yaml.safe_dump(plain(spec_document(draft.spec)), allow_unicode=True, sort_keys=False)
        (out / f"{draft.spec.environment}.yaml").write_text(text, encoding="utf-8")
    rows = [
        {
            "environment": draft.spec.environment,
            "agency": draft.spec.agency,
            "system": draft.spec.system,
            "cidr": draft.spec.cidr,
            "machines": len(draft.spec.instances),
        }
        for draft in drafts
    ]
    if json:
        show_one({"environments": rows, "findings": plain(findings)}, json=True)
        return
    columns = {
        "environment": "环境 environment",
        "agency": "单位 agency",
        "system": "系统 system",
        "cidr": "地址段 CIDR",
        "machines": "虚拟机 machines",
    }
    show(rows, columns, json=False)


@app.command(name="list")
def list_(*, json: Json = False) -> None:
    """List the rooms with their newest import.

    Example: guanyun room list
    """
    from takeover import list_rooms

    with application() as opened:
        rooms = list_rooms(opened.office, token())
    rows = [
        {
            "room": each.code,
            "revision": each.revision,
            "machines": len(each.room.machines),
            "findings": len(each.findings),
            "digest": each.digest,
        }
        for each in rooms
    ]
    columns = {
        "room": "机房 room",
        "revision": "版次 revision",
        "machines": "虚拟机 machines",
        "findings": "发现 findings",
        "digest": "摘要 digest",
    }
    show(rows, columns, json=json)


@app.command
def findings(code: str, *, json: Json = False) -> None:
    """Show every finding of a room's newest import.

    Example: guanyun room findings old-room
    """
    from foundation.evidence import plain
    from takeover import show_room

    with application() as opened:
        found: Sequence[Finding] = show_room(opened.office, token(), code).findings
    if json:
        show([plain(each) for each in found], {}, json=True)
    else:
        print_findings(found, limit=len(found))
