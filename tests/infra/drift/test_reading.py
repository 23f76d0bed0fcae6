"""From previews to differences: pure rules."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from infra.drift import Change, Ending, Finding, Seen, TrailState, Who
from infra.drift.model import SECRET
from infra.drift.reading import differences, ending_of, settles
from infra.engine.model import Operation, PlannedStep, PlanSummary, StackState
from infra.engine.plans import UNKNOWN
from infra.engine.resume import OrphanReport

NOW = datetime(2026, 11, 1, tzinfo=UTC)
URN = "urn::Instance::web-1"


def step(
    operation: Operation = Operation.SAME, *, name: str = "web-1", kind: str = "Instance", **more: Any
) -> PlannedStep:
    return PlannedStep(f"urn::{kind}::{name}", kind, name, operation, **more)


def summary(*steps: PlannedStep) -> PlanSummary:
    return PlanSummary("hrss-portal", "digest", "1", steps, "plan")


def state(**outputs: dict[str, str]) -> StackState:
    return StackState("hrss-portal", {}, {name.replace("_", "-"): one for name, one in outputs.items()})


def report(**orphans: frozenset[str]) -> OrphanReport:
    return OrphanReport("hrss-portal", {f"guanyun:cloud:{kind}": ids for kind, ids in orphans.items()}, {})


def seen_of(found: PlannedStep, applied: PlannedStep | None = None, **outputs: dict[str, str]) -> tuple[Seen, ...]:
    then = summary() if applied is None else summary(applied)
    return differences(summary(found), then, state(**outputs), report())


def finding(seen: Seen, deployment: str = "d-1") -> Finding:
    return Finding("drift-1", "hrss-portal", "hrss", seen, Who(TrailState.NOTHING), deployment, NOW, NOW)


def test_each_property_that_differs_is_a_difference_of_its_own() -> None:
    before = {"type": "large", "tags": {"a": "1", "owner": "x"}, "rules": [1, 2]}
    after = {"type": "small", "tags": {"a": "1"}, "rules": [1]}
    changed = ("type", 'tags["owner"]', "rules")
    found = seen_of(step(Operation.UPDATE, before=before, after=after, changed=changed), instance={"web-1": "i-1"})
    assert [(one.path, one.expected, one.found) for one in found] == [
        ("rules", [1], [1, 2]),
        ("tags.owner", None, "x"),
        ("type", "small", "large"),
    ]
    assert {one.cloud_id for one in found} == {"i-1"}


def test_what_the_cloud_holds_as_it_was_applied_is_no_drift_whatever_a_newer_program_wants() -> None:
    applied = step(Operation.CREATE, after={"type": "small"})
    found = step(Operation.UPDATE, before={"type": "small"}, after={"type": "small", "trace": True}, changed=("trace",))
    assert seen_of(found, applied) == ()


def test_a_change_by_hand_is_found_beside_what_a_newer_program_wants() -> None:
    applied = step(Operation.CREATE, after={"type": "small"})
    found = step(Operation.UPDATE, before={"type": "large"}, after={"type": "small", "trace": True})
    assert [one.path for one in seen_of(found, applied)] == ["type"]


def test_a_value_that_only_the_cloud_knows_is_no_difference() -> None:
    assert seen_of(step(Operation.UPDATE, before={"group": ["sg-1"]}, after={"group": [UNKNOWN]})) == ()
    assert seen_of(step(Operation.UPDATE, before={"group": ["sg-1", "sg-2"]}, after={"group": [UNKNOWN]})) != ()


def test_a_secret_is_told_by_the_engines_word_and_never_kept() -> None:
    before, after = {"value": {"secret": "unchanged"}}, {"value": {"secret": "3f2a"}}
    (found,) = seen_of(step(Operation.UPDATE, before=before, after=after, changed=("value",)))
    assert (found.expected, found.found) == (SECRET, SECRET)
    assert seen_of(step(Operation.UPDATE, before=before, after=after, changed=("other",))) == ()
    nested = {"password": {"secret": "3f2a"}}
    (inside,) = seen_of(step(Operation.UPDATE, before={"list": [nested]}, after={"list": []}, changed=("list",)))
    assert inside.found == [{"password": SECRET}]


def test_what_was_applied_and_would_be_made_again_was_deleted() -> None:
    applied = step(Operation.CREATE, kind="SecurityGroup", name="baseline")
    again = step(Operation.CREATE, kind="SecurityGroup", name="baseline")
    (found,) = seen_of(again, applied, security_group={"baseline": "sg-1"})
    assert (found.change, found.cloud_id) == (Change.DELETED, "sg-1")
    # What only a newer program makes was never there.
    assert seen_of(again) == ()


def test_what_is_in_the_cloud_and_in_no_state_is_an_orphan() -> None:
    found = differences(summary(), summary(), state(), report(Volume=frozenset({"vol-2", "vol-1"})))
    assert [(one.change, one.resource) for one in found] == [
        (Change.ORPHAN, "Volume/vol-1"),
        (Change.ORPHAN, "Volume/vol-2"),
    ]


def test_the_identity_lasts_while_the_value_changes_and_differs_for_anything_else() -> None:
    one = Seen(Change.CHANGED, "Instance", "web-1", URN, "i-1", "type", "small", "large")
    again = Seen(Change.CHANGED, "Instance", "web-1", URN, "i-2", "type", "small", "huge")
    assert one.identity("a") == again.identity("a")
    others = [
        Seen(Change.CHANGED, "Instance", "web-1", URN, "i-1", "image"),
        Seen(Change.DELETED, "Instance", "web-1", URN, "i-1"),
        Seen(Change.ORPHAN, "Instance", cloud_id="i-1"),
        Seen(Change.ORPHAN, "Instance", cloud_id="i-2"),
    ]
    identities = {one.identity("a"), one.identity("b"), *(other.identity("a") for other in others)}
    assert len(identities) == 2 + len(others)


def test_how_a_finding_ended_is_told_by_what_runs_now() -> None:
    changed = finding(Seen(Change.CHANGED, "Instance", "web-1", URN, "i-1", "type", "small", "large"))
    back, taken = step(after={"type": "small"}), step(after={"type": "large"})
    assert ending_of(changed, summary(back), state(), "d-1") is Ending.GONE
    assert ending_of(changed, summary(back), state(), "d-2") is Ending.REVERTED
    assert ending_of(changed, summary(taken), state(), "d-2") is Ending.ADOPTED
    assert ending_of(changed, summary(), state(), "d-2") is Ending.ADOPTED
    deleted = finding(Seen(Change.DELETED, "Instance", "web-1", URN, "i-1"))
    assert ending_of(deleted, summary(back), state(), "d-2") is Ending.REVERTED
    assert ending_of(deleted, summary(), state(), "d-2") is Ending.ADOPTED
    orphan = finding(Seen(Change.ORPHAN, "Volume", cloud_id="vol-1"))
    assert ending_of(orphan, summary(), state(), "d-2") is Ending.GONE
    known = StackState("hrss-portal", {"guanyun:cloud:Volume": frozenset({"vol-1"})}, {})
    assert ending_of(orphan, summary(), known, "d-2") is Ending.ADOPTED


def test_a_plan_settles_what_it_changes_back_or_makes_again_and_no_orphan() -> None:
    changed = finding(Seen(Change.CHANGED, "Instance", "web-1", URN, "i-1", "tags.owner", None, "x"))
    other = finding(Seen(Change.CHANGED, "Instance", "web-1", URN, "i-1", "type", "small", "large"))
    deleted = finding(Seen(Change.DELETED, "Instance", "web-1", URN, "i-1"))
    orphan = finding(Seen(Change.ORPHAN, "Volume", cloud_id="vol-1"))
    every = (changed, other, deleted, orphan)
    assert settles([step(Operation.UPDATE, changed=('tags["owner"]',))], every) == (changed,)
    assert settles([step(Operation.CREATE)], every) == (deleted,)
    assert settles([step(Operation.REPLACE)], every) == (changed, other, deleted)
    assert settles([], every) == ()


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("xyz"), inner, max_size=2),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from("abc"), VALUES, max_size=3))
def test_equal_inputs_are_never_drift(inputs: dict[str, Any]) -> None:
    assert seen_of(step(Operation.UPDATE, before=inputs, after=inputs)) == ()


@given(st.dictionaries(st.sampled_from("abc"), VALUES, max_size=3), st.dictionaries(st.sampled_from("abc"), VALUES))
def test_each_difference_has_an_identity_of_its_own(before: dict[str, Any], after: dict[str, Any]) -> None:
    found = seen_of(step(Operation.UPDATE, before=before, after=after))
    assert len({one.identity("e") for one in found}) == len(found)
