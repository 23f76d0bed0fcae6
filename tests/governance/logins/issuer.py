"""A small issuer of unified identities: Authlib's server, answering on loopback, that a test can make lie."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest
from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core.grants import OpenIDCode
from flask import Flask, Response, jsonify
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from werkzeug.serving import make_server

CLIENT, CLIENT_SECRET = "guanyun", "the-client-secret"

Twist = Callable[[dict[str, Any], dict[str, Any]], "str | None"]
"""Changes a token's header and claims before they are signed, or gives the whole token itself."""


@dataclass
class Issuer:
    """``subject`` is who logs in next. ``seen`` keeps every request to the token endpoint."""

    clock: Callable[[], datetime]
    subject: str = "citizen-1"
    methods: tuple[str, ...] = ()
    address: str = ""
    twist: Twist = lambda header, claims: None
    broken: int = 0
    says: dict[str, Any] = field(default_factory=dict)
    keys: list[RSAKey] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    key_requests: int = 0

    def rotate(self) -> RSAKey:
        """Sign with a new key from now on; the old ones are not published any more. Returns it."""
        key = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256", "kid": f"key-{len(self.seen)}-{id(object())}"})
        self.keys[:] = [key]
        return key

    def sign(self, header: dict[str, Any], claims: dict[str, Any]) -> str:
        """The token, as honest as the twist leaves it."""
        whole = self.twist(header, claims)
        return whole or jwt.encode(header, claims, self.keys[0], [header["alg"]])


class _Client:
    def __init__(self) -> None:
        self.client_id = CLIENT

    def get_client_id(self) -> str:
        return CLIENT

    def get_default_redirect_uri(self) -> None:
        return None

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, uri: str) -> bool:
        return uri.startswith("http://127.0.0.1:")

    def check_client_secret(self, secret: str) -> bool:
        return secret == CLIENT_SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "client_secret_basic"

    def check_response_type(self, kind: str) -> bool:
        return kind == "code"

    def check_grant_type(self, kind: str) -> bool:
        return kind == "authorization_code"


def _application(issuer: Issuer) -> Flask:  # noqa: C901 - one small site, with Authlib's classes in it
    site, codes = Flask("issuer"), {}

    class Grant(AuthorizationCodeGrant):
        TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic"]  # noqa: RUF012 - Authlib's own way

        def save_authorization_code(self, code: str, request: Any) -> Any:
            data = request.payload.data
            codes[code] = SimpleNamespace(
                code=code,
                client_id=CLIENT,
                code_challenge=data.get("code_challenge"),
                code_challenge_method=data.get("code_challenge_method"),
                get_redirect_uri=lambda: data.get("redirect_uri"),
                get_scope=lambda: data.get("scope"),
                get_nonce=lambda: data.get("nonce"),
                get_auth_time=lambda: None,
                get_acr=lambda: None,
                get_amr=lambda: list(issuer.methods) or None,
            )
            return codes[code]

        def query_authorization_code(self, code: str, client: Any) -> Any:
            return codes.get(code)

        def delete_authorization_code(self, code: Any) -> None:
            codes.pop(code.code)

        def authenticate_user(self, code: Any) -> Any:
            return SimpleNamespace(id=issuer.subject, get_user_id=lambda: issuer.subject)

    class Identity(OpenIDCode):
        def exists_nonce(self, nonce: str, request: Any) -> bool:
            return False

        def generate_user_info(self, user: Any, scope: str) -> dict[str, Any]:
            return {"sub": user.id}

        def get_client_claims(self, client: Any) -> dict[str, Any]:
            now = int(issuer.clock().timestamp())
            return {"iss": issuer.address, "aud": [CLIENT], "iat": now, "exp": now + 300, "auth_time": now}

        def encode_id_token(self, token: Any, request: Any) -> str:
            claims = self.get_compatible_claims(request)
            claims.update(self.get_authorization_code_claims(request.authorization_code))
            claims.update(self.generate_user_info(request.user, ""))
            return issuer.sign({"alg": "RS256", "kid": issuer.keys[0].kid}, claims)

    server = AuthorizationServer(site, lambda _: _Client(), lambda token, request: None)
    server.register_grant(Grant, [CodeChallenge(required=True), Identity(require_nonce=True)])

    @site.before_request
    def _broken() -> Response | None:
        return Response("down", status=issuer.broken) if issuer.broken else None

    @site.get("/.well-known/openid-configuration")
    def _discovery() -> Any:
        return jsonify(
            {
                "issuer": issuer.address,
                "authorization_endpoint": f"{issuer.address}/authorize",
                "token_endpoint": f"{issuer.address}/token",
                "jwks_uri": f"{issuer.address}/keys",
                "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
                **issuer.says,
            }
        )

    @site.get("/keys")
    def _keys() -> Any:
        issuer.key_requests += 1
        return jsonify(KeySet(list(issuer.keys)).as_dict(private=False))

    @site.get("/words")
    def _words() -> str:
        return "welcome"

    @site.get("/authorize")
    def _authorize() -> Any:
        user = SimpleNamespace(id=issuer.subject)
        return server.create_authorization_response(grant_user=user, grant=server.get_consent_grant(end_user=user))

    @site.post("/token")
    def _token() -> Any:
        from flask import request

        issuer.seen.append(str(request.form.get("code_verifier")))
        return server.create_token_response()

    return site


@contextmanager
def running(clock: Callable[[], datetime]) -> Iterator[Issuer]:
    """An issuer that answers as long as the block lasts."""
    issuer = Issuer(clock)
    issuer.rotate()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
        server = make_server("127.0.0.1", 0, _application(issuer), threaded=True)
        issuer.address = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield issuer
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


def with_secret(header: dict[str, Any], claims: dict[str, Any], secret: bytes) -> str:
    """A token signed with a shared secret, by hand: what an attacker makes of a public key."""
    parts = [_part(json.dumps(part).encode()) for part in ({**header, "alg": "HS256"}, claims)]
    signature = hmac.new(secret, ".".join(parts).encode(), hashlib.sha256).digest()
    return ".".join([*parts, _part(signature)])


def _part(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()
