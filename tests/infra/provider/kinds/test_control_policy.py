from __future__ import annotations

import json
from typing import Any

import pytest

from infra.provider.checking import check
from infra.provider.kinds.control_policy import CONTROL_POLICY
from tests.infra.provider.kinds.example import Example, Made
from tests.infra.provider.kinds.test_organizational_unit import unit


def document(*actions: str) -> str:
    statement = {
        "Effect": "Deny",
        "Action": list(actions),
        "Resource": "*",
        "Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws-cn:iam::*:role/guanyun-deployer"}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=4)


def inputs(made: Made, policy: str, *targets: str) -> dict[str, Any]:
    return {
        "name": f"trail {made.environment}",
        "policy": policy,
        "target_ids": [made[target].id for target in targets],
        "tags": {"guardrail": "trail"},
    }


EXAMPLE = Example(
    kind=CONTROL_POLICY,
    needs={"one": unit("one"), "two": unit("two"), "three": unit("three")},
    create=lambda made: {**inputs(made, document("cloudtrail:StopLogging"), "one", "two"), "description": "审计"},
    update=lambda made: {
        **inputs(made, document("cloudtrail:StopLogging", "cloudtrail:DeleteTrail"), "two", "three"),
        "name": f"trails {made.environment}",
        "description": "审计日志",
        "tags": {},
    },
    replace=None,  # everything of it changes in place
)


def failures(policy: str) -> list[Any]:
    return check(CONTROL_POLICY, {"name": "p", "policy": policy}, "env")[1]


@pytest.mark.parametrize(("characters", "refused"), [(5120, False), (5121, True)])
def test_the_limit_holds_for_the_text_as_it_is_sent(characters: int, refused: bool) -> None:
    def sent(length: int) -> str:
        return json.dumps({"Statement": [{"Action": "a" * length, "Effect": "Deny", "Resource": "*"}]}, indent=8)

    overhead = len(check(CONTROL_POLICY, {"name": "p", "policy": sent(0)}, "env")[0]["policy"])
    found = failures(sent(characters - overhead))
    assert [failure.path for failure in found] == (["policy"] if refused else [])


def test_a_policy_over_the_limit_says_by_how_much() -> None:
    (failure,) = failures(document(*(f"ec2:Action{number:04}" for number in range(400))))
    assert "5120" in failure.en
    assert "over the limit" in failure.en
    assert "超出上限" in failure.zh
