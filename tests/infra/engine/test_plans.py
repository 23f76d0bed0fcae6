"""The digest: equal for the same difference, different for any other."""

from __future__ import annotations

import copy
import dataclasses
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi.automation.events import EngineEvent

from foundation.evidence import canonical_bytes
from infra.engine.model import Operation, PlannedStep, PlanSummary, plan_from_document
from infra.engine.plans import (
    SECRET_SIGNATURE,
    SIGNATURE,
    UNKNOWN,
    differences,
    normalise,
    outside_plan,
    summarise,
)

ROOT = "urn:pulumi:env::guanyun::pulumi:pulumi:Stack::guanyun-env"
COMPONENT = "urn:pulumi:env::guanyun::guanyun:environment:TenantEnvironment::env"
CHILD = "urn:pulumi:env::guanyun::guanyun:environment:TenantEnvironment$guanyun:cloud:"


def secret(ciphertext: str) -> dict[str, str]:
    return {SIGNATURE: SECRET_SIGNATURE, "ciphertext": ciphertext}


def mark(ciphertext: str) -> str:
    """What it encrypts is the part before the nonce."""
    return f"hmac-of-{ciphertext.split('/', maxsplit=1)[0]}"


def planned(*ops: str, adds: Mapping[str, Any] | None = None) -> dict[str, Any]:
    return {"goal": {"inputDiff": {"adds": dict(adds or {})}}, "steps": list(ops), "state": {}, "seed": "s1"}


def event(
    op: str,
    urn: str,
    *,
    old: Mapping[str, Any] | None = None,
    new: Mapping[str, Any] | None = None,
    kind: str = "resourcePreEvent",
    custom: bool = True,
    **more: Any,
) -> EngineEvent:
    def state(inputs: Mapping[str, Any] | None) -> dict[str, Any] | None:
        return None if inputs is None else {"urn": urn, "custom": custom, "inputs": inputs, "outputs": inputs}

    metadata = {"op": op, "urn": urn, "type": urn.split("::")[2], "old": state(old), "new": state(new), **more}
    return EngineEvent.from_json({"sequence": 1, "timestamp": 1, kind: {"metadata": metadata, "planning": True}})


ENGINE_PLAN: dict[str, Any] = {
    "manifest": {"time": "2026-03-01T00:00:00Z", "magic": "m", "version": "v3.259.0"},
    "resourcePlans": {
        ROOT: planned("same"),
        COMPONENT: planned("same"),
        CHILD + "Vpc::env": planned("same"),
        CHILD + "Instance::web-1": planned("create-replacement", "replace", "delete-replaced"),
        CHILD + "Bucket::files": planned("create", adds={"name": "b", "pin": secret("hush/n1")}),
        CHILD + "Role::old": {**planned("delete"), "goal": None},
        CHILD + "Volume::a": planned("update"),
    },
}
EVENTS = (
    event("refresh", CHILD + "Vpc::env", old={"name": "x"}, new={"name": "y"}, kind="resOutputsEvent"),
    event("refresh", CHILD + "Volume::a", old={"size_gb": 10}, new={"size_gb": 10}, kind="resOutputsEvent"),
    event("same", ROOT, old={}, new={}, custom=False),
    event("same", COMPONENT, old={}, new={}, custom=False),
    event("same", CHILD + "Vpc::env", old={"name": "y"}, new={"name": "y"}),
    event("create-replacement", CHILD + "Instance::web-1", old={"image_id": "a"}, new={"image_id": "b"}),
    event(
        "replace",
        CHILD + "Instance::web-1",
        old={"image_id": "a"},
        new={"image_id": "b"},
        keys=["image_id"],
        detailedDiff={"image_id": {"diffKind": "update-replace"}, "tags.a": {"diffKind": "add"}},
    ),
    event("create", CHILD + "Bucket::files", new={"name": "b", "pin": secret("[secret]")}),
    event("delete", CHILD + "Role::old", old={"name": "old"}),
    event("update", CHILD + "Volume::a", old={"size_gb": 10.0}, new={"size_gb": 12.5}, diffs=["size_gb"]),
)


