"""When a plan need not be made twice: nothing in the state, nothing changed that a plan follows from."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from infra.engine.kept import KeptPlan
from infra.engine.model import PlanSummary

SUMMARY = PlanSummary("env", "spec", "1.0", (), "engine-plan")
BY = {"spec": "a", "placement": "b", "guanyun": "1", "engine": "3"}


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    path = tmp_path / "made.json"
    path.write_bytes(b"{}")
    return path


def test_the_plan_of_a_fresh_environment_is_given_back_as_the_engine_wrote_it(tmp_path: Path, plan: Path) -> None:
    kept = KeptPlan(tmp_path / "env", BY)
    kept.keep(SUMMARY, plan, fresh=True)
    taken = kept.take(SUMMARY.digest, tmp_path / "taken.json", fresh=True)
    assert taken == SUMMARY
    assert (tmp_path / "taken.json").read_bytes() == b"{}"


def test_it_is_made_again_where_the_state_holds_something_by_now(tmp_path: Path, plan: Path) -> None:
    kept = KeptPlan(tmp_path / "env", BY)
    kept.keep(SUMMARY, plan, fresh=True)
    assert kept.take(SUMMARY.digest, tmp_path / "taken.json", fresh=False) is None
    assert not (tmp_path / "taken.json").exists()


def test_it_is_made_again_for_another_digest(tmp_path: Path, plan: Path) -> None:
    kept = KeptPlan(tmp_path / "env", BY)
    kept.keep(SUMMARY, plan, fresh=True)
    assert kept.take("0" * 64, tmp_path / "taken.json", fresh=True) is None


@pytest.mark.parametrize("changed", BY)
def test_it_is_made_again_where_anything_it_follows_from_is_another(tmp_path: Path, plan: Path, changed: str) -> None:
    kept = KeptPlan(tmp_path / "env", BY)
    kept.keep(SUMMARY, plan, fresh=True)
    other = dataclasses.replace(kept, by={**BY, changed: "other"})
    assert other.take(SUMMARY.digest, tmp_path / "taken.json", fresh=True) is None


def test_a_plan_over_what_exists_is_not_kept_and_takes_an_older_one_away(tmp_path: Path, plan: Path) -> None:
    kept = KeptPlan(tmp_path / "env", BY)
    kept.keep(SUMMARY, plan, fresh=True)
    kept.keep(SUMMARY, plan, fresh=False)
    assert kept.take(SUMMARY.digest, tmp_path / "taken.json", fresh=True) is None


@pytest.mark.parametrize("left", ["plan.json", "summary.json"])
def test_half_of_one_is_none(tmp_path: Path, plan: Path, left: str) -> None:
    kept = KeptPlan(tmp_path / "env", BY)
    kept.keep(SUMMARY, plan, fresh=True)
    (tmp_path / "env" / left).unlink()
    assert kept.take(SUMMARY.digest, tmp_path / "taken.json", fresh=True) is None
