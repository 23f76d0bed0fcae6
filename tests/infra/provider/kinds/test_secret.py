from __future__ import annotations

import json
from typing import Any

import pytest

from infra.provider.checking import check
from infra.provider.clients import Clients
from infra.provider.kinds.secret import SECRET
from infra.provider.lifecycle import Lifecycle
from tests.infra.provider.kinds.example import Example
from tests.infra.provider.kinds.test_key import EXAMPLE as KEY

READABLE = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws-cn:iam::123456789012:root"},
            "Action": "secretsmanager:GetSecretValue",
            "Resource": "*",
        }
    ],
}

EXAMPLE = Example(
    kind=SECRET,
    needs={"key": KEY},
    create=lambda made: {
        "name": "database/admin",
        "value": "correct horse battery staple",
        "kms_key_id": made["key"].id,
        "description": "管理员口令",
        "tags": {"agency": "a"},
    },
    update=lambda made: {
        "name": "database/operator",
        "value": "another horse",
        "description": "操作员口令",  # the sandbox ignores an empty one
        "policy": json.dumps(READABLE),
        "force_destroy": True,
        "tags": {"agency": "b"},
    },
    replace=None,  # nothing of a secret needs another one
    secret=("value",),
)


class Life:
    """One secret in one environment, with what was asked of the cloud."""

    def __init__(self, clients: Clients, environment: str) -> None:
        self.clients, self.environment = clients, environment
        self.lifecycle = Lifecycle(clients, environment, "deployment-1")
        self.urn = f"urn:pulumi:{environment}::guanyun::{SECRET.type_name}::s"

    def inputs(self, **more: Any) -> dict[str, Any]:
        checked, failures = check(SECRET, {"name": "s", **more}, self.environment)
        assert not failures
        return checked

    def value(self, identity: str) -> str:
        asked = {"SecretId": identity, "VersionStage": "AWSCURRENT"}
        return str(self.clients.call("secretsmanager", "GetSecretValue", asked)["SecretString"])


@pytest.mark.real
def test_a_value_that_somebody_else_wrote_shows_and_is_put_back(clients: Clients) -> None:
    life = Life(clients, "env_secret_drift")
    inputs = life.inputs(value="ours")
    made = life.lifecycle.create(SECRET, life.urn, inputs)
    assert life.lifecycle.read(SECRET, made.id, made.properties) == made
    clients.call("secretsmanager", "PutSecretValue", {"SecretId": made.id, "SecretString": "theirs"})
    seen = life.lifecycle.read(SECRET, made.id, made.properties)
    assert seen is not None
    assert "value" not in seen.properties
    life.lifecycle.update(SECRET, life.urn, made.id, seen.properties, inputs)
    assert life.value(made.id) == "ours"


@pytest.mark.real
def test_a_value_goes_back_to_an_earlier_one(clients: Clients) -> None:
    life = Life(clients, "env_secret_back")
    made = life.lifecycle.create(SECRET, life.urn, life.inputs(value="first"))
    for value in ("second", "first"):
        made = life.lifecycle.update(SECRET, life.urn, made.id, made.properties, life.inputs(value=value))
        assert life.value(made.id) == value


@pytest.mark.real
def test_a_value_is_never_read(clients: Clients, monkeypatch: pytest.MonkeyPatch) -> None:
    life = Life(clients, "env_secret_unread")
    sent: list[str] = []
    call = Clients.call

    def listening(self: Clients, service: str, operation: str, parameters: Any) -> Any:
        sent.append(operation)
        return call(self, service, operation, parameters)

    monkeypatch.setattr(Clients, "call", listening)
    made = life.lifecycle.create(SECRET, life.urn, life.inputs(value="hidden"))
    life.lifecycle.read(SECRET, made.id, made.properties)
    life.lifecycle.update(SECRET, life.urn, made.id, made.properties, life.inputs(value="hidden too"))
    assert "PutSecretValue" in sent
    assert not [operation for operation in sent if "GetSecretValue" in operation]


@pytest.mark.real
def test_a_deleted_secret_can_be_called_back_unless_it_was_forced(clients: Clients) -> None:
    life = Life(clients, "env_secret_window")
    kept = life.lifecycle.create(SECRET, life.urn, life.inputs(value="kept", recovery_window_days=8))
    life.lifecycle.delete(SECRET, kept.id, kept.properties)
    assert life.lifecycle.read(SECRET, kept.id, kept.properties) is None
    clients.call("secretsmanager", "RestoreSecret", {"SecretId": kept.id})
    assert life.value(kept.id) == "kept"
    life.lifecycle.delete(SECRET, kept.id, {"force_destroy": True})
    with pytest.raises(Exception, match="ResourceNotFound"):
        life.value(kept.id)


@pytest.mark.parametrize("more", [{"recovery_window_days": 6}, {"recovery_window_days": 9, "force_destroy": True}])
def test_a_window_that_the_cloud_would_not_take_is_refused(more: dict[str, Any]) -> None:
    _, failures = check(SECRET, {"name": "s", **more}, "env")
    assert [failure.path for failure in failures] == ["recovery_window_days"]
