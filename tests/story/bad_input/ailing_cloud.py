"""An HTTP proxy before the sandbox which answers in the cloud's place, as a cloud in trouble does.

A trouble takes one action or all of them, from its first meeting on for so many seconds; its answers are in the words
of the service that was asked (the query services' XML, the JSON of the others, a gateway's bare page).
"""

from __future__ import annotations

import http.client
import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

_SERVICE = re.compile(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/aws4_request")
_HOP = frozenset({"content-length", "transfer-encoding", "connection"})
FOREVER = float("inf")


@dataclass
class Trouble:
    """``status`` and ``code`` are the answer, a gateway's page for ``code`` ""; ``action`` "" takes every request."""

    status: int
    code: str
    action: str = ""
    seconds: float = FOREVER
    refused: int = 0
    _since: float | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def takes(self, asked: str) -> bool:
        """Whether this request meets it; the first one that does begins its time."""
        if self.action and self.action != asked:
            return False
        with self._lock:
            now = time.monotonic()
            if self._since is None:
                self._since = now
            met = now - self._since < self.seconds
            self.refused += met
            return met

    def answer(self, service: str) -> tuple[str, bytes]:
        """Content type and body."""
        said = f"{self.code}: the cloud is in trouble"
        if not self.code:
            return "text/html", f"<html><body><h1>{self.status} Internal Server Error</h1></body></html>".encode()
        if service in {"ec2", "iam", "sts", "rds", "s3", "elasticloadbalancing"}:
            told = f"<Code>{self.code}</Code><Message>{said}</Message>"
            bodies = {
                "ec2": f"<Response><Errors><Error>{told}</Error></Errors><RequestID>r</RequestID></Response>",
                "s3": f'<?xml version="1.0" encoding="UTF-8"?><Error>{told}<RequestId>r</RequestId></Error>',
            }
            otherwise = f"<ErrorResponse><Error>{told}</Error><RequestId>r</RequestId></ErrorResponse>"
            return "text/xml", bodies.get(service, otherwise).encode()
        return "application/x-amz-json-1.1", json.dumps({"__type": self.code, "message": said}).encode()


@dataclass
class AilingCloud:
    """``endpoint`` is where to call, ``asked`` every action so far."""

    upstream: str
    endpoint: str = ""
    troubles: list[Trouble] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def falls_ill(self, *troubles: Trouble) -> None:
        """These are its troubles now, and no others."""
        self.troubles = list(troubles)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    cloud: AilingCloud

    def pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        action = _action(body, self.headers.get("X-Amz-Target", ""))
        self.cloud.asked.append(action)
        with suppress(ConnectionError):
            for trouble in self.cloud.troubles:
                if trouble.takes(action):
                    found = _SERVICE.search(self.headers.get("Authorization", ""))
                    kind, content = trouble.answer(found[1] if found else "")
                    self._say(trouble.status, {"Content-Type": kind}, content)
                    return
            self._ask(body)

    def _ask(self, body: bytes) -> None:
        upstream = urlsplit(self.cloud.upstream)
        connection = http.client.HTTPConnection(str(upstream.hostname), upstream.port)
        try:
            connection.request(self.command, self.path, body, dict(self.headers.items()))
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        length = answer.getheader("Content-Length") if self.command == "HEAD" else None
        told = {name: value for name, value in answer.getheaders() if name.lower() not in _HOP}
        self._say(answer.status, told, content, length)

    def _say(self, status: int, headers: dict[str, str], content: bytes, length: str | None = None) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", length or str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = pass_on  # noqa: N815 - the names http.server calls

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """A request is no news."""


def _action(body: bytes, target: str) -> str:
    """What is asked for: the query services say it in the body, the JSON ones in a header, S3 not at all."""
    if target:
        return target.rpartition(".")[2]
    found = re.match(rb"(?:.*&)?Action=(\w+)", body)
    return found[1].decode() if found else ""


@contextmanager
def ailing_cloud(upstream: str) -> Iterator[AilingCloud]:
    """A proxy on loopback for as long as the block lasts, well until it falls ill."""
    cloud = AilingCloud(upstream)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"cloud": cloud}))
    server.daemon_threads = True
    cloud.endpoint = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield cloud
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