def summary(plan: Mapping[str, Any] = ENGINE_PLAN, **other: Any) -> PlanSummary:
    facts: dict[str, Any] = {
        "environment": "env",
        "spec_digest": "d" * 64,
        "provider_version": "0.1.0",
        "engine_plan": plan,
        "events": EVENTS,
        "mark_secret": mark,
    }
    return summarise(**{**facts, **other})


def test_each_resource_is_one_step_and_the_engine_s_own_are_none() -> None:
    found = {step.name: step.operation for step in summary().steps}
    assert found == {
        "env": Operation.SAME,
        "web-1": Operation.REPLACE,
        "files": Operation.CREATE,
        "old": Operation.DELETE,
        "a": Operation.UPDATE,
    }
    assert {step.kind for step in summary().steps} == {"Vpc", "Instance", "Bucket", "Role", "Volume"}


def test_counts_and_whether_the_request_s_approval_can_cover_it() -> None:
    made = summary()
    assert (made.creates, made.updates, made.replaces, made.deletes, made.same) == (1, 1, 1, 1, 1)
    assert not made.only_adds
    assert {step.name for step in made.changes} == {"web-1", "files", "old", "a"}


def test_a_replacement_names_only_the_inputs_that_force_it() -> None:
    step = next(step for step in summary().steps if step.name == "web-1")
    assert step.replace_reasons == ("image_id",)
    assert step.changed == ("image_id", "tags.a")
    assert (step.before, step.after) == ({"image_id": "a"}, {"image_id": "b"})


def test_a_secret_appears_as_its_mark_and_nowhere_as_ciphertext() -> None:
    step = next(step for step in summary().steps if step.name == "files")
    assert step.after["pin"] == {"secret": "hmac-of-hush"}
    assert b"hush/n1" not in canonical_bytes(summary().document())


def test_no_float_reaches_the_digest() -> None:
    step = next(step for step in summary().steps if step.name == "a")
    assert (step.before["size_gb"], step.after["size_gb"]) == (10, Decimal("12.5"))


def test_drift_is_told_and_an_unchanged_refresh_is_not() -> None:
    assert summary().drifted == (CHILD + "Vpc::env",)


def test_an_operation_nobody_knows_is_a_change() -> None:
    plan = copy.deepcopy(ENGINE_PLAN)
    plan["resourcePlans"][CHILD + "Vpc::env"]["steps"] = ["transmogrify"]
    assert next(step for step in summary(plan).steps if step.name == "env").operation is Operation.UPDATE


@given(time=st.text(), seed=st.text(), nonce=st.text(alphabet="abc"))
def test_time_seeds_and_the_encryption_of_secrets_do_not_change_the_digest(time: str, seed: str, nonce: str) -> None:
    plan = copy.deepcopy(ENGINE_PLAN)
    plan["manifest"]["time"] = time
    for one in plan["resourcePlans"].values():
        one["seed"] = seed
    plan["resourcePlans"][CHILD + "Bucket::files"]["goal"]["inputDiff"]["adds"]["pin"] = secret(f"hush/{nonce}")
    assert summary(plan).digest == summary().digest


@given(order=st.permutations(["a", "b", "c"]))
def test_the_order_of_dependencies_does_not_change_the_digest_and_their_number_does(order: list[str]) -> None:
    def plan(urns: list[str]) -> dict[str, Any]:
        made = copy.deepcopy(ENGINE_PLAN)
        goal = made["resourcePlans"][CHILD + "Volume::a"]["goal"]
        goal |= {"dependencies": urns, "propertyDependencies": {"instance_id": urns}}
        return made

    assert summary(plan(order)).digest == summary(plan(["a", "b", "c"])).digest
    assert summary(plan(order[:2])).digest != summary(plan(order)).digest


@pytest.mark.parametrize(
    "path",
    [
        ("manifest", "version"),
        ("resourcePlans", CHILD + "Bucket::files", "goal", "inputDiff", "adds", "name"),
        ("resourcePlans", CHILD + "Bucket::files", "goal", "inputDiff", "adds", "pin"),
        ("resourcePlans", CHILD + "Volume::a", "steps"),
        ("resourcePlans", CHILD + "Volume::a", "state"),
    ],
)
def test_anything_else_in_the_engine_s_plan_changes_the_digest(path: tuple[str, ...]) -> None:
    plan = copy.deepcopy(ENGINE_PLAN)
    place: Any = plan
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = secret("other/n1") if path[-1] == "pin" else ["changed"]
    assert summary(plan).digest != summary().digest


