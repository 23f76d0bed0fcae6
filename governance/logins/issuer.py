"""The issuer of unified identities (OpenID Connect): one round there and back, and what its answer must be.

Authorization code with PKCE. The answer counts only if a key the issuer publishes signed it, for us, now, and for
this very round. HTTP goes to the issuer alone, without following anything.
"""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx2
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from governance.logins.errors import IssuerAway, IssuerWrong
from governance.logins.rounds import Proved, Round
from governance.logins.secrets import Randomness

ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519"})
"""Signatures with a private key only: never ``none``, and never a secret that the public key could be taken for."""

LEEWAY = 60
"""Seconds by which the issuer's clock and ours may differ."""

_LARGEST = 2**20
_TIMEOUT = 10
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_PUBLIC_KINDS = frozenset({"RSA", "EC", "OKP"})


@dataclass(frozen=True, slots=True)
class Issuer:
    """The issuer at ``address``, where we are ``client``; ``secret`` is empty for a public client."""

    address: str
    client: str
    secret: str = field(default="", repr=False)
    scopes: tuple[str, ...] = ("openid",)


@dataclass(frozen=True, slots=True)
class Endpoints:
    """What the issuer says of itself."""

    authorization: str
    token: str
    keys: str
    algorithms: frozenset[str]


def begin_round(issuer: Issuer, endpoints: Endpoints, redirect: str, randomness: Randomness) -> Round:
    """Begin a round that comes back to ``redirect``."""
    state, nonce, verifier = (_text(randomness(32)) for _ in range(3))
    asked = {
        "response_type": "code",
        "client_id": issuer.client,
        "redirect_uri": redirect,
        "scope": " ".join(issuer.scopes),
        "state": state,
        "nonce": nonce,
        "code_challenge": _text(sha256(verifier.encode()).digest()),
        "code_challenge_method": "S256",
    }
    joint = "&" if urlsplit(endpoints.authorization).query else "?"
    return Round(state, nonce, verifier, redirect, f"{endpoints.authorization}{joint}{urlencode(asked)}")


class IssuerClient:
    """Talks to one issuer. What it says of itself and its keys are kept; an unknown key is looked for once more."""

    def __init__(self, issuer: Issuer) -> None:
        _check_address(issuer.address)
        self.issuer = issuer
        self._http = httpx2.Client(timeout=_TIMEOUT, follow_redirects=False, trust_env=False)
        self._endpoints: Endpoints | None = None
        self._keys: KeySet | None = None

    def close(self) -> None:
        """Give back the connections."""
        self._http.close()

    def endpoints(self) -> Endpoints:
        """What the issuer says of itself. Raises ``IssuerAway``, ``IssuerWrong``."""
        if self._endpoints is None:
            told = self._get(f"{self.issuer.address.rstrip('/')}/.well-known/openid-configuration")
            if told.get("issuer") != self.issuer.address:
                raise IssuerWrong(because_zh="自称的地址与配置不符", because_en="it calls itself by another address")
            try:
                authorization, token, keys = (
                    str(told[name]) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")
                )
            except KeyError as missing:
                raise IssuerWrong(because_zh=f"缺少 {missing}", because_en=f"it does not say {missing}") from None
            for address in (authorization, token, keys):
                _check_address(address)
            offered = told.get("id_token_signing_alg_values_supported", ["RS256"])
            self._endpoints = Endpoints(authorization, token, keys, ALGORITHMS & frozenset(map(str, offered)))
        return self._endpoints

    def redeem(self, round_: Round, answer: Mapping[str, str], *, now: datetime) -> Proved:
        """Turn what the browser brought back into who came. Raises ``IssuerAway``, ``IssuerWrong``."""
        check_return(self.issuer, round_, answer)
        form = {
            "grant_type": "authorization_code",
            "code": answer["code"],
            "redirect_uri": round_.redirect,
            "code_verifier": round_.verifier,
            "client_id": self.issuer.client,
        }
        known = httpx2.BasicAuth(self.issuer.client, self.issuer.secret) if self.issuer.secret else None
        told = self._ask("POST", self.endpoints().token, data=form, **({"auth": known} if known else {}))
        token = told.get("id_token")
        if not isinstance(token, str):
            raise IssuerWrong(because_zh="没有身份令牌", because_en="there is no identity token")
        return self._checked(token, round_.nonce, now)

    def _checked(self, token: str, nonce: str, now: datetime) -> Proved:
        arguments = (self.issuer, self.endpoints().algorithms, token)
        try:
            return check_token(*arguments, keys=self._published(), nonce=nonce, now=now)
        except InvalidKeyIdError:  # the issuer may have changed its keys since we looked
            self._keys = None
        try:
            return check_token(*arguments, keys=self._published(), nonce=nonce, now=now)
        except InvalidKeyIdError:
            raise IssuerWrong(because_zh="签名的密钥未公布", because_en="its key is not published") from None

    def _published(self) -> KeySet:
        if self._keys is None:
            self._keys = read_keys(self._get(self.endpoints().keys))
        return self._keys

    def _get(self, address: str) -> Mapping[str, Any]:
        return self._ask("GET", address)

    def _ask(self, method: str, address: str, **more: Any) -> Mapping[str, Any]:
        try:
            with self._http.stream(method, address, headers={"Accept": "application/json"}, **more) as response:
                content = b""
                for piece in response.iter_bytes():
                    content += piece
                    if len(content) > _LARGEST:
                        raise IssuerWrong(because_zh="应答过大", because_en="the answer is too large")
                status = response.status_code
        except httpx2.HTTPError as error:
            raise IssuerAway(issuer=self.issuer.address, reason=type(error).__name__) from None
        if status >= 500:
            raise IssuerAway(issuer=self.issuer.address, reason=f"HTTP {status}")
        try:
            told = json.loads(content)
        except ValueError:
            told = None
        if status != 200:
            said = str(told.get("error", "")) if isinstance(told, dict) else ""
            reason = said if said.replace("_", "").isalnum() and len(said) < 60 else f"HTTP {status}"
            raise IssuerWrong(because_zh=f"被拒绝:{reason}", because_en=f"it refuses: {reason}")
        if not isinstance(told, dict):
            raise IssuerWrong(because_zh="应答不是 JSON 对象", because_en="the answer is no JSON object")
        return told


