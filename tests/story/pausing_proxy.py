"""An HTTP proxy before the sandbox which holds one chosen call, so that a test can kill at an exact point.

Every other request passes. A held request whose client has died meanwhile is dropped, on whichever side it was held:
what was held before the cloud then never reaches it, as if the client had died before it sent the call.
"""

from __future__ import annotations

import http.client
import re
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

_MADE = re.compile(rb"<(?:vpcId|RoleName)>([^<]+)<")
"""What the answer to a create calls the thing it made."""
_HOP = frozenset({"content-length", "transfer-encoding", "connection"})
_LONGEST_HOLD_SECONDS = 120.0


class Side(StrEnum):
    """Where the call is held."""

    BEFORE_THE_CALL = "before the AWS call"
    BEFORE_THE_ANSWER = "after the AWS call, before its answer"
    AFTER_THE_ANSWER = "after the answer: at the next call about what was made"


@dataclass
class Held:
    """The one call that is held: the first with ``action``, at ``side``."""

    action: str
    side: Side
    made: bytes = b""
    _reached: threading.Event = field(default_factory=threading.Event)
    _released: threading.Event = field(default_factory=threading.Event)
    _first: threading.Lock = field(default_factory=threading.Lock)

    @property
    def reached(self) -> bool:
        """Whether the call has been held."""
        return self._reached.is_set()

    def release(self) -> None:
        """Let it go on."""
        self._released.set()

    def before(self, body: bytes) -> bool:
        """Hold a request on its way to the cloud, if it is the one; whether it was."""
        if self.side is Side.BEFORE_THE_CALL and self._asks(body):
            return self._hold()
        return self.side is Side.AFTER_THE_ANSWER and self.made != b"" and self.made in body and self._hold()

    def after(self, body: bytes, answer: bytes) -> bool:
        """Hold an answer on its way back, if it is the one; whether it was."""
        if self.side is Side.BEFORE_THE_ANSWER and self._asks(body):
            return self._hold()
        return False

    def passed(self, body: bytes, answer: bytes) -> None:
        """An answer is about to be handed on: remember what the create made."""
        found = _MADE.search(answer)
        if self._asks(body) and found is not None and not self.made:
            self.made = found[1]

    def _asks(self, body: bytes) -> bool:
        return f"Action={self.action}&".encode() in body + b"&"

    def _hold(self) -> bool:
        if not self._first.acquire(blocking=False):
            return False
        self._reached.set()
        self._released.wait(_LONGEST_HOLD_SECONDS)
        return True


@dataclass
class PausingProxy:
    """``endpoint`` is where the provider shall call; ``hold`` chooses the call to hold."""

    upstream: str
    endpoint: str = ""
    held: Held | None = None
    _underway: int = 0
    _counting: threading.Lock = field(default_factory=threading.Lock)

    def hold(self, action: str, side: Side) -> Held:
        """Hold the first call of an action; one at a time."""
        self.held = Held(action, side)
        return self.held

    @property
    def idle(self) -> bool:
        """Whether no request is under way."""
        with self._counting:
            return self._underway == 0

    @contextmanager
    def request(self) -> Iterator[None]:
        """One request passes through."""
        with self._counting:
            self._underway += 1
        try:
            yield
        finally:
            with self._counting:
                self._underway -= 1


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    proxy: PausingProxy

    def pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        # A client that dies while it is answered is what these tests are about.
        with self.proxy.request(), suppress(ConnectionError):
            self._pass_on(body)

    def _pass_on(self, body: bytes) -> None:
        held = self.proxy.held
        if held is not None and held.before(body) and self._client_is_gone():
            return
        upstream = urlsplit(self.proxy.upstream)
        cloud = http.client.HTTPConnection(str(upstream.hostname), upstream.port)
        try:
            cloud.request(self.command, self.path, body, dict(self.headers.items()))
            answer = cloud.getresponse()
            content = answer.read()
        finally:
            cloud.close()
        if held is not None:
            if held.after(body, content) and self._client_is_gone():
                return
            held.passed(body, content)
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in _HOP:
                self.send_header(name, value)
        length = answer.getheader("Content-Length") if self.command == "HEAD" else None
        self.send_header("Content-Length", length or str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _client_is_gone(self) -> bool:
        try:
            self.close_connection = self.connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
        except BlockingIOError:
            return False
        except ConnectionError:
            self.close_connection = True
        return self.close_connection

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = pass_on  # noqa: N815 - the names http.server calls

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """A request is no news."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that was killed is no news; anything else is."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


@contextmanager
def pausing_proxy(upstream: str) -> Iterator[PausingProxy]:
    """A proxy on loopback for as long as the block lasts; at its end what is held is let go."""
    proxy = PausingProxy(upstream)
    handler = type("Handler", (_Handler,), {"proxy": proxy})
    server = _Server(("127.0.0.1", 0), handler)
    proxy.endpoint = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        if proxy.held is not None:
            proxy.held.release()
        server.shutdown()
        server.server_close()
        thread.join()
