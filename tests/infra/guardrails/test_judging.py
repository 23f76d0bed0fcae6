"""The judgement of a plan: the same whatever the order, bound by its digest, exemptions that name what they mean."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from foundation.evidence import canonical_text
from governance.environments import Protection
from infra.guardrails import (
    Exemption,
    ExemptionState,
    judge,
    judgement_from_document,
    published_policy,
    read_policy,
)
from infra.guardrails.policy import PUBLISHED
from tests.infra.guardrails.cases import CASES
from tests.infra.guardrails.conftest import SPEC, context, plan, step

AT = datetime(2026, 3, 1, tzinfo=UTC)
EVERYTHING = tuple(
    replace(one, name=f"{one.name}-{index}", urn=f"{one.urn}-{index}")
    for index, case in enumerate(CASES)
    for one in (*case.broken, *case.kept)
)
OPEN = step("Bucket", "public", block_public_access=False)


def exemption(**more: object) -> Exemption:
    standing = Exemption(
        id="exemption-1",
        environment=SPEC.environment,
        agency=SPEC.agency,
        rule="GR-S3-001",
        resource="Bucket/public",
        reason="门户静态页面 / static pages of the portal",
        until=AT + timedelta(days=30),
        state=ExemptionState.APPROVED,
        asked_by="p-1",
        asked_at=AT,
        since=AT,
    )
    return replace(standing, **more)  # type: ignore[arg-type]


@given(st.permutations(EVERYTHING), st.sampled_from(list(Protection)))
@settings(max_examples=60, deadline=None)
def test_the_order_of_steps_never_changes_the_findings(steps: list[object], level: Protection) -> None:
    where = context(protection=level)
    first, second = judge(plan(*EVERYTHING), where), judge(plan(*steps), where)  # type: ignore[arg-type]
    assert first.findings == second.findings


@given(st.lists(st.sampled_from(EVERYTHING), max_size=12, unique_by=lambda one: one.urn))
@settings(max_examples=60, deadline=None)
def test_what_blocks_comes_first_and_nothing_is_said_twice(steps: list[object]) -> None:
    found = judge(plan(*steps), context()).findings  # type: ignore[arg-type]
    assert len(set(found)) == len(found)
    assert [one.blocks for one in found] == sorted((one.blocks for one in found), reverse=True)


def test_a_judgement_survives_storage_with_its_digest() -> None:
    judged = judge(plan(*EVERYTHING), context(), [exemption()])
    again = judgement_from_document(json.loads(canonical_text(judged.document())))
    assert (again, again.digest) == (judged, judged.digest)


def test_the_digest_covers_plan_findings_and_exemptions() -> None:
    plain = judge(plan(OPEN), context())
    assert plain.digest == judge(plan(OPEN), context()).digest
    assert plain.digest != judge(plan(OPEN), context(), [exemption()]).digest
    assert plain.digest != judge(plan(OPEN, step("Subnet")), context()).digest


def test_an_exemption_lets_pass_what_it_names_and_nothing_else() -> None:
    other = step("Bucket", "other", block_public_access=False)
    judged = judge(plan(OPEN, other), context(), [exemption()])
    assert {(one.name, one.rule) for one in judged.exempted} == {("public", "GR-S3-001")}
    assert {(one.name, one.rule) for one in judged.blocking} >= {("other", "GR-S3-001"), ("public", "GR-TLS-001")}
    assert ("public", "GR-S3-001") not in {(one.name, one.rule) for one in judged.blocking}
    for unfit in (exemption(environment="x"), exemption(rule="GR-S3-002"), exemption(resource="Bucket/publi")):
        assert judge(plan(OPEN), context(), [unfit]).exempted == ()


def test_deleting_data_and_protected_things_takes_no_exemption() -> None:
    from infra.engine.model import Operation

    gone = step("Volume", "data", Operation.DELETE, {"deletion_protection": True})
    both = [exemption(rule=rule, resource="Volume/data") for rule in ("GR-DATA-001", "GR-PROT-001")]
    assert {one.rule for one in judge(plan(gone), context(), both).blocking} == {"GR-DATA-001", "GR-PROT-001"}


def test_an_exemption_holds_from_its_approval_until_its_end() -> None:
    one = exemption()
    assert [one.holds(at) for at in (AT - timedelta(seconds=1), AT, one.until - timedelta(seconds=1), one.until)] == [
        False,
        True,
        True,
        False,
    ]
    for state in set(ExemptionState) - {ExemptionState.APPROVED}:
        assert not exemption(state=state).holds(AT)


def test_a_policy_with_a_wrong_range_or_an_unknown_field_is_refused_with_findings(tmp_path: Path) -> None:
    text = PUBLISHED.read_text(encoding="utf-8")
    wrong = tmp_path / "policy.yaml"
    wrong.write_text(text.replace('"10.0.0.0/8"', '"10.0.0.1/8"'), encoding="utf-8")
    policy, findings = read_policy(wrong)
    assert policy is None
    assert [finding.place.field for finding in findings] == ["private_ranges[0]"]
    wrong.write_text(text + "\nscp_caracters: 1\n", encoding="utf-8")
    assert read_policy(wrong)[0] is None
    assert read_policy(PUBLISHED) == (published_policy(), ())
