"""The cloud's key service as the engine's secrets provider: one key an agency, one data key a stack.

The data key is the engine's: it lies encrypted in the stack's settings file, and only the cloud's key opens it.
"""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path
from urllib.parse import urlsplit

import yaml
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from foundation.evidence import keyed_hex
from infra.engine.errors import EngineFailed
from infra.provider.clients import Clients
from infra.provider.errors import CloudRefused

_ALIAS = re.compile(r"[A-Za-z0-9_-]{1,64}")
_PURPOSE = b"guanyun plan secrets 1"


def key_alias(agency: str) -> str:
    """The name the key service knows an agency's key by; an agency named otherwise than in ASCII by its digest."""
    short = agency if _ALIAS.fullmatch(agency) else hashlib.sha256(agency.encode()).hexdigest()[:32]
    return f"alias/guanyun/{short}"


def ensure_agency_key(clients: Clients, agency: str) -> str:
    """The id of an agency's key, made when there is none."""
    alias = key_alias(agency)
    found = _find_key(clients, alias)
    if found is not None:
        return found
    wanted = {"Description": f"Guanyun engine secrets of {alias}"}
    made = str(clients.call("kms", "CreateKey", wanted)["KeyMetadata"]["KeyId"])
    try:
        clients.call("kms", "CreateAlias", {"AliasName": alias, "TargetKeyId": made})
    except CloudRefused as refused:
        if refused.reason != "AlreadyExistsException":
            raise
        # Another run was faster: its key is the agency's, ours has never been used.
        clients.call("kms", "ScheduleKeyDeletion", {"KeyId": made, "PendingWindowInDays": 7})
        other = _find_key(clients, alias)
        if other is None:
            raise
        return other
    return made


def _find_key(clients: Clients, alias: str) -> str | None:
    try:
        return str(clients.call("kms", "DescribeKey", {"KeyId": alias})["KeyMetadata"]["KeyId"])
    except CloudRefused as refused:
        if refused.reason == "NotFoundException":
            return None
        raise


def provider_url(key: str, region: str) -> str:
    """The secrets provider as the engine's settings name it; the endpoint comes by ``AWS_ENDPOINT_URL``."""
    return f"awskms://{key}?region={region}&awssdk=v2"


class SecretMarks:
    """Gives each secret of a plan an HMAC, so that a digest covers it and nobody can guess it from the digest.

    The HMAC's key is derived from the stack's data key, which is asked from the cloud only when there is a secret.
    """

    def __init__(self, settings: Path, clients: Clients, *, environment: str) -> None:
        self._settings, self._clients, self._environment = settings, clients, environment
        self._key: bytes | None = None

    def __call__(self, ciphertext: str) -> str:
        """The HMAC of what ``v1:nonce:ciphertext`` encrypts."""
        key = self._data_key()
        try:
            version, nonce, sealed = ciphertext.split(":")
            opened = AESGCM(key).decrypt(base64.b64decode(nonce), base64.b64decode(sealed), None)
        except (ValueError, InvalidTag) as cause:
            raise self._failed("a secret of the plan does not open with the stack's key") from cause
        if version != "v1":
            raise self._failed(f"secrets of form {version}")
        return keyed_hex(bytes.fromhex(keyed_hex(key, _PURPOSE)), opened)

    def _data_key(self) -> bytes:
        if self._key is None:
            settings = yaml.safe_load(self._settings.read_text(encoding="utf-8"))
            if urlsplit(str(settings.get("secretsprovider"))).scheme != "awskms":
                raise self._failed(f"secrets provider {settings.get('secretsprovider')}")
            sealed = base64.b64decode(settings["encryptedkey"])
            key: bytes = self._clients.call("kms", "Decrypt", {"CiphertextBlob": sealed})["Plaintext"]
            self._key = key
        return self._key

    def _failed(self, detail: str) -> EngineFailed:
        return EngineFailed(environment=self._environment, action="plan", detail=detail)
