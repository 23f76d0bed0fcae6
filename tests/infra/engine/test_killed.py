"""``kill -9`` of driver, engine and provider at four points, on a tagged and a named kind; then the resume steps.

A proxy before the sandbox makes the points: it holds the one call that creates the kind, before it reaches the cloud
or after, and tells the test. Afterwards the environment is complete, nothing is there twice, no lock is left and no
process runs.
"""

from __future__ import annotations

import dataclasses
import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from foundation.values.ids import random_ids
from governance.environments import EnvironmentSpec, spec_document
from infra.components import Placement
from infra.engine import AutomationEngine, ResumeContext, Unfinished, read_placement, resume
from infra.engine.processes import RunRecord
from infra.provider.clients import Clients
from infra.provider.sweep import sweep

pytestmark = pytest.mark.real

DRIVER = """
import json, sys
from pathlib import Path
from foundation.values.ids import random_ids
from governance.environments import spec_from_document
from infra.components.placement import placement_from_document
from infra.engine import AutomationEngine

told = json.loads(sys.stdin.read())
spec, _ = spec_from_document(told["spec"])
engine = AutomationEngine(
    Path(told["home"]), cloud=told["cloud"], placement=placement_from_document(told["placement"]), ids=random_ids
)
engine.apply(spec, approved=told["approved"], deployment=told["deployment"])
"""
CREATES = {"tagged": b"Action=CreateVpc&", "named": b"Action=CreateRole&"}
VICTIMS = ("driver", "engine", "provider")
POINTS = ("before-the-call", "before-the-answer", "before-the-state-write", "while-locked")
EVERY = [(victim, point, kind) for victim in VICTIMS for point in POINTS for kind in CREATES]
QUICK = {("engine", "before-the-answer", "tagged"), ("provider", "before-the-answer", "named")}
"""The rest are drills: ``tests/story/test_kills.py`` holds every victim at every point through the whole command."""


@dataclass
class Pausing:
    """Holds the first request that contains ``wanted``: ``at`` says on which side of the cloud."""

    upstream: str
    wanted: bytes
    at: str
    reached: threading.Event = field(default_factory=threading.Event)
    release: threading.Event = field(default_factory=threading.Event)
    used: threading.Lock = field(default_factory=threading.Lock)

    def pause(self, body: bytes, at: str) -> bool:
        """Whether this is the request to hold at this side; then it has been held until the test let go."""
        if at != self.at or self.wanted not in body + b"&" or not self.used.acquire(blocking=False):
            return False
        self.reached.set()
        self.release.wait(timeout=60)
        return True


