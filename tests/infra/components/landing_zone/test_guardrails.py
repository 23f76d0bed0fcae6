"""Guardrail policies fit the cloud's limits, exempt the deployer, and say what they deny."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from governance.environments.landing_zone import Guardrail, RegionSpec
from governance.environments.landing_zone.model import Managed
from infra.components.errors import PolicyTooLong
from infra.components.landing_zone.guardrails import LONGEST, MOST, exempts, policies
from tests.infra.components.landing_zone.test_routes import example

ARCHIVE = "arn:aws-cn:s3:::archive"


def test_every_policy_fits_and_exempts_the_deployer() -> None:
    found = policies(example(), "aws-cn", ARCHIVE, Guardrail)
    assert 1 <= len(found) <= MOST
    assert all(len(policy) <= LONGEST and exempts(policy, "guanyun-deployer") for policy in found)


def test_every_guardrail_denies_something_of_its_own() -> None:
    said = [policies(example(), "aws-cn", ARCHIVE, [guardrail]) for guardrail in Guardrail]
    assert len(set(said)) == len(Guardrail)
    assert all(json.loads(one[0])["Statement"][0]["Effect"] == "Deny" for one in said)


def test_a_guardrail_that_the_spec_leaves_out_is_not_there() -> None:
    spec = replace(example(), guardrails=(Guardrail.STAY,))
    (policy,) = policies(spec, "aws", ARCHIVE, Guardrail)
    assert [one["Sid"] for one in json.loads(policy)["Statement"]] == ["StayInOrganisation"]


def test_only_applied_regions_are_approved() -> None:
    (policy,) = policies(example(), "aws-cn", ARCHIVE, [Guardrail.REGIONS])
    (statement,) = json.loads(policy)["Statement"]
    assert statement["Condition"]["StringNotEquals"] == {"aws:RequestedRegion": ["cn-north-1"]}


def test_a_policy_over_the_limit_is_refused_with_its_size() -> None:
    many = tuple(RegionSpec(f"region-{index:04}", "operator", "city", Managed.APPLIED) for index in range(400))
    with pytest.raises(PolicyTooLong) as refused:
        policies(replace(example(), regions=many), "aws-cn", ARCHIVE, [Guardrail.REGIONS])
    assert int(str(refused.value.facts["size"])) > LONGEST


def test_many_statements_become_several_policies() -> None:
    long = replace(example(), deployer_role="r" * 64)
    found = policies(long, "aws-us-gov", "arn:aws-us-gov:s3:::" + "a" * 2000, Guardrail)
    assert len(found) > 1
    assert all(len(policy) <= LONGEST for policy in found)