@pytest.mark.parametrize("fact", ["environment", "spec_digest", "provider_version"])
def test_the_digest_covers_what_the_plan_was_made_of(fact: str) -> None:
    other: dict[str, Any] = {fact: "other"}
    assert summary(**other).digest != summary().digest


def test_the_old_inputs_are_in_the_digest_too() -> None:
    events = [*EVENTS[:-1], event("update", CHILD + "Volume::a", old={"size_gb": 9}, new={"size_gb": 12.5})]
    assert summary(events=events).digest != summary().digest


def test_the_order_of_events_does_not_matter() -> None:
    assert summary(events=EVENTS[::-1]).digest == summary().digest


def test_normalising_leaves_the_plan_it_was_given_alone() -> None:
    before = copy.deepcopy(ENGINE_PLAN)
    normalise(ENGINE_PLAN, mark)
    assert before == ENGINE_PLAN


def test_differences_name_the_resources_that_are_planned_otherwise() -> None:
    plan = copy.deepcopy(ENGINE_PLAN)
    del plan["resourcePlans"][CHILD + "Role::old"]
    plan["resourcePlans"][CHILD + "Volume::a"]["steps"] = ["same"]
    assert differences(summary(), summary(plan)) == ("Role old: delete → -", "Volume a: update → same")


def test_a_stored_plan_has_the_same_digest() -> None:
    stored = json.loads(canonical_bytes(summary().document()))
    assert plan_from_document(stored).digest == summary().digest
    assert plan_from_document(summary().document()).digest == summary().digest


def one_step(operation: Operation, after: Mapping[str, Any], urn: str = CHILD + "Instance::web-1") -> PlanSummary:
    step = PlannedStep(urn, "Instance", "web-1", operation, after=after)
    return PlanSummary("env", "d" * 64, "0.1.0", (step,), "e" * 64)


WANTED = {"image_id": "b", "subnet_id": UNKNOWN, "groups": [UNKNOWN], "size": Decimal("1.50")}
KNOWN = {"image_id": "b", "subnet_id": "subnet-1", "groups": ["sg-1"], "size": "1.5"}


@pytest.mark.parametrize(
    ("approved", "rest", "inside"),
    [
        (Operation.CREATE, Operation.CREATE, True),
        (Operation.CREATE, Operation.UPDATE, True),
        (Operation.CREATE, Operation.REPLACE, False),
        (Operation.CREATE, Operation.DELETE, False),
        (Operation.UPDATE, Operation.UPDATE, True),
        (Operation.UPDATE, Operation.CREATE, False),
        (Operation.UPDATE, Operation.REPLACE, False),
        (Operation.REPLACE, Operation.REPLACE, True),
        (Operation.REPLACE, Operation.CREATE, True),
        (Operation.REPLACE, Operation.DELETE, False),
        (Operation.DELETE, Operation.DELETE, True),
        (Operation.DELETE, Operation.REPLACE, False),
        (Operation.SAME, Operation.UPDATE, False),
        (Operation.SAME, Operation.SAME, True),
    ],
)
def test_what_is_left_after_a_crash_may_only_be_what_was_approved_or_less(
    approved: Operation, rest: Operation, inside: bool
) -> None:
    assert (outside_plan(one_step(approved, WANTED), one_step(rest, KNOWN)) == ()) is inside


@pytest.mark.parametrize(
    "found",
    [{**KNOWN, "image_id": "c"}, {**KNOWN, "more": 1}, {**KNOWN, "groups": ["sg-1", "sg-2"]}, {"image_id": "b"}],
)
def test_another_end_than_the_approved_one_is_outside(found: Mapping[str, Any]) -> None:
    rest = one_step(Operation.CREATE, found)
    assert outside_plan(one_step(Operation.CREATE, WANTED), rest) == ("create Instance web-1",)


def test_another_resource_or_another_spec_is_outside() -> None:
    approved = one_step(Operation.CREATE, WANTED)
    assert outside_plan(approved, one_step(Operation.CREATE, KNOWN, CHILD + "Instance::web-2"))
    assert outside_plan(approved, dataclasses.replace(approved, spec_digest="other")) == ("another spec",)
