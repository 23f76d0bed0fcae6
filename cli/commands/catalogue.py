"""``guanyun catalogue``."""

from __future__ import annotations

from pathlib import Path

from cyclopts import App

from cli.context import Json, application, token
from cli.dates import instant
from cli.output import console, say, show, show_one
from cli.reading import accepted

app = App(name="catalogue", help="Services, plans, meters, request forms 服务目录")

_CHANGES = {
    "kind": "变化 change",
    "place": "所属 place",
    "thing": "对象 thing",
    "field": "字段 field",
    "old": "原 old",
    "new": "新 new",
}


@app.command
def draft(file: Path, *, json: Json = False) -> None:
    """Draft the whole of what your place offers, from a YAML file or workbook; shows what it would change.

    Another person of the bureau publishes it. What the file does not name is withdrawn at its start.

    Example: guanyun catalogue draft examples/catalogue.yaml
    """
    from foundation.evidence import plain
    from governance.catalogue import draft_catalogue, read_catalogue

    document = accepted(*read_catalogue(file))
    with application() as opened:
        drafted = draft_catalogue(opened.office, token(), document)
    if not drafted.changes:
        say("服务目录没有变化", "no change")
        return
    show([plain(each) for each in drafted.changes], _CHANGES, json=json)
    if not json:
        say(f"草案 {document.id},摘要 {drafted.digest}", f"draft {document.id}, digest {drafted.digest}")


@app.command
def publish(version: str, *, digest: str | None = None) -> None:
    """Put a drafted version in force from its start; not by whoever drafted it.

    Example: guanyun catalogue publish example-2026
    """
    from governance.catalogue import publish_catalogue

    with application() as opened:
        changes = publish_catalogue(opened.office, token(), version, digest=digest)
    if changes:
        say(f"已发布 {version}:{len(changes)} 处变化", f"{version} published: {len(changes)} changes")
    else:
        say("服务目录没有变化", "the catalogue stands already: nothing changed")


@app.command(name="list")
def list_(*, at: str | None = None, party: str | None = None, json: Json = False) -> None:
    """List what is on offer, now or at another instant, everywhere or for one party.

    Example: guanyun catalogue list --at 2026-03-01

    Parameters
    ----------
    at: a date (its first instant in Shanghai) or an instant
    party: an agency: the base catalogue and what its own place offers
    """
    from foundation.evidence import plain
    from governance.authority import viewing
    from governance.catalogue import offers_at, places_of

    with application() as opened, viewing(opened.office, token()) as view:
        layers = None if party is None else places_of(view.transaction, party)
        every = offers_at(view.transaction, instant(at) if at else view.now, layers)
    rows = [
        plain(each.service)
        | {
            "place": each.place,
            "version": each.version,
            "plan_codes": " ".join(plan.code for plan in each.service.plans),
            "meter_codes": " ".join(meter.code for meter in each.service.meters),
        }
        for each in every
    ]
    columns = {
        "code": "编号 code",
        "zh": "名称",
        "en": "name",
        "layer": "层 layer",
        "kind": "类别 kind",
        "place": "所属 place",
        "plan_codes": "规格 plans",
        "meter_codes": "计量项 meters",
    }
    show(rows, columns, json=json)


@app.command(name="show")
def show_(code: str, *, json: Json = False) -> None:
    """Show one service whole: plans, meters, SLA, request form.

    Example: guanyun catalogue show cloud-host
    """
    from governance.authority import viewing
    from governance.catalogue import service_of
    from governance.catalogue.documents import service_document

    with application() as opened, viewing(opened.office, token()) as view:
        service = service_of(view.transaction, code)
    show_one(service_document(service), json=json)


@app.command
def history(code: str | None = None, *, json: Json = False) -> None:
    """Every offer there was, of one service or of all, each with its time and version.

    Example: guanyun catalogue history cloud-host
    """
    from foundation.evidence import plain
    from governance.authority import viewing
    from governance.catalogue import offer_history

    with application() as opened, viewing(opened.office, token()) as view:
        every = offer_history(view.transaction, code)
    rows = [plain(each) | {"code": each.service.code, "zh": each.service.zh, "en": each.service.en} for each in every]
    columns = {
        "code": "编号 code",
        "zh": "名称",
        "en": "name",
        "place": "所属 place",
        "start": "起 from",
        "end": "止 to",
        "version": "版本 version",
    }
    show(rows, columns, json=json)


@app.command
def versions(*, json: Json = False) -> None:
    """List the catalogue's versions and drafts.

    Example: guanyun catalogue versions
    """
    from foundation.evidence import plain
    from governance.authority import viewing
    from governance.catalogue import catalogue_versions

    with application() as opened, viewing(opened.office, token()) as view:
        rows = [plain(each) for each in catalogue_versions(view.transaction)]
    columns = {
        "id": "版本 version",
        "place": "所属 place",
        "start": "起 from",
        "drafted_at": "起草 drafted",
        "published_at": "发布 published",
        "digest": "摘要 digest",
    }
    show(rows, columns, json=json)


@app.command
def diff(before: str, after: str, *, json: Json = False) -> None:
    """What changed between two dates: added, changed field by field, withdrawn; prices too.

    Example: guanyun catalogue diff 2026-03-01 2026-04-01
    """
    from foundation.evidence import plain
    from governance.authority import viewing
    from governance.catalogue import changes_between

    with application() as opened, viewing(opened.office, token()) as view:
        changes = changes_between(view.transaction, instant(before), instant(after))
    show([plain(each) for each in changes], _CHANGES, json=json, empty=("没有变化", "no change"))


@app.command
def export(file: Path, *, at: str | None = None, place: str = "") -> None:
    """Write what a place offers as YAML, or as a workbook where the file ends in .xlsx.

    Example: guanyun catalogue export catalogue.xlsx --at 2026-03-01
    """
    from cli.writing import write_file
    from governance.authority import viewing
    from governance.catalogue import catalogue_at, catalogue_workbook, catalogue_yaml

    with application() as opened, viewing(opened.office, token()) as view:
        document = catalogue_at(view.transaction, instant(at) if at else view.now, place)
    workbook = file.suffix.casefold() == ".xlsx"
    write_file(file, catalogue_workbook(document) if workbook else catalogue_yaml(document).encode())
    console.print(str(file), markup=False)
