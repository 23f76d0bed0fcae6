"""The worker's own answers on loopback: ``/live``, ``/ready``, ``/metrics``. Nothing else, and nothing but reading."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from http import HTTPStatus
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from wiring.health import Reason
from wiring.processes.errors import PortTaken

LOOPBACK = "127.0.0.1"


class _Server(ThreadingMixIn, WSGIServer):
    """A thread a request, none of which keeps the process alive."""

    daemon_threads = True

    def server_bind(self) -> None:
        """Without asking a name server who we are, as the standard one does."""
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        host, self.server_port = self.server_address[:2]
        self.server_name = str(host)
        self.setup_environ()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever asked has gone: no news."""


class _Handler(WSGIRequestHandler):
    timeout = 10  # seconds a client may take to say what it wants

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name it has there
        """A probe every few seconds is no news."""


def probes(ready: Callable[[], Sequence[Reason]], metrics: WSGIApplication) -> WSGIApplication:
    """The WSGI application of these three paths."""

    def answer(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if environ["REQUEST_METHOD"] not in {"GET", "HEAD"}:
            return _say(start, HTTPStatus.METHOD_NOT_ALLOWED, {"error": "method"}, ("Allow", "GET, HEAD"))
        if path == "/metrics":
            return metrics(environ, start)
        if path == "/live":
            return _say(start, HTTPStatus.OK, {"live": True})
        if path == "/ready":
            reasons = [asdict(reason) for reason in ready()]
            status = HTTPStatus.SERVICE_UNAVAILABLE if reasons else HTTPStatus.OK
            return _say(start, status, {"ready": not reasons, "reasons": reasons})
        return _say(start, HTTPStatus.NOT_FOUND, {"error": "path"})

    return answer


@contextmanager
def served(application: WSGIApplication, *, port: int, setting: str) -> Iterator[int]:
    """Serve on loopback while the block runs; gives the port. Raises ``PortTaken``."""
    try:
        server = _Server((LOOPBACK, port), _Handler)
    except OSError as cause:
        raise PortTaken(process="worker", host=LOOPBACK, port=port, setting=setting) from cause
    server.set_app(application)
    thread = threading.Thread(target=server.serve_forever, args=(1.0,), name="http", daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _say(
    start: StartResponse, status: HTTPStatus, content: dict[str, Any], *headers: tuple[str, str]
) -> Iterable[bytes]:
    body = json.dumps(content, ensure_ascii=False).encode() + b"\n"
    given = [("Content-Type", "application/json; charset=utf-8"), ("Content-Length", str(len(body))), *headers]
    start(f"{status.value} {status.phrase}", [*given, ("Cache-Control", "no-store")])
    return [body]