def read_keys(document: Mapping[str, Any]) -> KeySet:
    """The public signing keys of a JWKS document; whatever else it holds is left out."""
    listed = document.get("keys")
    if not isinstance(listed, list):
        raise IssuerWrong(because_zh="没有公布密钥", because_en="it publishes no keys")
    wanted = [
        {name: value for name, value in key.items() if name not in {"d", "p", "q", "dp", "dq", "qi", "key_ops"}}
        for key in listed
        if isinstance(key, dict) and key.get("kty") in _PUBLIC_KINDS and key.get("use", "sig") == "sig"
    ]
    try:
        return KeySet.import_key_set({"keys": wanted})
    except (JoseError, ValueError, KeyError, TypeError):
        raise IssuerWrong(because_zh="公布的密钥无法读取", because_en="its keys cannot be read") from None


def check_return(issuer: Issuer, round_: Round, answer: Mapping[str, str]) -> None:
    """Whether the browser came back from this round. Raises ``IssuerWrong``."""
    if not hmac.compare_digest(answer.get("state", "").encode(), round_.state.encode()):
        raise IssuerWrong(because_zh="state 不符", because_en="the state is not this round's")
    if answer.get("iss", issuer.address) != issuer.address:
        raise IssuerWrong(because_zh="来自另一认证源", because_en="it comes from another issuer")
    if "error" in answer or not answer.get("code"):
        said = answer.get("error", "")
        reason = said if said.replace("_", "").isalnum() and len(said) < 60 else "no code"
        raise IssuerWrong(because_zh=f"未获许可:{reason}", because_en=f"not permitted: {reason}")


def check_token(
    issuer: Issuer, algorithms: frozenset[str], token: str, *, keys: KeySet, nonce: str, now: datetime
) -> Proved:
    """Who the identity token names, if it holds. Raises ``IssuerWrong``; ``InvalidKeyIdError`` for an unknown key."""
    rules = jwt.JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=LEEWAY,
        iss={"essential": True, "value": issuer.address},
        aud={"essential": True, "value": issuer.client},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": nonce},
    )
    try:
        decoded = jwt.decode(token, keys, algorithms=sorted(algorithms & ALGORITHMS))
        rules.validate(decoded.claims)
    except InvalidKeyIdError:
        raise
    except (JoseError, ValueError, TypeError, KeyError) as error:
        reason = f"{type(error).__name__}{_claim(error)}"
        raise IssuerWrong(because_zh=f"身份令牌不成立({reason})", because_en=f"its token ({reason})") from None
    claims = decoded.claims
    audience = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    if claims.get("azp", issuer.client) != issuer.client or (len(audience) > 1 and "azp" not in claims):
        raise IssuerWrong(because_zh="身份令牌签给别人", because_en="its token is made for somebody else")
    subject = claims["sub"]
    if not (isinstance(subject, str) and 1 <= len(subject) <= 255):
        raise IssuerWrong(because_zh="身份令牌没有主体", because_en="its token names nobody")
    methods = claims.get("amr", [])
    told = methods if isinstance(methods, list) else []
    return Proved(issuer.address, subject, frozenset(one for one in told if isinstance(one, str)))


def _claim(error: Exception) -> str:
    claim = getattr(error, "claim", None)
    return f": {claim}" if isinstance(claim, str) else ""


def _check_address(address: str) -> None:
    parts = urlsplit(address)
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme != "http" or parts.hostname not in _LOOPBACK:
        raise IssuerWrong(because_zh="地址须为 https", because_en="an address of it is not https")


def _text(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()
