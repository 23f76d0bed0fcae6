"""Drift through the real engine and an AWS API that really answers: found, found again, taken back, taken in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from foundation.evidence import canonical_bytes, sha256_hex
from foundation.store import Store, Transaction
from foundation.values.ids import random_ids
from governance.authority import Office, viewing
from governance.environments import BucketSpec, EnvironmentSpec, IngressRule, spec_document
from infra.deployments import ApprovedEnvironment, Deployer, apply_plan, approve_plan, plan_environment
from infra.drift import (
    Change,
    CloudTrail,
    Ending,
    Finding,
    LookOutcome,
    Reach,
    TrailState,
    Watcher,
    adoption_of,
    list_findings,
    look,
    revert,
)
from infra.engine import PlanChanged
from infra.provider.clients import Clients
from infra.provider.naming import ENVIRONMENT_TAG
from infra.sandbox import SandboxStatus
from tests.infra.deployments.conftest import SPEC
from tests.infra.deployments.real_parts import real_deployer

pytestmark = pytest.mark.real
IMAGE = "ami-12c6146b"
PLANS = {"c5.xlarge": "general-4c8g", "c5.large": "general-2c4g"}


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Ground:
    """One environment of its own in the sandbox, with an approval that the test sets."""

    deployer: Deployer
    clients: Clients
    tokens: dict[str, str]
    approved: dict[str, ApprovedEnvironment]
    spec: EnvironmentSpec

    @property
    def name(self) -> str:
        return self.spec.environment

    @property
    def watcher(self) -> Watcher:
        return Watcher(self.deployer, CloudTrail(self.clients), now, Reach(now))

    def approve(self, spec: EnvironmentSpec) -> None:
        digest = sha256_hex(canonical_bytes(spec_document(spec)))
        self.approved[self.name] = ApprovedEnvironment(f"REQ-{digest[:8]}", spec, digest, 1_000_000, False)

    def apply(self) -> None:
        operator = self.tokens["operator-1"]
        planned = plan_environment(self.deployer, operator, self.name)
        if not planned.coverage.covered:
            approve_plan(self.deployer, self.tokens["operator-2"], planned.plan.digest)
        apply_plan(self.deployer, operator, self.name, planned.plan.digest)

    def look(self) -> LookOutcome:
        return look(self.watcher, self.name).outcome

    def findings(self) -> list[Finding]:
        with viewing(self.deployer.office, self.tokens["operator-1"]) as view:
            return list(list_findings(view, environment=self.name))

    def standing(self) -> dict[tuple[str, str, str], Finding]:
        found = [one for one in self.findings() if one.ended_at is None]
        return {(one.seen.change.value, one.seen.kind, one.seen.path): one for one in found}

    def ids(self, kind: str) -> frozenset[str]:
        return self.deployer.sweep(self.name)[f"guanyun:cloud:{kind}"]

    def ec2(self, operation: str, **parameters: Any) -> dict[str, Any]:
        return self.clients.call("ec2", operation, parameters)

    def retype(self, instance_type: str) -> str:
        (machine,) = self.ids("Instance")
        self.ec2("StopInstances", InstanceIds=[machine])
        self.ec2("ModifyInstanceAttribute", InstanceId=machine, InstanceType={"Value": instance_type})
        self.ec2("StartInstances", InstanceIds=[machine])
        return machine

    def open_port(self) -> None:
        (group,) = self.ids("SecurityGroup")
        rule = {"IpProtocol": "tcp", "FromPort": 8443, "ToPort": 8443, "IpRanges": [{"CidrIp": "10.9.0.0/16"}]}
        self.ec2("AuthorizeSecurityGroupIngress", GroupId=group, IpPermissions=[rule])


@pytest.fixture
def ground(tmp_path: Path, sandbox: SandboxStatus, store: Store, office: Office, people: dict[str, str]) -> Ground:
    machine = replace(SPEC.instances[0], image=IMAGE, instance_type="c5.large")
    spec = replace(
        SPEC,
        environment=f"drift-{random_ids('x')[-8:].lower()}",
        instances=(machine,),
        buckets=(BucketSpec("documents"),),
        ingress=(IngressRule("tcp", 443, "10.0.0.0/8"),),
    )
    approved: dict[str, ApprovedEnvironment] = {}

    def approvals(transaction: Transaction, environment: str) -> ApprovedEnvironment | None:
        return approved.get(environment)

    deployer = replace(real_deployer(tmp_path, str(sandbox.endpoint), store), approvals=approvals)
    clients: Clients = deployer.cloud.clients  # type: ignore[attr-defined]
    made = Ground(deployer, clients, people, approved, spec)
    made.approve(spec)
    made.apply()
    return made


def test_what_was_changed_deleted_and_made_by_hand_is_found_once_and_reverted(ground: Ground) -> None:
    assert ground.look() is LookOutcome.CLEAN
    machine = ground.retype("c5.xlarge")
    ground.ec2("CreateTags", Resources=[machine], Tags=[{"Key": "owner", "Value": "somebody"}])
    ground.open_port()
    (disk,) = ground.ids("Volume")
    ground.ec2("DetachVolume", VolumeId=disk, InstanceId=machine, Device="/dev/sdf")
    ground.ec2("DeleteVolume", VolumeId=disk)
    tagged = {"ResourceType": "volume", "Tags": [{"Key": ENVIRONMENT_TAG, "Value": ground.name}]}
    orphan = ground.ec2("CreateVolume", AvailabilityZone="cn-north-1a", Size=5, TagSpecifications=[tagged])["VolumeId"]
    state = ground.deployer.engine.state(ground.name)

    assert ground.look() is LookOutcome.DRIFTED
    found = ground.standing()
    assert set(found) == {
        ("changed", "Instance", "instance_type"),
        ("changed", "Instance", "tags.owner"),
        ("changed", "SecurityGroup", "ingress"),
        ("deleted", "Volume", ""),
        ("orphan", "Volume", ""),
    }
    retyped = found["changed", "Instance", "instance_type"]
    assert (retyped.seen.expected, retyped.seen.found) == ("c5.large", "c5.xlarge")
    assert retyped.seen.cloud_id == machine
    assert found["deleted", "Volume", ""].seen.cloud_id == disk
    assert found["orphan", "Volume", ""].seen.cloud_id == orphan
    # The sandbox keeps no trail: that is said, and nobody is named.
    assert {one.who.state for one in found.values()} == {TrailState.UNSUPPORTED}
    assert ground.deployer.engine.state(ground.name) == state

    assert ground.look() is LookOutcome.DRIFTED
    assert {one.id for one in ground.standing().values()} == {one.id for one in found.values()}

    reverting = revert(ground.deployer, ground.tokens["operator-1"], ground.name)
    assert {one.id for one in reverting.settled} == {one.id for one in found.values()} - {
        found["orphan", "Volume", ""].id
    }
    ground.apply()
    ground.ec2("DeleteVolume", VolumeId=orphan)
    assert ground.look() is LookOutcome.CLEAN
    endings = {one.id: one.ending for one in ground.findings()}
    assert endings.pop(found["orphan", "Volume", ""].id) is Ending.GONE
    assert set(endings.values()) == {Ending.REVERTED}


def test_what_was_changed_by_hand_becomes_the_spec_and_the_next_plan_changes_nothing(ground: Ground) -> None:
    machine = ground.retype("c5.xlarge")
    ground.open_port()
    ground.ec2("CreateTags", Resources=[machine], Tags=[{"Key": "owner", "Value": "somebody"}])
    ground.look()
    with viewing(ground.deployer.office, ground.tokens["operator-1"]) as view:
        made = adoption_of(view, ground.name, ground.spec, PLANS)
    assert [(one.finding.seen.path, "reverted" in one.en) for one in made.left] == [("tags.owner", True)]
    assert made.spec.instances[0].plan == "general-4c8g"
    assert IngressRule("tcp", 8443, "10.9.0.0/16") in made.spec.ingress
    ground.ec2("DeleteTags", Resources=[machine], Tags=[{"Key": "owner"}])
    ground.approve(made.spec)
    planned = plan_environment(ground.deployer, ground.tokens["operator-1"], ground.name)
    assert planned.plan.steps == ()
    ground.apply()
    assert ground.look() is LookOutcome.CLEAN
    endings = {one.seen.path: one.ending for one in ground.findings()}
    assert endings.pop("tags.owner") is not Ending.OPEN
    assert set(endings.values()) == {Ending.ADOPTED}


def test_a_plan_approved_yesterday_is_refused_after_a_change_by_hand(ground: Ground) -> None:
    larger = replace(ground.spec.instances[0], instance_type="c5.xlarge")
    ground.approve(replace(ground.spec, instances=(larger,)))
    operator = ground.tokens["operator-1"]
    digest = plan_environment(ground.deployer, operator, ground.name).plan.digest
    ground.open_port()
    with pytest.raises(PlanChanged) as refusal:
        apply_plan(ground.deployer, operator, ground.name, digest)
    assert digest[:12] in refusal.value.text("en")
    assert "SecurityGroup baseline" in refusal.value.text("en")
    # Nothing was touched, and the look still compares with what was applied before.
    assert ground.look() is LookOutcome.DRIFTED
    assert set(ground.standing()) == {("changed", "SecurityGroup", "ingress")}


def test_a_change_of_the_program_alone_is_no_drift(ground: Ground) -> None:
    """A newer approval that is not applied yet is none either: what was applied is what counts."""
    ground.approve(replace(ground.spec, instances=(replace(ground.spec.instances[0], instance_type="c5.xlarge"),)))
    assert ground.look() is LookOutcome.CLEAN


def test_the_change_is_kept_apart_from_what_a_deletion_leaves(ground: Ground) -> None:
    (bucket,) = ground.ids("Bucket")
    ground.clients.call("s3", "DeleteBucket", {"Bucket": bucket})
    assert ground.look() is LookOutcome.DRIFTED
    (finding,) = ground.findings()
    assert (finding.seen.change, finding.seen.kind, finding.seen.cloud_id) == (Change.DELETED, "Bucket", bucket)


@pytest.mark.drill
def test_a_look_at_what_has_not_drifted_costs_about_one_refresh_preview(ground: Ground) -> None:
    """Both warm, the best of five each: what a look adds is one sweep and two small transactions."""
    from time import perf_counter

    def best(do: Callable[[], object]) -> float:
        taken = []
        for _ in range(5):
            began = perf_counter()
            do()
            taken.append(perf_counter() - began)
        return min(taken)

    ground.look()
    preview, looked = best(lambda: ground.deployer.engine.preview(ground.spec)), best(ground.look)
    print(f"preview {preview:.3f} s, look {looked:.3f} s, {looked / preview:.2f}x")
    assert looked <= preview * 1.6 + 0.1
