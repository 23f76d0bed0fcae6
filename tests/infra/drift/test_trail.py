"""Who and when from CloudTrail: against a server that speaks its protocol, and against a cloud that lacks it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from infra.drift import CloudTrail, TrailState
from infra.drift.trail import nearest
from infra.provider.clients import Clients

NOW = datetime(2026, 11, 1, 2, tzinfo=UTC)
SINCE = NOW - timedelta(days=3)
OWN = "arn:aws-cn:sts::123456789012:assumed-role/guanyun-operator/guanyun"
CONSOLE = "arn:aws-cn:iam::123456789012:user/li.si"


def event(
    name: str, *, minutes: int, arn: str = CONSOLE, read_only: bool = False, source: str = "192.0.2.7"
) -> dict[str, Any]:
    """As the service writes it; ``minutes`` before the look."""
    at = NOW - timedelta(minutes=minutes)
    told = {"userIdentity": {"type": "IAMUser", "arn": arn}, "sourceIPAddress": source, "eventName": name}
    return {
        "EventId": f"{name}-{minutes}",
        "EventName": name,
        "ReadOnly": str(read_only).lower(),
        "EventTime": at.timestamp(),
        "Username": arn.rpartition("/")[2],
        "CloudTrailEvent": json.dumps(told),
    }


@dataclass
class Stub:
    """The pages it answers with, what it was asked, and what it refuses with."""

    url: str = ""
    pages: list[list[dict[str, Any]]] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    refusal: str = ""

    def answer(self, target: str, body: bytes) -> tuple[int, bytes, str]:
        if not target:  # the query protocol: STS
            text = (
                '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
                f"<Arn>{OWN}</Arn><UserId>u</UserId><Account>123456789012</Account>"
                "</GetCallerIdentityResult></GetCallerIdentityResponse>"
            )
            return 200, text.encode(), "text/xml"
        kind = "application/x-amz-json-1.1"
        if self.refusal:
            return 400, json.dumps({"__type": self.refusal, "message": "no"}).encode(), kind
        assert target.endswith(".LookupEvents")
        asked = json.loads(body)
        self.asked.append(asked)
        page = int(asked.get("NextToken", "0"))
        found: dict[str, Any] = {"Events": self.pages[page]}
        if page + 1 < len(self.pages):
            found["NextToken"] = str(page + 1)
        return 200, json.dumps(found).encode(), kind


@pytest.fixture
def stub() -> Iterator[Stub]:
    made = Stub()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, said, kind = made.answer(self.headers.get("X-Amz-Target", ""), body)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    made.url = f"http://127.0.0.1:{server.server_address[1]}"
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


def trail(url: str) -> CloudTrail:
    return CloudTrail(Clients(endpoint=url, region="cn-north-1", access_key="a", secret_key="b"))


def test_the_nearest_write_of_somebody_else_is_named(stub: Stub) -> None:
    stub.pages = [
        [
            event("DescribeInstances", minutes=1, read_only=True),
            event("ModifyInstanceAttribute", minutes=5, arn=f"{OWN.rpartition('/')[0]}/another-session"),
            event("StopInstances", minutes=9),
            event("StartInstances", minutes=40, arn=CONSOLE.replace("li.si", "wang.wu")),
        ]
    ]
    who = trail(stub.url).who("i-1", ("", ""), since=SINCE, before=NOW)
    assert (who.state, who.person, who.event, who.source) == (TrailState.KNOWN, CONSOLE, "StopInstances", "192.0.2.7")
    assert who.at == NOW - timedelta(minutes=9)
    (asked,) = stub.asked
    assert asked["LookupAttributes"] == [{"AttributeKey": "ResourceName", "AttributeValue": "i-1"}]
    assert asked["StartTime"] == SINCE.timestamp()


def test_pages_are_asked_until_somebody_is_found(stub: Stub) -> None:
    reads = [event("DescribeInstances", minutes=one, read_only=True) for one in range(1, 4)]
    stub.pages = [reads, [event("StopInstances", minutes=9)], [event("StartInstances", minutes=99)]]
    assert trail(stub.url).who("i-1", ("", ""), since=SINCE, before=NOW).event == "StopInstances"
    assert len(stub.asked) == 2


def test_nobody_is_named_where_the_trail_names_nobody(stub: Stub) -> None:
    stub.pages = [[event("DescribeInstances", minutes=1, read_only=True)]]
    who = trail(stub.url).who("i-1", ("", ""), since=SINCE, before=NOW)
    assert (who.state, who.person, who.at) == (TrailState.NOTHING, "", None)


@pytest.mark.parametrize(
    ("refusal", "state"),
    [
        ("UnsupportedOperationException", TrailState.UNSUPPORTED),
        ("AccessDeniedException", TrailState.FAILED),
        ("ExpiredTokenException", TrailState.FAILED),
    ],
)
def test_a_trail_that_cannot_be_asked_says_so_and_names_nobody(stub: Stub, refusal: str, state: TrailState) -> None:
    stub.refusal = refusal
    who = trail(stub.url).who("i-1", ("", ""), since=SINCE, before=NOW)
    assert (who.state, who.person) == (state, "")
    assert who.note


def test_an_event_after_the_look_or_of_the_deployers_role_is_not_the_cause() -> None:
    after = {**event("StopInstances", minutes=-5)}
    role = {"userName": "guanyun-deployer"}
    identity = {"arn": "arn:aws:sts::1:assumed-role/x/y", "sessionContext": {"sessionIssuer": role}}
    ours = {**event("StopInstances", minutes=5), "CloudTrailEvent": json.dumps({"userIdentity": identity})}
    damaged = {**event("RunInstances", minutes=60), "CloudTrailEvent": "{"}
    every = [{**one, "EventTime": datetime.fromtimestamp(one["EventTime"], UTC)} for one in (after, ours, damaged)]
    who = nearest(every, own=OWN, before=NOW)
    # What the event itself cannot tell, its summary does.
    assert (who.event, who.person) == ("RunInstances", "li.si")


@pytest.mark.real
def test_the_sandbox_has_no_trail_and_that_is_said(clients: Clients) -> None:
    who = CloudTrail(clients).who("i-1", ("", ""), since=SINCE, before=NOW)
    assert (who.state, who.person) == (TrailState.UNSUPPORTED, "")