def handler(pausing: Pausing) -> type[BaseHTTPRequestHandler]:
    upstream = urlsplit(pausing.upstream)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def forward(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if pausing.pause(body, "before-the-call"):
                self.close_connection = True
                return
            connection = http.client.HTTPConnection(upstream.hostname or "", upstream.port)
            connection.request(self.command, self.path, body, dict(self.headers.items()))
            answer = connection.getresponse()
            content = answer.read()
            connection.close()
            if pausing.pause(body, "before-the-answer"):
                self.close_connection = True
                return
            pausing.pause(body, "before-the-state-write")
            self.send_response_only(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in {"content-length", "transfer-encoding", "connection"}:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = forward  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Silence."""

    return Handler


@contextmanager
def proxy(pausing: Pausing) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(pausing))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        pausing.release.set()
        server.shutdown()
        server.server_close()


def until(look: Callable[[], Any], seconds: float = 20) -> Any:
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.002)


def processes_of(home: Path) -> list[int]:
    """Every process but this one that was started with the engine's home in its environment."""
    mark = f"{home}/".encode()
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            mine = int(path.name) == os.getpid()
            state = (path / "stat").read_text(errors="replace").rpartition(")")[2].split()[0]
            if not mine and state != "Z" and mark in (path / "environ").read_bytes():
                found.append(int(path.name))
        except (OSError, IndexError):
            continue
    return found


def applying(engine: AutomationEngine, environment: str) -> RunRecord | None:
    """The apply with its engine and provider running: its plan had another provider, which has gone."""
    for run in engine._runs.recorded(environment):
        if run.purpose == "apply" and run.engine is not None and run.engine.alive:
            provider = run.provider
            if provider is not None and provider.alive:
                return run
    return None


def parameters() -> list[Any]:
    return [pytest.param(*case, id="-".join(case), marks=() if case in QUICK else pytest.mark.drill) for case in EVERY]


@pytest.mark.parametrize(("victim", "point", "kind"), parameters())
def test_a_killed_deployment_is_finished_without_a_duplicate_an_orphan_or_a_lock(
    ground: Any, named: Callable[[str], EnvironmentSpec], victim: str, point: str, kind: str
) -> None:
    spec = named(f"k-{victim}-{POINTS.index(point)}-{kind}")
    home = ground.home / "killed" / spec.environment
    clients = Clients.from_environment(ground.cloud)
    placement = read_placement(clients, partition=clients.partition, account="123456789012")
    engine = AutomationEngine(home, cloud=ground.cloud, placement=placement, ids=random_ids)
    approved = engine.preview(spec)
    pausing = Pausing(ground.cloud["AWS_ENDPOINT_URL"], CREATES[kind], point)
    with proxy(pausing) as endpoint:
        driver = start(home, {**ground.cloud, "AWS_ENDPOINT_URL": endpoint}, placement, spec, approved.digest)
        kill(engine, spec.environment, driver, pausing, victim)
        pausing.release.set()
        if victim != "driver":
            driver.wait(timeout=30)

    finish(engine, clients, Unfinished(spec, "killed-1", approved.digest), approved.creates)


@pytest.mark.parametrize(
    ("action", "point"),
    [
        ("RunInstances", "before-the-answer"),
        pytest.param("TerminateInstances", "before-the-call", marks=pytest.mark.drill),
    ],
)
def test_a_killed_replacement_neither_adopts_the_old_one_nor_leaves_it(
    ground: Any, named: Callable[[str], EnvironmentSpec], action: str, point: str
) -> None:
    spec = named(f"replaced-{action.lower()}")
    home = ground.home / "killed" / spec.environment
    clients = Clients.from_environment(ground.cloud)
    placement = read_placement(clients, partition=clients.partition, account="123456789012")
    engine = AutomationEngine(home, cloud=ground.cloud, placement=placement, ids=random_ids)
    first = engine.preview(spec)
    before = engine.apply(spec, approved=first.digest, deployment="first")
    engine.end_deployment("first")
    web, *others = spec.instances
    changed = dataclasses.replace(spec, instances=(dataclasses.replace(web, image="ami-03cf127a"), *others))
    approved = engine.preview(changed)
    assert approved.replaces == 1
    pausing = Pausing(ground.cloud["AWS_ENDPOINT_URL"], f"Action={action}&".encode(), point)
    with proxy(pausing) as endpoint:
        driver = start(home, {**ground.cloud, "AWS_ENDPOINT_URL": endpoint}, placement, changed, approved.digest)
        kill(engine, spec.environment, driver, pausing, "engine")
        pausing.release.set()
        driver.wait(timeout=30)
    finish(engine, clients, Unfinished(changed, "killed-1", approved.digest), first.creates)
    after = engine.outputs(spec.environment)
    assert after["instance"]["web-1"] != before.state.outputs["instance"]["web-1"]
    assert after["instance"]["db-1"] == before.state.outputs["instance"]["db-1"]


def test_an_interrupted_driver_stops_its_engine_without_a_lock_and_the_deployment_can_be_finished(
    ground: Any, named: Callable[[str], EnvironmentSpec]
) -> None:
    spec = named("interrupted")
    home = ground.home / "killed" / spec.environment
    clients = Clients.from_environment(ground.cloud)
    placement = read_placement(clients, partition=clients.partition, account="123456789012")
    engine = AutomationEngine(home, cloud=ground.cloud, placement=placement, ids=random_ids)
    approved = engine.preview(spec)
    pausing = Pausing(ground.cloud["AWS_ENDPOINT_URL"], CREATES["tagged"], "before-the-state-write")
    with proxy(pausing) as endpoint:
        driver = start(home, {**ground.cloud, "AWS_ENDPOINT_URL": endpoint}, placement, spec, approved.digest)
        assert pausing.reached.wait(timeout=30)
        driver.send_signal(signal.SIGINT)
        time.sleep(0.3)
        pausing.release.set()
        assert driver.wait(timeout=20) != 0
    assert engine.locks(spec.environment) == ()
    assert processes_of(home) == []
    finish(engine, clients, Unfinished(spec, "killed-1", approved.digest), approved.creates)


def finish(engine: AutomationEngine, clients: Clients, unfinished: Unfinished, expected: int) -> None:
    """Run the resume steps; then everything is there once, and nothing else is."""
    context = ResumeContext(engine, lambda environment: sweep(clients, environment), unfinished)
    results = {result.step: result for result in resume(context)}
    assert results["compare"].report is not None
    assert results["compare"].report.clean, results["compare"].found
    state = engine.state(unfinished.environment)
    assert len(state.all_ids) == expected
    assert state.pending == ()
    assert engine.locks(unfinished.environment) == ()
    assert engine.preview(unfinished.spec).changes == ()
    assert until(lambda: not processes_of(engine.home.path), 5)
    assert list(engine.home.runs.glob("*/*")) == []


def start(
    home: Path, cloud: dict[str, str], placement: Placement, spec: EnvironmentSpec, approved: str
) -> subprocess.Popen[str]:
    told = {
        "home": str(home),
        "cloud": cloud,
        "placement": placement.document(),
        "spec": spec_document(spec),
        "approved": approved,
        "deployment": "killed-1",
    }
    driver = subprocess.Popen(
        [sys.executable, "-c", DRIVER], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=-3, text=True
    )
    assert driver.stdin is not None
    driver.stdin.write(json.dumps(told))
    driver.stdin.close()
    return driver


def kill(
    engine: AutomationEngine, environment: str, driver: subprocess.Popen[str], pausing: Pausing, victim: str
) -> None:
    """SIGKILL the victim at the point; for the state write, the engine is stopped while the provider finishes."""
    if pausing.at == "while-locked":
        until(lambda: engine.locks(environment))
    else:
        assert pausing.reached.wait(timeout=30)
    run = until(lambda: applying(engine, environment))
    assert run.engine is not None
    assert run.provider is not None
    pids = {"driver": driver.pid, "engine": run.engine.pid, "provider": run.provider.pid}
    if pausing.at == "before-the-state-write":
        os.kill(run.engine.pid, signal.SIGSTOP)
        pausing.release.set()
        time.sleep(0.5)
        os.kill(pids[victim], signal.SIGKILL)
        if victim != "engine":
            os.kill(run.engine.pid, signal.SIGCONT)
    else:
        os.kill(pids[victim], signal.SIGKILL)
    if victim == "driver":
        driver.wait()
