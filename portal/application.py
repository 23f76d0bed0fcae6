"""The web application: its paths and what they answer."""

from __future__ import annotations

import ipaddress
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from importlib.resources import files
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.exceptions import HTTPException

from portal.guarding import Guard
from portal.page import health_page
from wiring.health import Health, not_ready, read_health

if TYPE_CHECKING:
    from wiring.application import Application

LOOKING = ["GET", "HEAD"]
_FRESH_SECONDS = 2.0
"""A look at the records serves everybody who asks within this time: reloading the page costs the database nothing."""


def make_application(opened: Application, metrics: CollectorRegistry) -> FastAPI:
    """The application over one installation."""
    web = FastAPI(title="Guanyun", docs_url=None, redoc_url=None, openapi_url=None)
    look = _Fresh(lambda: read_health(opened))
    style = files("portal").joinpath("style.css").read_bytes()

    @web.api_route("/", methods=LOOKING, response_class=HTMLResponse)
    def health() -> HTMLResponse:
        found = look()
        return HTMLResponse(health_page(found), status_code=200 if found.away is None else 503)

    @web.api_route("/style.css", methods=LOOKING)
    def stylesheet() -> Response:
        return Response(style, media_type="text/css; charset=utf-8")

    @web.api_route("/live", methods=LOOKING)
    def live() -> JSONResponse:
        return JSONResponse({"live": True})

    @web.api_route("/ready", methods=LOOKING)
    def ready() -> JSONResponse:
        reasons = [asdict(reason) for reason in not_ready(opened)]
        return JSONResponse({"ready": not reasons, "reasons": reasons}, status_code=503 if reasons else 200)

    @web.api_route("/metrics", methods=LOOKING)
    def told(request: Request) -> Response:
        if not from_this_machine(request):
            raise HTTPException(403)
        return Response(generate_latest(metrics), media_type=CONTENT_TYPE_LATEST)

    @web.exception_handler(HTTPException)
    def refused(request: Request, error: HTTPException) -> JSONResponse:
        zh, en = _WORDS.get(error.status_code, ("无法回答", "there is no answer to that"))
        return JSONResponse({"zh": zh, "en": en}, status_code=error.status_code)

    web.add_middleware(Guard, ids=opened.office.ids)
    return web


_WORDS = {
    403: ("只能从本机查看", "only this machine may see this"),
    404: ("没有这个页面", "there is no such page"),
}


def from_this_machine(request: Request) -> bool:
    """Whether the peer is on loopback; without a peer (a socket file) it is."""
    if request.client is None:
        return True
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False


class _Fresh:
    """The last look, taken again when it is older than ``_FRESH_SECONDS``; one at a time."""

    def __init__(self, look: Callable[[], Health]) -> None:
        self._look = look
        self._lock = threading.Lock()
        self._found: Health | None = None
        self._until = 0.0

    def __call__(self) -> Health:
        with self._lock:
            if self._found is None or time.monotonic() > self._until:
                self._found = self._look()
                self._until = time.monotonic() + _FRESH_SECONDS
            return self._found
