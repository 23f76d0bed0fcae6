"""How a request comes in and its answer goes out: many on one connection, without a log line each."""

from __future__ import annotations

import traceback
from http import HTTPStatus
from typing import Any

from moto.moto_server.werkzeug_app import MotoRequestHandler

_IDLE_SECONDS = 120
_OURS = frozenset({"content-length", "connection", "transfer-encoding"})


class QuickHandler(MotoRequestHandler):  # type: ignore[misc]
    """moto's handler, but that a connection stays and no full packet is waited for.

    werkzeug closes each connection, and waits for what an application may have left unread of a request.
    ``JournalledCloud`` takes every body whole and gives its answer in one piece, so the next request begins where
    this one ended.
    """

    disable_nagle_algorithm = True
    protocol_version = "HTTP/1.1"
    timeout = _IDLE_SECONDS

    def run_wsgi(self) -> None:
        """One request."""
        if self.headers.get("Expect", "").strip().lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        status, headers, body = self._answer(self.make_environ())
        code = int(status.partition(" ")[0])
        empty = self.command == "HEAD" or code in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)
        self.send_response(code, status.partition(" ")[2])
        for name, value in headers:
            if name.lower() not in _OURS or (empty and name.lower() == "content-length"):
                self.send_header(name, value)
        if not empty:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if not empty:
            self.wfile.write(body)
        self.wfile.flush()

    def _answer(self, environ: dict[str, Any]) -> tuple[str, list[tuple[str, str]], bytes]:
        said: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], _failure: object = None) -> None:
            said[:] = [status, headers]

        try:
            body = b"".join(self.server.app(environ, start_response))
        except Exception:
            # The sandbox lives on, and whoever looks into its log finds why.
            traceback.print_exc()
            return "500 Internal Server Error", [], b""
        status, headers = said
        return status, headers, body

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """A request is no news."""

    def log_error(self, format: str, *args: object) -> None:  # noqa: A002
        """Nor is a connection that nobody used for a while."""
