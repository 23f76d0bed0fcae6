"""What ended a run is told by the words of the provider and of the cloud."""

from __future__ import annotations

import pytest

from foundation.values.errors import GuanyunError
from infra.engine.errors import CloudAway, CredentialsEnded, EngineError, EngineFailed, PlanViolated, QuotaReached
from infra.engine.failing import failure_of
from infra.provider import errors as provider

SAID = {"operation": "RunInstances", "reason": "Odd", "message": "m"}


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (provider.CredentialsRefused(**SAID), CredentialsEnded),
        (provider.QuotaReached(**SAID), QuotaReached),
        (provider.CloudBroken(**SAID), CloudAway),
        (provider.AnswerLost(operation="CreateVpc", message="m"), CloudAway),
        (provider.CloudSilent(operation="CreateVpc", message="m"), CloudAway),
        (provider.CloudRefused(**SAID), EngineFailed),
        (provider.AlreadyThere(kind="Bucket", id="b"), EngineFailed),
    ],
)
def test_the_provider_s_error_is_known_by_its_code(error: GuanyunError, told: type[EngineError]) -> None:
    detail = f"Vpc env: {error.text('zh')} / {error.text('en')} [{error.code}]; update failed"
    assert failure_of(detail) is told
    raised = told(environment="env", action="apply", detail=detail)
    assert all(detail in raised.text(language) for language in ("zh", "en"))


def test_the_engine_s_own_calls_are_known_by_the_cloud_s_code() -> None:
    assert failure_of("error: kms: ExpiredTokenException: the token has expired") is CredentialsEnded
    assert failure_of("error: no such image") is EngineFailed


def test_a_step_outside_the_plan_is_told_as_such_unless_the_cloud_is_the_cause() -> None:
    outside = "resource urn:pulumi:env::guanyun::Vpc::env violates plan: create is not allowed"
    assert failure_of(outside) is PlanViolated
    assert failure_of(f"{outside}; [provider.quota-reached]") is QuotaReached
