"""Secrets of a plan: one key an agency, HMACs that are equal for equal secrets and open for nobody."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from infra.engine.errors import EngineFailed
from infra.engine.secrets import SecretMarks, ensure_agency_key, key_alias, provider_url
from infra.provider.errors import CloudRefused

DATA_KEY = bytes(range(32))


@dataclass
class KeyService:
    """Answers as the cloud's key service does; ``racing`` makes another run's key appear at the last moment."""

    keys: dict[str, str] = field(default_factory=dict)
    made: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    racing: bool = False
    asked: int = 0

    def call(self, service: str, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        assert service == "kms"
        self.asked += 1
        return getattr(self, operation)(**parameters)  # type: ignore[no-any-return]

    def DescribeKey(self, KeyId: str) -> dict[str, Any]:  # noqa: N802, N803
        if KeyId not in self.keys:
            raise CloudRefused(operation="DescribeKey", reason="NotFoundException", message="")
        return {"KeyMetadata": {"KeyId": self.keys[KeyId]}}

    def CreateKey(self, Description: str) -> dict[str, Any]:  # noqa: N802, N803
        self.made.append(f"key-{len(self.made)}")
        return {"KeyMetadata": {"KeyId": self.made[-1]}}

    def CreateAlias(self, AliasName: str, TargetKeyId: str) -> dict[str, Any]:  # noqa: N802, N803
        if self.racing:
            self.keys[AliasName] = "key-of-the-other-run"
            raise CloudRefused(operation="CreateAlias", reason="AlreadyExistsException", message="")
        self.keys[AliasName] = TargetKeyId
        return {}

    def ScheduleKeyDeletion(self, KeyId: str, PendingWindowInDays: int) -> dict[str, Any]:  # noqa: N802, N803
        self.deleted.append(KeyId)
        return {}

    def Decrypt(self, CiphertextBlob: bytes) -> dict[str, Any]:  # noqa: N802, N803
        assert CiphertextBlob == b"sealed"
        return {"Plaintext": DATA_KEY}


def sealed(text: str, nonce: bytes, key: bytes = DATA_KEY) -> str:
    body = AESGCM(key).encrypt(nonce, text.encode(), None)
    return f"v1:{base64.b64encode(nonce).decode()}:{base64.b64encode(body).decode()}"


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    path = tmp_path / "Pulumi.env.yaml"
    encrypted = base64.b64encode(b"sealed").decode()
    path.write_text(yaml.safe_dump({"secretsprovider": provider_url("key-0", "x"), "encryptedkey": encrypted}))
    return path


def test_an_agency_has_one_key_however_often_it_is_asked_for() -> None:
    service = KeyService()
    first = ensure_agency_key(service, "hrss")  # type: ignore[arg-type]
    assert ensure_agency_key(service, "hrss") == first == "key-0"  # type: ignore[arg-type]
    assert ensure_agency_key(service, "housing") == "key-1"  # type: ignore[arg-type]


def test_of_two_runs_that_make_the_key_at_once_one_wins_and_the_other_s_key_goes() -> None:
    service = KeyService(racing=True)
    assert ensure_agency_key(service, "hrss") == "key-of-the-other-run"  # type: ignore[arg-type]
    assert service.deleted == ["key-0"]


def test_an_agency_named_in_chinese_has_an_alias_the_service_accepts() -> None:
    alias = key_alias("市人力资源和社会保障局")
    assert alias.isascii()
    assert alias != key_alias("市住房和城乡建设局")
    assert key_alias("hrss") == "alias/guanyun/hrss"


def test_equal_secrets_have_equal_marks_whatever_their_encryption(settings: Path) -> None:
    marks = SecretMarks(settings, KeyService(), environment="env")  # type: ignore[arg-type]
    one, again = marks(sealed('"hush"', b"1" * 12)), marks(sealed('"hush"', b"2" * 12))
    assert one == again
    assert one != marks(sealed('"other"', b"1" * 12))
    assert "hush" not in one


def test_the_key_service_is_asked_once_and_only_when_there_is_a_secret(settings: Path) -> None:
    service = KeyService()
    marks = SecretMarks(settings, service, environment="env")  # type: ignore[arg-type]
    assert service.asked == 0
    marks(sealed("1", b"1" * 12))
    marks(sealed("2", b"1" * 12))
    assert service.asked == 1


@pytest.mark.parametrize("ciphertext", ["v1:short", "v1:!:!", sealed("x", b"1" * 12, key=b"0" * 32)])
def test_a_secret_that_does_not_open_is_refused(settings: Path, ciphertext: str) -> None:
    marks = SecretMarks(settings, KeyService(), environment="env")  # type: ignore[arg-type]
    with pytest.raises(EngineFailed):
        marks(ciphertext)


def test_another_kind_of_secrets_provider_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "Pulumi.env.yaml"
    path.write_text("encryptionsalt: v1:abc\n")
    with pytest.raises(EngineFailed):
        SecretMarks(path, KeyService(), environment="env")(sealed("x", b"1" * 12))  # type: ignore[arg-type]
