"""What every request goes through: an id, a limit on method and size, headers, and no traceback to anybody."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from typing import Any

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_log = structlog.get_logger("guanyun.portal")
MOST_BYTES = 64 * 1024
"""A request's body: nothing here takes one yet."""
METHODS = frozenset({"GET", "HEAD"})
_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")
_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    (
        b"content-security-policy",
        b"default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
        b"frame-ancestors 'none'",
    ),
)


class Guard:
    """ASGI middleware around the whole application."""

    def __init__(self, application: ASGIApp, *, ids: Callable[[str], str]) -> None:
        self._application = application
        self._ids = ids

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        request = self._request_id(scope["headers"])
        said = _Said(send, request)
        with structlog.contextvars.bound_contextvars(request=request):
            refused = _refusal(scope)
            if refused is not None:
                await said.tell(*refused)
            else:
                try:
                    await self._application(scope, _limited(receive), said.send)
                except _TooLarge:
                    await said.tell(413, "请求太大", "the request is too large")
                except Exception:
                    _log.exception("portal.defect", path=scope["path"])
                    await said.tell(500, "内部错误,详情在日志中", "an internal error; the log says more")
            level = _log.warning if said.status >= 500 else _log.info
            if said.status >= 400 or scope["path"] not in {"/live", "/ready", "/metrics"}:
                level("portal.answered", method=scope["method"], path=scope["path"][:200], status=said.status)

    def _request_id(self, headers: Iterable[tuple[bytes, bytes]]) -> str:
        """The caller's own id if it is a plain one, so that its log and ours can be laid side by side."""
        for name, value in headers:
            if name == b"x-request-id" and _ID.fullmatch(value):
                return value.decode("ascii")
        return self._ids("request")


class _Said:
    """The answer on its way out: its status is remembered, our headers stand on it."""

    def __init__(self, send: Send, request: str) -> None:
        self._send = send
        self._request = request
        self.status = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            own = {name for name, _ in _HEADERS} | {b"server"}
            kept = [(name, value) for name, value in message["headers"] if name.lower() not in own]
            message = {**message, "headers": [*kept, *_HEADERS, (b"x-request-id", self._request.encode())]}
        await self._send(message)

    async def tell(self, status: int, zh: str, en: str) -> None:
        """Our own short answer, unless the application has begun one."""
        if self.status:
            return
        body = json.dumps({"zh": zh, "en": en, "request": self._request}, ensure_ascii=False).encode() + b"\n"
        headers = [(b"content-type", b"application/json; charset=utf-8"), (b"content-length", str(len(body)).encode())]
        if status == 405:
            headers.append((b"allow", ", ".join(sorted(METHODS)).encode()))
        await self.send({"type": "http.response.start", "status": status, "headers": headers})
        await self.send({"type": "http.response.body", "body": body})


class _TooLarge(Exception):
    """The body grew over the limit while it was read."""


def _refusal(scope: Scope) -> tuple[int, str, str] | None:
    if scope["method"] not in METHODS:
        return 405, "此处只能查看", "this place only shows things"
    if len(scope["path"]) + len(scope["query_string"]) > 2000:
        return 414, "地址太长", "the address is too long"
    for name, value in scope["headers"]:
        if name == b"content-length" and not (value.isdigit() and int(value) <= MOST_BYTES):
            return 413, "请求太大", "the request is too large"
    return None


def _limited(receive: Receive) -> Receive:
    read = 0

    async def limited() -> Message:
        nonlocal read
        message: dict[str, Any] = dict(await receive())
        read += len(message.get("body", b""))
        if read > MOST_BYTES:
            raise _TooLarge
        return message

    return limited
