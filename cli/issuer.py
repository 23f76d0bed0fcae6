"""The round to the issuer of unified identities: a browser goes there and comes back to a port of this machine."""

from __future__ import annotations

import html
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from cli.output import say

if TYPE_CHECKING:
    from governance.logins.rounds import Proved
    from wiring.application import Application

PATIENCE = 300
"""Seconds somebody has to log in at the issuer."""

_PATH = "/guanyun"


def prove_identity(opened: Application) -> Proved:
    """Send a browser to the issuer and wait until it comes back: who the issuer says it is.

    Raises ``IssuerNotSet``, ``IssuerAway``, ``IssuerWrong``, ``LoginAbandoned``.
    """
    from governance.authority import round_begun, round_returned
    from governance.logins.issuer import IssuerClient, begin_round
    from wiring.logins import issuer, random_bytes

    client = IssuerClient(issuer(opened.settings))
    try:
        with _Return(("127.0.0.1", opened.settings.oidc_port), _Returned) as listening:
            redirect = f"http://127.0.0.1:{listening.server_port}{_PATH}"
            round_ = begin_round(client.issuer, client.endpoints(), redirect, random_bytes)
            round_begun(opened.office, round_)
            _open(round_.address)
            answer = listening.wait(PATIENCE)
        round_returned(opened.office, round_)
        return client.redeem(round_, answer, now=opened.office.clocks.real())
    finally:
        client.close()


def _open(address: str) -> None:
    import webbrowser

    say(f"请在浏览器中登录:{address}", f"log in with a browser: {address}")
    webbrowser.open(address)


class _Return(HTTPServer):
    """Waits for one browser to come back."""

    answer: dict[str, str] | None = None

    def wait(self, seconds: int) -> dict[str, str]:
        from governance.logins.errors import LoginAbandoned

        end = time.monotonic() + seconds
        while self.answer is None:
            self.timeout = end - time.monotonic()
            if self.timeout <= 0:
                raise LoginAbandoned(seconds=seconds)
            self.handle_request()
        return self.answer


class _Returned(BaseHTTPRequestHandler):
    server: _Return
    timeout = 5

    def do_GET(self) -> None:
        """The browser came back, or something else asks for something else."""
        parts = urlsplit(self.path)
        found = parts.path == _PATH and bool(parts.query)
        if found:
            self.server.answer = dict(parse_qsl(parts.query))
        words = "可以关闭此页,回到命令行。You may close this page." if found else "没有此页 not here"
        body = f"<!doctype html><meta charset=utf-8><p>{html.escape(words)}</p>".encode()
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Referrer-Policy", "no-referrer")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing: the address holds the code."""
