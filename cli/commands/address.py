"""``guanyun address``."""

from __future__ import annotations

from pathlib import Path

from cyclopts import App

from cli.context import Json, application, token
from cli.output import print_findings, say, show

app = App(name="address", help="The address plan 地址规划")


@app.command
def publish(file: Path) -> None:
    """Publish the address pools of a file. For the bureau.

    Example: guanyun address publish examples/addresses.yaml
    """
    from cli.reading import accepted
    from tenants.addresses import publish_pools, read_pools

    document = accepted(*read_pools(file))
    with application() as opened:
        new = publish_pools(opened.office, token(), document)
    if new:
        say(f"已发布 {document.id}", f"{document.id} is published")
    else:
        say(f"{document.id} 早已发布,没有变化", f"{document.id} was published before: nothing changed")


@app.command
def pools(*, json: Json = False) -> None:
    """List the pools by zone and level; their figures are for who sees every agency. Of IPv6, networks of /64 count.

    Example: guanyun address pools
    """
    from governance.authority import viewing
    from tenants.addresses import pool_figures

    with application() as opened, viewing(opened.office, token()) as view:
        rows = [
            {
                "id": each.pool.id,
                "region": each.pool.region,
                "zone": each.pool.zone,
                "protection": each.pool.protection,
                "cidr": each.pool.cidr,
                "rest_days": each.pool.rest_days,
                **{name: getattr(each, name) for name in ("size", "free", "held", "reserved", "imported", "resting")},
            }
            for each in pool_figures(view)
        ]
    columns = {
        "id": "地址池 pool",
        "zone": "区域 zone",
        "protection": "等级 level",
        "cidr": "网段 range",
        "size": "总数 size",
        "free": "空闲 free",
        "held": "占用 held",
        "reserved": "预留 reserved",
        "imported": "既有 imported",
        "resting": "静置 resting",
    }
    show(rows, columns, json=json)


@app.command(name="list")
def list_(*, json: Json = False) -> None:
    """List the address blocks you may see.

    Example: guanyun address list
    """
    from foundation.evidence import plain
    from governance.authority import viewing
    from tenants.addresses import address_blocks

    with application() as opened, viewing(opened.office, token()) as view:
        rows = [plain(each) for each in address_blocks(view.transaction, view.scope)]
    columns = {
        "cidr": "地址段 block",
        "holder": "占用者 holder",
        "agency": "单位 agency",
        "state": "状态 state",
        "free_from": "可再用 free from",
    }
    show(rows, columns, json=json)


@app.command
def reserve(name: str, *, pool: str, prefix: int, until: str, agency: str = "") -> None:
    """Reserve the lowest free block of a pool by a name, until an instant. For the operator.

    Example: guanyun address reserve wave-2 --pool extranet-2 --prefix 24 --until 2026-12-31T00:00:00+08:00
    """
    from foundation.values.instant import parse_instant
    from tenants.addresses import reserve_block

    ends = parse_instant(until, field="--until")
    with application() as opened:
        block, new = reserve_block(
            opened.office, token(), name, pool=pool, prefix=prefix, until=ends, agency=agency or None
        )
    if new:
        say(f"已为 {name} 预留 {block.cidr}", f"{block.cidr} is reserved for {name}")
    else:
        say(f"{name} 已有 {block.cidr},没有变化", f"{name} has {block.cidr} already: nothing changed")


@app.command(name="give-back")
def give_back_(holder: str) -> None:
    """End a reservation, or take back a department's network that is gone. For the operator.

    Example: guanyun address give-back reservation:wave-2
    """
    from tenants.addresses import give_back

    with application() as opened:
        block = give_back(opened.office, token(), holder)
    say(f"已收回 {block.cidr}", f"{block.cidr} is taken back")


@app.command(name="import")
def import_(file: Path, *, agency: str = "", partly: bool = False) -> None:
    """Import the networks a department has (YAML, CSV, XLSX): all of them, or none if one is wrong. For the operator.

    Example: guanyun address import networks.csv --agency hrss

    Parameters
    ----------
    agency: whose they are, where the file does not say
    partly: import those that nothing is wrong with
    """
    from tenants.addresses import import_networks, read_networks

    found, findings = read_networks(file, agency=agency)
    with application() as opened:
        done = import_networks(opened.office, token(), found, findings, file=file.name, partly=partly)
    print_findings(done.findings)
    say(
        f"已导入 {done.recorded} 个网段,未导入 {done.left_out} 个",
        f"{done.recorded} networks imported, {done.left_out} left out",
    )


@app.command
def conflicts(*, json: Json = False) -> None:
    """Report networks that overlap blocks, pools or one another, and those outside every pool.

    Example: guanyun address conflicts
    """
    from foundation.evidence import plain
    from governance.authority import viewing
    from tenants.addresses import address_conflicts

    with application() as opened, viewing(opened.office, token()) as view:
        rows = [plain(each) for each in address_conflicts(view.transaction, view.scope)]
    show(rows, {"severity": "程度 severity", "found": "网段 network", "zh": "冲突", "en": "conflict"}, json=json)
