"""What a cloud has already becomes part of an environment by the real engine: shown, approved, never made anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from foundation.values.ids import random_ids
from governance.environments import AdoptSpec, EnvironmentSpec, VolumeSpec
from infra.engine import Driver, Operation, PlanChanged, PlannedStep, PlanSummary, compare_with_state, read_placement
from infra.engine.errors import AdoptionRefused, EngineError
from infra.provider import lifecycle
from infra.provider.clients import Clients
from infra.provider.errors import CloudRefused
from infra.provider.kind import Change
from infra.provider.sweep import sweep

pytestmark = pytest.mark.real
Named = Callable[[str], EnvironmentSpec]


@pytest.fixture(scope="module")
def clients(ground: Any) -> Clients:
    return Clients.from_environment(ground.cloud)


@pytest.fixture(scope="module")
def engine(ground: Any, clients: Clients) -> Driver:
    placement = read_placement(clients, partition=clients.partition, account="123456789012")
    return Driver(ground.home / "engine", cloud=ground.cloud, placement=placement, ids=random_ids)


@pytest.fixture
def small(spec: EnvironmentSpec) -> Callable[[str], EnvironmentSpec]:
    """One network, one machine, one disk of 40 GB."""
    machine = replace(spec.instances[0], volumes=(VolumeSpec("records", 40),))
    return lambda name: replace(
        spec, environment=name, subnets=spec.subnets[:1], instances=(machine,), buckets=(), ingress=()
    )


def made_by_hand(clients: Clients, zone: str = "cn-north-1a", **tags: str) -> dict[str, str]:
    """A network, its subnet and a disk of 20 GB, as somebody made them years ago."""
    vpc = clients.call("ec2", "CreateVpc", {"CidrBlock": "10.20.0.0/16"})["Vpc"]["VpcId"]
    inside = {"VpcId": vpc, "CidrBlock": "10.20.1.0/24", "AvailabilityZone": zone}
    subnet = clients.call("ec2", "CreateSubnet", inside)["Subnet"]["SubnetId"]
    wanted = {"AvailabilityZone": zone, "Size": 20, "Encrypted": True, "VolumeType": "gp3"}
    volume = clients.call("ec2", "CreateVolume", wanted)["VolumeId"]
    marked = [{"Key": key.replace("_", ":"), "Value": value} for key, value in {"owner": "张三", **tags}.items()]
    clients.call("ec2", "CreateTags", {"Resources": [volume], "Tags": marked})
    return {"Vpc": vpc, "Subnet": subnet, "Volume": volume}


def adopting(spec: EnvironmentSpec, there: dict[str, str], *kinds: str) -> EnvironmentSpec:
    names = {"Vpc": spec.environment, "Subnet": "app", "Volume": "records"}
    return replace(spec, adopt=tuple(AdoptSpec(kind, names[kind], there[kind]) for kind in kinds))


def step_of(plan: PlanSummary, kind: str) -> PlannedStep:
    return next(step for step in plan.steps if step.kind == kind)


def test_what_exists_is_adopted_brought_to_the_spec_and_never_made_anew(
    engine: Driver, clients: Clients, small: Named
) -> None:
    there = made_by_hand(clients)
    plain = small("adopts-all")
    spec = adopting(plain, there, "Vpc", "Subnet", "Volume")
    plan = engine.preview(spec)
    disk = step_of(plan, "Volume")
    assert (disk.operation, disk.before["id"]) == (Operation.ADOPT, there["Volume"])
    assert {"size_gb", "tags", "instance_id"} <= set(disk.changed)
    assert (disk.before["size_gb"], disk.after["size_gb"], disk.replace_reasons) == (20, 40, ())
    assert plan.counts[Operation.ADOPT] == 3
    assert plan.only_adds

    assert engine.preview(spec).digest == plan.digest
    engine.apply(spec, approved=plan.digest, deployment="adopts-all-1")
    state = engine.state("adopts-all")
    assert {kind: state.held[kind, name] for kind, name in (("Vpc", "adopts-all"), ("Volume", "records"))} == {
        "Vpc": there["Vpc"],
        "Volume": there["Volume"],
    }
    assert compare_with_state("adopts-all", sweep(clients, "adopts-all"), state.ids).clean
    grown = clients.call("ec2", "DescribeVolumes", {"VolumeIds": [there["Volume"]]})["Volumes"][0]
    assert (grown["Size"], len(grown["Attachments"])) == (40, 1)

    assert not engine.preview(spec).changes  # the field stays, and is harmless
    assert not engine.preview(plain).changes  # it goes, and nothing changes

    moved = replace(spec, instances=(replace(spec.instances[0], image="ami-1e749f67"),))
    replacing = engine.preview(moved)
    assert {step.operation for step in replacing.changes} == {Operation.REPLACE, Operation.UPDATE}
    engine.apply(moved, approved=replacing.digest, deployment="adopts-all-2")
    assert engine.state("adopts-all").held["Volume", "records"] == there["Volume"]
    assert not engine.preview(moved).changes


def test_a_change_made_by_hand_after_the_plan_changes_the_plan(engine: Driver, clients: Clients, small: Named) -> None:
    there = made_by_hand(clients)
    spec = adopting(small("adopts-late"), there, "Volume")
    plan = engine.preview(spec)
    tag = {"Resources": [there["Volume"]], "Tags": [{"Key": "owner", "Value": "李四"}]}
    clients.call("ec2", "CreateTags", tag)
    with pytest.raises(PlanChanged):
        engine.apply(spec, approved=plan.digest, deployment="adopts-late-1")
    assert not engine.state("adopts-late").ids


def test_what_cannot_be_adopted_is_refused_before_anything_is_touched(
    engine: Driver, clients: Clients, small: Named
) -> None:
    there = made_by_hand(clients)
    others = made_by_hand(clients, guanyun_environment="somebody-elses")
    agencies = made_by_hand(clients, guanyun_agency="housing")
    elsewhere = made_by_hand(clients, "cn-north-1b")
    spec = small("adopts-none")
    wrong = {
        "vol-0123456789abcdef0": "has no Volume",
        others["Volume"]: "belongs to another environment",
        agencies["Volume"]: "belongs to another agency",
        elsewhere["Volume"]: "differs in what cannot be changed in place (availability_zone",
    }
    for volume, why in wrong.items():
        with pytest.raises(AdoptionRefused) as refused:
            engine.preview(adopting(spec, {"Volume": volume}, "Volume"))
        assert why in refused.value.text("en")
        assert volume in refused.value.text("zh")
    with pytest.raises(AdoptionRefused, match="vpc_id"):  # the network would be a new one
        engine.preview(adopting(spec, there, "Subnet"))
    with pytest.raises(AdoptionRefused) as several:
        engine.preview(adopting(spec, {**there, "Volume": others["Volume"]}, "Subnet", "Volume"))
    assert several.value.text("en").count(";") == 1
    assert not engine.state("adopts-none").ids
    assert not any(sweep(clients, "adopts-none").values())


def test_what_is_in_state_is_not_adopted_over(engine: Driver, clients: Clients, small: Named) -> None:
    spec = small("adopts-twice")
    engine.apply(spec, approved=engine.preview(spec).digest, deployment="adopts-twice-1")
    there = made_by_hand(clients)
    with pytest.raises(AdoptionRefused, match="in state already"):
        engine.preview(adopting(spec, there, "Volume"))
    own = {"Volume": engine.state("adopts-twice").held["Volume", "records"]}
    assert not engine.preview(adopting(spec, own, "Volume")).changes
    more = replace(spec.instances[0], name="web-2", volumes=(VolumeSpec("more", 40),))
    twice = replace(spec, instances=(*spec.instances, more), adopt=(AdoptSpec("Volume", "more", own["Volume"]),))
    with pytest.raises(AdoptionRefused, match="is this environment's records already"):
        engine.preview(twice)


def test_an_adoption_that_was_cut_in_two_is_finished_on_the_same_resource(
    engine: Driver, clients: Clients, small: Named, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = made_by_hand(clients)
    spec = adopting(small("adopts-again"), there, "Vpc", "Subnet", "Volume")
    plan = engine.preview(spec)
    make = lifecycle._make

    def cut(context: Any, identity: str, change: Change, *more: Any) -> None:
        if identity == there["Volume"] and "instance_id" in change.properties:
            raise CloudRefused(operation="AttachVolume", reason="Cut", message="in two")
        make(context, identity, change, *more)

    monkeypatch.setattr(lifecycle, "_make", cut)
    with pytest.raises(EngineError, match="in two"):
        engine.apply(spec, approved=plan.digest, deployment="adopts-again-1")
    monkeypatch.undo()
    assert ("Volume", "records") not in engine.state("adopts-again").held
    grown = clients.call("ec2", "DescribeVolumes", {"VolumeIds": [there["Volume"]]})["Volumes"][0]
    assert grown["Size"] == 40  # the first half was done

    engine.refresh("adopts-again", clear_pending=True)
    engine.continue_apply(spec, approved=plan.digest, deployment="adopts-again-1")
    state = engine.state("adopts-again")
    assert (state.held["Volume", "records"], state.held["Vpc", "adopts-again"]) == (there["Volume"], there["Vpc"])
    assert compare_with_state("adopts-again", sweep(clients, "adopts-again"), state.ids).clean
