"""``guanyun landing-zone``: what all environments stand on. It is planned, shown and applied as ``guanyun plan``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from cli.context import Json, application, token
from cli.output import console, say, show, show_one

if TYPE_CHECKING:
    from infra.landing_zone import Proposal

app = App(name="landing-zone", help="The landing zone and its regions 着陆区与纳管区域")

Digest = Annotated[str, Parameter(help="The digest you have read 您已阅读的摘要")]
Reason = Annotated[str, Parameter(name="--because", help="Why, in words the other side will read 理由")]


@app.command
def propose(file: Path, *, json: Json = False) -> None:
    """Put a landing zone forward, for the bureau to decide. For the operator.

    Example: guanyun landing-zone propose examples/environments/landing-zone.yaml
    """
    from cli.reading import accepted
    from governance.environments.landing_zone import read_landing_zone
    from infra.landing_zone import propose_landing_zone

    spec = accepted(*read_landing_zone(file))
    with application() as opened:
        found, new = propose_landing_zone(opened.office, token(), spec)
    if json:
        show_one(_row(found) | {"new": new}, json=True)
    elif new:
        say(f"已提出着陆区 {found.id},摘要 {found.digest}", f"landing zone {found.id} is proposed")
    else:
        say(f"着陆区 {found.id} 早已提出,没有变化", f"landing zone {found.id} was proposed before: nothing changed")


@app.command
def approve(proposal: str, *, digest: Digest) -> None:
    """Let a proposal stand; plans are then made by it. For whoever decides for the operator.

    Example: guanyun landing-zone approve ground_01 --digest 3f9a…
    """
    from infra.landing_zone import approve_landing_zone

    with application() as opened:
        found, new = approve_landing_zone(opened.office, token(), proposal, digest=digest)
    _told(found, new)


@app.command
def reject(proposal: str, *, digest: Digest, because: Reason) -> None:
    """Turn a proposal down. For whoever may approve it.

    Example: guanyun landing-zone reject ground_01 --digest 3f9a… --because "互通缺批准文号"
    """
    from infra.landing_zone import reject_landing_zone

    with application() as opened:
        found, new = reject_landing_zone(opened.office, token(), proposal, digest=digest, because=because)
    _told(found, new)


@app.command(name="list")
def list_(*, json: Json = False) -> None:
    """List the proposals, newest first.

    Example: guanyun landing-zone list
    """
    from governance.authority import viewing
    from infra.landing_zone import list_proposals

    with application() as opened, viewing(opened.office, token()) as view:
        rows = [_row(one) for one in list_proposals(view)]
    columns = {
        "id": "说明 proposal",
        "state_zh": "状态",
        "state": "state",
        "digest": "摘要 digest",
        "proposed_at": "提出 proposed",
        "note": "理由 because",
    }
    show(rows, columns, json=json)


@app.command(name="show")
def show_(*, proposal: str = "", json: Json = False) -> None:
    """Print the approved landing zone as YAML, or a proposal.

    Example: guanyun landing-zone show > landing-zone.yaml

    Parameters
    ----------
    proposal: a proposal, instead of what stands approved
    """
    import yaml

    from governance.authority import viewing
    from governance.environments.landing_zone import landing_zone_document
    from governance.errors import NotFound
    from infra.landing_zone import NoLandingZone, approved_landing_zone, list_proposals

    with application() as opened, viewing(opened.office, token()) as view:
        if proposal:
            found = next((one for one in list_proposals(view) if one.id == proposal), None)
            if found is None:
                raise NotFound(what_zh="这项着陆区说明:", what_en="landing zone", key=proposal)
        else:
            found = approved_landing_zone(view.transaction, view.scope)
            if found is None:
                raise NoLandingZone
    document = landing_zone_document(found.spec)
    if json:
        show_one(document, json=True)
        return
    console.print(yaml.safe_dump(document, allow_unicode=True, sort_keys=False), markup=False, end="")


@app.command
def status(*, json: Json = False) -> None:
    """Show what is on record of the landing zone: its cloud, newest plan, newest deployment, what it consists of.

    Example: guanyun landing-zone status
    """
    from foundation.evidence import plain
    from governance.environments import LANDING_ZONE
    from infra.deployments import environment_status

    with application() as opened:
        recorded = environment_status(opened.office, token(), LANDING_ZONE)
    deployment = recorded.deployment
    row: dict[str, Any] = {
        "cloud": plain(recorded.cloud),
        "plan": None if recorded.plan is None else recorded.plan.digest,
        "deployment": None if deployment is None else deployment.id,
        "deployment_state": None if deployment is None else deployment.state.value,
        "outputs": {} if deployment is None else plain(deployment.outputs),
    }
    show_one(row, json=json)


@app.command
def networks(*, json: Json = False) -> None:
    """List the environments that are attached to the hub, and whom each may reach once the next plan is applied.

    Example: guanyun landing-zone networks
    """
    from foundation.evidence import plain
    from governance.authority import viewing
    from infra.landing_zone import NoLandingZone, approved_landing_zone, joined_spec

    with application() as opened, viewing(opened.office, token()) as view:
        found = approved_landing_zone(view.transaction, view.scope)
        if found is None:
            raise NoLandingZone
        spec = joined_spec(view.transaction, view.scope, found.spec)
    rows = [
        plain(one)
        | {
            "reaches": ", ".join(
                other.environment
                for other in spec.networks
                if other != one and other.zone is one.zone and spec.may_reach(one.agency, other.agency)
            )
        }
        for one in spec.networks
    ]
    columns = {
        "environment": "环境 environment",
        "agency": "单位 agency",
        "zone": "区域 zone",
        "cidr": "网段 network",
        "attachment_id": "接入 attachment",
        "reaches": "可达 reaches",
    }
    show(rows, columns, json=json)


@app.command
def regions(*, json: Json = False) -> None:
    """List the regions of the layer: whose each is, and how far it is managed.

    Example: guanyun landing-zone regions
    """
    from foundation.evidence import plain
    from governance.authority import viewing
    from infra.landing_zone import managed_regions

    with application() as opened, viewing(opened.office, token()) as view:
        rows = [plain(one) for one in managed_regions(view)]
    columns = {
        "region": "区域 region",
        "owner": "所属 owner",
        "level": "层级 level",
        "named": "说明 named",
        "word": "本级意见 its own level says",
        "managed": "纳管 managed",
    }
    show(rows, columns, json=json)


@app.command
def enrol(region: str, managed: str) -> None:
    """Say how far a region of your own is managed: registered, read or applied. For its owner.

    Example: guanyun landing-zone enrol cn-northwest-1 read
    """
    from foundation.values.errors import InvalidValue
    from governance.environments.landing_zone import Managed
    from infra.landing_zone import enrol_region

    if managed not in set(Managed):
        raise InvalidValue(field="managed", found=managed, expected=", ".join(Managed))
    with application() as opened:
        found, new = enrol_region(opened.office, token(), region, Managed(managed))
    if new:
        say(
            f"区域 {found.region} 现按 {found.managed} 纳管", f"region {found.region} is managed as {found.managed} now"
        )
    else:
        say(f"区域 {found.region} 早已如此,没有变化", f"region {found.region} was so before: nothing changed")


@app.command
def read(region: str, *, json: Json = False) -> None:
    """Read what is there in a region of the layer: networks, machines, disks, databases. Changes nothing.

    Example: guanyun landing-zone read cn-northwest-1
    """
    from foundation.evidence import plain
    from infra.landing_zone import read_region
    from wiring.cloud import clouds

    with application() as opened:
        rows = [plain(one) for one in read_region(opened.office, token(), lambda: clouds(opened), region)]
    columns = {
        "kind": "种类 kind",
        "id": "编号 id",
        "name": "名称 name",
        "environment": "环境 environment",
    }
    show(rows, columns, json=json)


def _told(found: Proposal, new: bool) -> None:
    if new:
        say(f"着陆区 {found.id}:{found.state.zh}", f"landing zone {found.id}: {found.state.value}")
    else:
        say(f"着陆区 {found.id} 早已如此,没有变化", f"landing zone {found.id} was so before: nothing changed")


def _row(one: Proposal) -> dict[str, Any]:
    from foundation.evidence import plain

    return {
        "id": one.id,
        "state": one.state.value,
        "state_zh": one.state.zh,
        "digest": one.digest,
        "proposed_by": one.proposed_by,
        "proposed_at": plain(one.proposed_at),
        "decided_by": one.decided_by,
        "note": one.note,
    }
