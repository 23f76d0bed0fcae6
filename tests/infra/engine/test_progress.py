"""Engine events as progress and as the words of a failure."""

from __future__ import annotations

from typing import Any

from pulumi.automation.events import EngineEvent

from infra.engine.model import Progress
from infra.engine.progress import EventFollower

VPC = "urn:pulumi:env::guanyun::guanyun:environment:TenantEnvironment$guanyun:cloud:Vpc::env"
STACK = "urn:pulumi:env::guanyun::pulumi:pulumi:Stack::guanyun-env"


def event(kind: str, op: str, urn: str = VPC) -> EngineEvent:
    return EngineEvent.from_json({kind: {"metadata": {"op": op, "urn": urn, "type": "", "old": None, "new": None}}})


def diagnostic(severity: str, message: str, urn: str | None = None) -> EngineEvent:
    return EngineEvent.from_json({"diagnosticEvent": {"severity": severity, "message": message, "urn": urn}})


def test_progress_counts_finished_changes_and_leaves_out_what_stays_the_same() -> None:
    seen: list[Progress] = []
    follower = EventFollower("apply", seen.append, total=2)
    follower(event("resourcePreEvent", "create"))
    follower(event("resOutputsEvent", "create"))
    follower(event("resOutputsEvent", "same"))
    follower(event("resOutputsEvent", "create", STACK))
    assert seen == [Progress("apply", "Vpc", "env", "create", 0, 2), Progress("apply", "Vpc", "env", "create", 1, 2)]


def test_a_refresh_inside_another_run_is_a_phase_of_its_own() -> None:
    seen: list[Progress] = []
    EventFollower("apply", seen.append, total=2)(event("resOutputsEvent", "refresh"))
    assert seen == [Progress("refresh", "Vpc", "env", "refresh", 1, 0)]


def test_messages_of_severity_debug_are_kept_nowhere_because_they_hold_secrets() -> None:
    follower = EventFollower("plan", None)
    follower(diagnostic("debug", "props = hush"))
    assert follower.events == []
    assert follower.failure("nothing") == "nothing"


def test_a_failure_names_the_resource_once_with_all_the_cloud_said() -> None:
    follower = EventFollower("apply", None)
    for _ in range(2):
        follower(diagnostic("error", "云拒绝了\n  the cloud refused\n", VPC))
    follower(diagnostic("error", "update failed", STACK))
    assert follower.failure("") == "Vpc env: 云拒绝了 / the cloud refused; update failed"


def test_what_did_not_come_because_something_failed_is_named_only_where_nothing_else_is_known() -> None:
    follower = EventFollower("apply", None)
    follows = f"expected resource operations for {VPC} but none were seen"
    follower(diagnostic("error", follows, STACK))
    assert follower.failure("") == follows
    follower(diagnostic("error", "a quota is used up", VPC))
    assert follower.failure("") == "Vpc env: a quota is used up"


def test_the_summary_s_counts_are_kept() -> None:
    follower = EventFollower("apply", None)
    summary: dict[str, Any] = {"resourceChanges": {"create": 3, "same": 1}}
    follower(EngineEvent.from_json({"summaryEvent": summary}))
    assert follower.changes == {"create": 3, "same": 1}
