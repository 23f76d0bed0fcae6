"""``guanyun catalogue``."""

from __future__ import annotations

from pathlib import Path

from cyclopts import App

from cli.context import Json, application, token
from cli.output import say, show
from cli.reading import accepted

app = App(name="catalogue", help="Services, plans, meters 服务目录")


@app.command
def publish(file: Path) -> None:
    """Publish the services of a catalogue file. What stands is never edited; plans and meters can be added.

    Example: guanyun catalogue publish examples/catalogue.yaml
    """
    from governance.catalogue import publish_catalogue, read_catalogue

    document = accepted(*read_catalogue(file))
    with application() as opened:
        new = publish_catalogue(opened.office, token(), document)
    count = len(document.services)
    if new:
        say(f"已发布 {count} 项服务", f"{count} services published")
    else:
        say("服务目录没有变化", "the catalogue stands already: nothing changed")


@app.command(name="list")
def list_(*, json: Json = False) -> None:
    """List the services with their plans and meters.

    Example: guanyun catalogue list
    """
    from foundation.evidence import plain
    from governance.authority import viewing
    from governance.catalogue import services

    with application() as opened, viewing(opened.office, token()) as view:
        every = services(view.transaction)
    rows = [
        plain(each)
        | {
            "plan_codes": " ".join(plan.code for plan in each.plans),
            "meter_codes": " ".join(meter.code for meter in each.meters),
        }
        for each in every
    ]
    columns = {
        "code": "编号 code",
        "zh": "名称",
        "en": "name",
        "layer": "层 layer",
        "kind": "类别 kind",
        "plan_codes": "规格 plans",
        "meter_codes": "计量项 meters",
    }
    show(rows, columns, json=json)
