"""Each rule fires where it should, names the place, says what to do, and is silent where it is kept."""

from __future__ import annotations

import re

import pytest

from governance.environments import Baseline, Protection, Zone
from infra.engine.model import Operation
from infra.guardrails import RULES, NoSuchRule, Severity, judge, published_policy, rule_named
from tests.infra.guardrails.cases import CASES, Case
from tests.infra.guardrails.conftest import context, plan, step

each = pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}-{case.where}")


@each
def test_it_fires_and_names_the_place(case: Case) -> None:
    found = [one for one in judge(plan(*case.broken), context(**case.context)).findings if one.rule == case.rule]
    assert case.where in {one.path for one in found}
    for one in found:
        assert one.found
        assert one.name
        assert (one.urn == "") is (one.kind == "Environment")


@each
def test_it_is_silent_where_it_is_kept(case: Case) -> None:
    chosen = case.context if case.kept_context is None else case.kept_context
    found = judge(plan(*case.kept), context(**chosen)).findings
    assert [one for one in found if one.rule == case.rule] == []


def test_every_rule_has_a_case_and_a_severity() -> None:
    ids = [rule.id for rule in RULES]
    assert len(set(ids)) == len(ids)
    assert set(ids) == {case.rule for case in CASES} == set(published_policy().severities)


def test_every_rule_speaks_both_languages_and_says_what_to_do() -> None:
    for rule in RULES:
        assert re.fullmatch(r"GR-[A-Z0-9]{2,6}-\d{3}", rule.id)
        for zh, en in ((rule.zh, rule.en), (rule.remedy_zh, rule.remedy_en)):
            assert re.search("[\u4e00-\u9fff]", zh), rule.id
            assert en.isascii(), rule.id


def test_the_strictest_severity_that_applies_counts() -> None:
    policy = published_policy()
    extranet, two = Zone.EXTRANET, Protection.LEVEL_2
    assert policy.severity("GR-TLS-002", extranet, two) is Severity.WARN
    assert policy.severity("GR-TLS-002", Zone.INTERNET, two) is Severity.BLOCK
    assert policy.severity("GR-TLS-002", extranet, Protection.LEVEL_3) is Severity.BLOCK
    assert policy.severity("GR-TLS-002", None, None) is Severity.WARN
    assert policy.severity("GR-NEW-001", None, None) is Severity.BLOCK


def test_what_the_plan_leaves_as_it_was_warns_and_never_blocks() -> None:
    before = judge(plan(step("Bucket", "b", Operation.SAME, block_public_access=False)), context())
    assert {(one.rule, one.severity, one.untouched) for one in before.findings if one.rule == "GR-S3-001"} == {
        ("GR-S3-001", Severity.WARN, True)
    }
    changed = judge(plan(step("Bucket", "b", Operation.UPDATE, {}, block_public_access=False)), context())
    assert "GR-S3-001" in {one.rule for one in changed.blocking}


def test_a_record_that_the_plan_takes_away_blocks_although_the_network_stays() -> None:
    three = context(protection=Protection.LEVEL_3)
    network = step("Vpc", "net", Operation.SAME, cidr_block="10.0.0.0/24")
    assert "GR-LEVEL-001" not in {one.rule for one in judge(plan(network), three).blocking}
    gone = step("FlowLog", "log", Operation.DELETE, {"traffic_type": "ALL"})
    assert "GR-LEVEL-001" in {one.rule for one in judge(plan(network, gone), three).blocking}


def test_what_the_first_baseline_has_no_words_for_only_warns() -> None:
    network = step("Vpc", "net", cidr_block="10.0.0.0/24")
    for baseline, blocks in ((Baseline.FIRST, False), (Baseline.SECOND, True)):
        judged = judge(plan(network), context(protection=Protection.LEVEL_3, baseline=baseline))
        assert "GR-LEVEL-001" in {one.rule for one in judged.findings}
        assert ("GR-LEVEL-001" in {one.rule for one in judged.blocking}) is blocks


def test_what_serves_every_tenant_is_judged_without_zone_level_and_payer() -> None:
    from infra.guardrails import Context

    shared = Context(policy=published_policy())
    found = judge(plan(step("InternetGateway", tags={}), step("Vpc", tags={})), shared)
    assert {one.rule for one in found.findings} == {"GR-LEVEL-001"}


def test_an_unknown_rule_is_told_its_neighbours() -> None:
    assert rule_named("GR-S3-001").exemptible
    with pytest.raises(NoSuchRule, match="GR-S3-002"):
        rule_named("GR-S3-999")
