"""The web application as its callers see it: probes, metrics, ids, limits, headers, and no traceback to anybody."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog
from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

import governance.calendar.tables
import portal.application
from foundation.store import Store, metadata
from foundation.work.metrics import registry
from portal.application import make_application
from portal.guarding import MOST_BYTES, Guard
from wiring.application import Application
from wiring.database import HEAD
from wiring.processes.watching import watched
from wiring.settings import Settings
from wiring.tables import gather

gather()
assert governance.calendar.tables.working_year_table.metadata is metadata


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def ask(
    web: Any,
    path: str = "/",
    *,
    method: str = "GET",
    headers: tuple[tuple[str, str], ...] = (),
    body: bytes = b"",
    peer: str | None = "127.0.0.1",
    query: bytes = b"",
) -> Answer:
    """One request, without a server."""
    sent: list[dict[str, Any]] = []
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query,
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers],
        "client": None if peer is None else (peer, 4711),
        "server": ("127.0.0.1", 80),
    }
    chunks = [body[at : at + 4096] for at in range(0, len(body), 4096)] or [b""]

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": chunks.pop(0), "more_body": bool(chunks)}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(web(scope, receive, send))
    start = sent[0]
    return Answer(
        start["status"],
        {name.decode().lower(): value.decode() for name, value in start["headers"]},
        b"".join(message.get("body", b"") for message in sent[1:]),
    )


@pytest.fixture
def opened(store: Store, tmp_path: Path) -> Application:
    """An installation at this program's schema."""
    with store.transaction() as transaction:
        transaction.write(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        transaction.write(text("INSERT INTO alembic_version VALUES (:head)").bindparams(head=HEAD))
    return Application(Settings(home=tmp_path, session=tmp_path / "session"), store)


@pytest.fixture
def web(opened: Application) -> Iterator[FastAPI]:
    """The application over it; what it logs is kept from the terminal."""
    with structlog.testing.capture_logs():
        yield make_application(opened, registry(watched(opened)))


def test_the_page_answers_without_a_login_and_needs_nothing_from_elsewhere(web: FastAPI) -> None:
    answer = ask(web)
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "没有执行进程在运行" in answer.body.decode()
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert ask(web, "/style.css").headers["content-type"] == "text/css; charset=utf-8"


def test_it_is_live_and_ready(web: FastAPI) -> None:
    assert ask(web, "/live").json == {"live": True}
    assert ask(web, "/ready").json == {"ready": True, "reasons": []}


def test_an_older_database_is_not_ready_and_says_what_to_do(web: FastAPI, opened: Application) -> None:
    with opened.store.transaction() as transaction:
        transaction.write(text("UPDATE alembic_version SET version_num = '0000'"))
    answer = ask(web, "/ready")
    assert answer.status == 503
    assert answer.json["reasons"][0]["code"] == "store.not-migrated"
    assert "guanyun database upgrade" in answer.json["reasons"][0]["zh"]
    page = ask(web)
    assert page.status == 503
    assert "guanyun database upgrade" in page.body.decode()


def test_metrics_are_for_this_machine_alone(web: FastAPI) -> None:
    told = ask(web, "/metrics")
    assert told.status == 200
    assert "guanyun_build_info" in told.body.decode()
    assert list(text_string_to_metric_families(told.body.decode()))
    assert ask(web, "/metrics", peer="::1").status == 200
    assert ask(web, "/metrics", peer="192.0.2.7").status == 403
    assert ask(web, "/metrics", peer="192.0.2.7", headers=(("X-Forwarded-For", "127.0.0.1"),)).status == 403


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE", "OPTIONS", "NONSENSE"])
def test_only_looking_is_allowed(web: FastAPI, method: str) -> None:
    answer = ask(web, method=method)
    assert answer.status == 405
    assert answer.headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize("path", ["/", "/live", "/ready", "/metrics"])
def test_head_is_looking(web: FastAPI, path: str) -> None:
    assert ask(web, path, method="HEAD").status == 200


def test_a_large_request_is_refused_by_what_it_says_and_by_what_it_is(opened: Application) -> None:
    read = bytearray()

    async def reads(scope: Any, receive: Any, send: Any) -> None:
        while (message := await receive()) and message.get("more_body"):
            read.extend(message["body"])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    guarded = Guard(reads, ids=opened.office.ids)
    with structlog.testing.capture_logs():
        assert ask(guarded, headers=(("Content-Length", str(MOST_BYTES + 1)),)).status == 413
        assert ask(guarded, headers=(("Content-Length", "-1"),)).status == 413
        assert ask(guarded, body=b"x" * (MOST_BYTES + 1)).status == 413
        assert ask(guarded, query=b"q" * 3000).status == 414
    assert len(read) <= MOST_BYTES


def test_a_plain_request_id_is_kept_and_any_other_replaced(web: FastAPI) -> None:
    assert ask(web, "/live", headers=(("X-Request-Id", "abc-12345678"),)).headers["x-request-id"] == "abc-12345678"
    for wrong in ("short", "x" * 65, "with space 123", 'quote"12345678', "分布式追踪编号"):
        made = ask(web, "/live", headers=(("X-Request-Id", wrong),)).headers["x-request-id"]
        assert made.startswith("request_")


def test_a_defect_is_told_without_a_traceback_and_logged_under_its_request(
    opened: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(application: Application) -> None:
        raise RuntimeError("secret inside")

    monkeypatch.setattr(portal.application, "read_health", breaks)
    web = make_application(opened, registry(watched(opened)))
    structlog.contextvars.clear_contextvars()
    with structlog.testing.capture_logs(processors=[structlog.contextvars.merge_contextvars]) as logged:
        answer = ask(web)
    assert answer.status == 500
    assert "secret inside" not in answer.body.decode()
    assert "Traceback" not in answer.body.decode()
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.json["request"] == answer.headers["x-request-id"]
    defects = [each for each in logged if each["event"] == "portal.defect"]
    assert [each["request"] for each in defects] == [answer.headers["x-request-id"]]


@pytest.mark.parametrize(
    "path", ["/", "/live", "/ready", "/metrics", "/nothing", "/style.css", "/docs", "/openapi.json"]
)
def test_every_answer_carries_the_headers_that_protect_it(web: FastAPI, path: str) -> None:
    answer = ask(web, path)
    assert answer.status == (404 if path in {"/nothing", "/docs", "/openapi.json"} else 200)
    assert {"x-content-type-options", "x-frame-options", "referrer-policy", "content-security-policy"} <= set(
        answer.headers
    )
    assert answer.headers["cache-control"] == "no-store"
    assert "server" not in answer.headers


def test_many_reloads_are_one_look_at_the_records(opened: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[Application] = []
    real = portal.application.read_health

    def counted(application: Application) -> Any:
        looks.append(application)
        return real(application)

    monkeypatch.setattr(portal.application, "read_health", counted)
    web = make_application(opened, registry(watched(opened)))
    with structlog.testing.capture_logs():
        for _ in range(5):
            ask(web)
    assert len(looks) == 1
