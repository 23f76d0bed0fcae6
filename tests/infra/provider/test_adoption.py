"""A deployment dies between the cloud's act and the engine's record; the next run must neither double nor lose it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.provider.adoption import Orphans, token
from infra.provider.births import read_births
from infra.provider.clients import Clients
from infra.provider.errors import AlreadyThere, AnswerLost, CloudRefused, Forsaken, NotConfigured
from infra.provider.kinds import KINDS

VPC, VOLUME, BUCKET, ROLE = (KINDS[f"guanyun:cloud:{name}"] for name in ("Vpc", "Volume", "Bucket", "Role"))
tagged_and_named = pytest.mark.parametrize("kind", [VPC, VOLUME, ROLE, BUCKET], ids=lambda kind: kind.short)


class Killed(BaseException):
    """The provider's process ended here."""


class Cut(Clients):
    """A cloud whose line is cut at one operation: after it was carried out, or (``before``) instead."""

    def __init__(self, clients: Clients, operation: str, failure: BaseException, before: bool = False) -> None:
        super().__init__(endpoint=clients.endpoint, region=clients.region, access_key="a", secret_key="b")
        self.operation, self.failure, self.before = operation, failure, before
        self.times = 1
        self.seen: list[str] = []

    def call(self, service: str, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        self.seen.append(operation)
        cut = operation == self.operation and self.times > 0
        self.times -= cut
        if cut and self.before:
            raise self.failure
        answer = super().call(service, operation, parameters)
        if cut:
            raise self.failure
        return answer


def lost(operation: str) -> AnswerLost:
    return AnswerLost(operation=operation, message="connection reset")


def die(world: Any, kind: Any, operation: str = "", *, before: bool = False) -> dict[str, Any]:
    """Create with the process killed at an operation; returns the inputs."""
    inputs: dict[str, Any] = world.inputs(kind)
    cut = Cut(world.clients, operation or kind.create.operation, Killed(), before)
    with pytest.raises(Killed):
        world.lifecycle(clients=cut).create(kind, world.urn(kind), inputs)
    return inputs


@pytest.mark.real
@tagged_and_named
def test_what_was_made_and_not_recorded_is_adopted_and_not_made_twice(kind: Any, world: Any) -> None:
    inputs = die(world, kind)
    left = world.there(kind)
    assert len(left) == 1
    made = world.lifecycle(orphans=world.orphans()).create(kind, world.urn(kind), inputs)
    assert world.there(kind) == left == {made.id}
    assert world.lifecycle().read(kind, made.id, made.properties) == made
    assert {name: made.properties.get(name) for name in inputs} == inputs


@pytest.mark.real
@pytest.mark.parametrize(
    ("kind", "operation"),
    [
        (VOLUME, "AttachVolume"),
        (BUCKET, "PutBucketTagging"),
        (BUCKET, "PutBucketEncryption"),
        (BUCKET, "PutBucketPolicy"),
        (ROLE, "PutRolePolicy"),
        (ROLE, "AttachRolePolicy"),
    ],
)
@pytest.mark.parametrize("before", [True, False])
def test_a_half_done_follow_up_step_is_finished_on_adoption(
    kind: Any, operation: str, before: bool, world: Any
) -> None:
    inputs = die(world, kind, operation, before=before)
    made = world.lifecycle(orphans=world.orphans()).create(kind, world.urn(kind), inputs)
    assert world.there(kind) == {made.id}
    assert {name: made.properties.get(name) for name in inputs} == inputs
    assert world.lifecycle().read(kind, made.id, made.properties) == made


@pytest.mark.real
@tagged_and_named
def test_a_noted_create_is_taken_over_by_its_id_without_searching_the_cloud(
    kind: Any, world: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs, notes = world.inputs(kind), tmp_path / "births.jsonl"
    first = world.lifecycle(births=notes).create(kind, world.urn(kind), inputs)
    assert list(read_births(notes).values()) == [first.id]
    monkeypatch.setattr(Orphans, "_sweep", lambda *_: pytest.fail("the cloud was searched"))
    orphans = Orphans(world.clients, world.environment, frozenset(), read_births(notes))
    assert world.lifecycle(orphans=orphans, births=notes).create(kind, world.urn(kind), inputs) == first
    assert world.there(kind) == {first.id}


@pytest.mark.real
def test_a_noted_one_that_is_gone_since_is_made_anew(world: Any, tmp_path: Path) -> None:
    inputs, notes = world.inputs(VPC), tmp_path / "births.jsonl"
    lifecycle = world.lifecycle(births=notes)
    first = lifecycle.create(VPC, world.urn(VPC), inputs)
    lifecycle.delete(VPC, first.id, first.properties)
    orphans = Orphans(world.clients, world.environment, frozenset(), read_births(notes))
    second = world.lifecycle(orphans=orphans, births=notes).create(VPC, world.urn(VPC), inputs)
    assert world.there(VPC) == {second.id} != {first.id}
    assert list(read_births(notes).values()) == [second.id]


@pytest.mark.real
def test_without_the_flag_a_tagged_kind_is_made_anew(world: Any) -> None:
    inputs = die(world, VPC)
    world.lifecycle().create(VPC, world.urn(VPC), inputs)
    assert len(world.there(VPC)) == 2


@pytest.mark.real
@pytest.mark.parametrize("kind", [ROLE, BUCKET], ids=lambda kind: kind.short)
def test_without_the_flag_a_taken_name_is_refused_and_left_alone(kind: Any, world: Any) -> None:
    inputs = die(world, kind)
    with pytest.raises(AlreadyThere):
        world.lifecycle().create(kind, world.urn(kind), inputs)
    assert len(world.there(kind)) == 1


@pytest.mark.real
@pytest.mark.parametrize("kind", [VPC, ROLE], ids=lambda kind: kind.short)
def test_an_id_in_state_is_never_adopted(kind: Any, world: Any) -> None:
    inputs = die(world, kind)
    (left,) = world.there(kind)
    lifecycle = world.lifecycle(orphans=world.orphans(left))
    if kind.named:
        with pytest.raises(AlreadyThere):
            lifecycle.create(kind, world.urn(kind), inputs)
    else:
        assert lifecycle.create(kind, world.urn(kind), inputs).id != left


@pytest.mark.real
def test_another_deployment_urn_or_input_does_not_match(world: Any) -> None:
    inputs = die(world, VPC)
    (left,) = world.there(VPC)
    found = world.orphans()
    other_inputs = world.checked(VPC, {**inputs, "cidr_block": "10.77.0.0/16"})
    others = [
        world.lifecycle(orphans=found).create(VPC, world.urn(VPC, "another"), inputs),
        world.lifecycle(orphans=found).create(VPC, world.urn(VPC), other_inputs),
        world.lifecycle(orphans=found, deployment="deployment-2").create(VPC, world.urn(VPC), inputs),
    ]
    assert left not in {one.id for one in others}
    assert world.lifecycle(orphans=found).create(VPC, world.urn(VPC), inputs).id == left


@pytest.mark.real
def test_an_orphan_is_handed_out_once(world: Any) -> None:
    inputs = die(world, VPC)
    lifecycle = world.lifecycle(orphans=world.orphans())
    first = lifecycle.create(VPC, world.urn(VPC), inputs)
    second = lifecycle.create(VPC, world.urn(VPC), inputs)
    assert first.id != second.id


@pytest.mark.real
def test_many_creates_share_one_sweep_of_a_kind(world: Any) -> None:
    counting = Cut(world.clients, "", Killed())
    lifecycle = world.lifecycle(clients=counting, orphans=Orphans(counting, world.environment, frozenset()))
    for index in range(5):
        inputs = world.checked(VPC, {"name": f"n{index}", "cidr_block": f"10.{index}.0.0/16"})
        lifecycle.create(VPC, world.urn(VPC, f"n{index}"), inputs)
    # one describe a create and the sweep
    assert counting.seen.count("DescribeVpcs") == 5 + 1


@pytest.mark.real
@tagged_and_named
def test_an_answer_lost_on_the_way_makes_one_resource_within_the_same_create(kind: Any, world: Any) -> None:
    inputs = world.inputs(kind)
    operation = kind.create.operation
    cut = Cut(world.clients, operation, lost(operation))
    made = world.lifecycle(clients=cut).create(kind, world.urn(kind), inputs)
    assert world.there(kind) == {made.id}
    assert cut.seen.count(operation) == 1


@pytest.mark.real
@tagged_and_named
def test_a_request_lost_on_the_way_is_sent_again(kind: Any, world: Any) -> None:
    inputs = world.inputs(kind)
    operation = kind.create.operation
    cut = Cut(world.clients, operation, lost(operation), before=True)
    made = world.lifecycle(clients=cut).create(kind, world.urn(kind), inputs)
    assert world.there(kind) == {made.id}
    assert cut.seen.count(operation) == 2


@pytest.mark.real
def test_a_create_that_cannot_be_completed_leaves_nothing(world: Any) -> None:
    inputs = world.inputs(BUCKET)
    refusal = CloudRefused(operation="PutBucketPolicy", reason="MalformedPolicy", message="no")
    cut = Cut(world.clients, "PutBucketPolicy", refusal, before=True)
    with pytest.raises(CloudRefused, match="MalformedPolicy"):
        world.lifecycle(clients=cut).create(BUCKET, world.urn(BUCKET), inputs)
    assert world.there(BUCKET) == set()


@pytest.mark.real
def test_what_can_neither_be_completed_nor_taken_back_is_named(world: Any) -> None:
    class Stuck(Cut):
        def call(self, service: str, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
            if operation in ("PutBucketPolicy", "DeleteBucket"):
                raise CloudRefused(operation=operation, reason="AccessDenied", message="no")
            return super().call(service, operation, parameters)

    inputs = world.inputs(BUCKET)
    with pytest.raises(Forsaken, match=str(inputs["name"])):
        world.lifecycle(clients=Stuck(world.clients, "", Killed())).create(BUCKET, world.urn(BUCKET), inputs)
    assert world.there(BUCKET) == {inputs["name"]}


@pytest.mark.real
def test_a_role_of_the_same_name_outside_the_environments_path_is_not_taken(world: Any) -> None:
    inputs = world.inputs(ROLE)
    foreign = {"RoleName": inputs["name"], "AssumeRolePolicyDocument": "{}", "Path": "/elsewhere/"}
    world.clients.call("iam", "CreateRole", foreign)
    with pytest.raises(AlreadyThere):
        world.lifecycle(orphans=world.orphans()).create(ROLE, world.urn(ROLE), inputs)


@pytest.mark.real
def test_a_bucket_with_another_environments_tag_is_not_taken(world: Any) -> None:
    inputs = world.inputs(BUCKET)
    place = {"LocationConstraint": "cn-north-1"}
    world.clients.call("s3", "CreateBucket", {"Bucket": inputs["name"], "CreateBucketConfiguration": place})
    tags = {"TagSet": [{"Key": "guanyun:environment", "Value": "env_another"}]}
    world.clients.call("s3", "PutBucketTagging", {"Bucket": inputs["name"], "Tagging": tags})
    with pytest.raises(AlreadyThere):
        world.lifecycle(orphans=world.orphans()).create(BUCKET, world.urn(BUCKET), inputs)


@given(
    st.tuples(st.text(), st.text(), st.dictionaries(st.text(), st.text())),
    st.tuples(st.text(), st.text(), st.dictionaries(st.text(), st.text())),
)
def test_tokens_are_equal_exactly_when_deployment_urn_and_inputs_are(one: Any, other: Any) -> None:
    assert (token(*one) == token(*other)) == (one == other)


def test_the_order_of_inputs_does_not_matter_to_the_token() -> None:
    assert token("d", "u", {"a": 1, "b": 2}) == token("d", "u", {"b": 2, "a": 1})


@pytest.mark.parametrize("content", ["", "{}", '{"environment": "other", "state_ids": []}', "[]"])
def test_an_adoption_file_that_is_not_this_environments_is_refused(
    content: str, tmp_path: Path, offline: Clients
) -> None:
    path = tmp_path / "adoption.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(NotConfigured):
        Orphans.read(path, offline, "env")


def test_an_adoption_file_of_this_environment_is_read(tmp_path: Path, offline: Clients) -> None:
    path = tmp_path / "adoption.json"
    path.write_text(json.dumps({"environment": "env", "state_ids": ["vpc-1"]}), encoding="utf-8")
    Orphans.read(path, offline, "env")


@pytest.mark.real
def test_a_remembered_client_token_that_answers_with_a_dead_machine_is_changed(world: Any) -> None:
    """AWS gives the same instance for the same client token, also after it was terminated."""

    class Remembering(Cut):
        dead = ""

        def call(self, service: str, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
            if operation == "RunInstances" and parameters["ClientToken"] == self.operation:
                return {"Instances": [{"InstanceId": self.dead}]}
            return super().call(service, operation, parameters)

    kind = KINDS["guanyun:cloud:Instance"]
    inputs = world.inputs(kind)
    first = world.lifecycle().create(kind, world.urn(kind), inputs)
    world.lifecycle().delete(kind, first.id, first.properties)
    remembering = Remembering(world.clients, first.properties["token"], Killed())
    remembering.dead = first.id
    second = world.lifecycle(clients=remembering).create(kind, world.urn(kind), inputs)
    assert second.id != first.id
    assert world.there(kind) == {second.id}
