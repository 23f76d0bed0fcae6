"""What tests of kills share: a driver in a process of its own, a proxy that holds a call, and what must hold after."""

from __future__ import annotations

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

from governance.environments import EnvironmentSpec, spec_document
from infra.components import Placement
from infra.engine import Driver, ResumeContext, Unfinished, resume
from infra.engine.processes import RunRecord
from infra.provider.clients import Clients
from infra.provider.sweep import sweep

DRIVER = """
import json, sys
from pathlib import Path
from foundation.values.ids import random_ids
from governance.environments import spec_from_document
from infra.components.placement import placement_from_document
from infra.engine import Driver, backend_from

told = json.loads(sys.stdin.read())
spec, _ = spec_from_document(told["spec"])
home, cloud = Path(told["home"]), told["cloud"]
backend = backend_from(told["backend"], folder=home / "state", cloud=cloud, environ=cloud)
engine = Driver(
    home, cloud=cloud, placement=placement_from_document(told["placement"]), ids=random_ids, backend=backend
)
engine.apply(spec, approved=told["approved"], deployment=told["deployment"])
"""


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
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
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


def applying(engine: Driver, environment: str) -> RunRecord | None:
    """The apply with its engine running."""
    for run in engine._runs.recorded(environment):
        if run.purpose == "apply" and run.engine is not None and run.engine.alive:
            return run
    return None


def finish(engine: Driver, clients: Clients, unfinished: Unfinished, expected: int) -> None:
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
    home: Path, cloud: dict[str, str], placement: Placement, spec: EnvironmentSpec, approved: str, backend: str = ""
) -> subprocess.Popen[str]:
    told = {
        "backend": backend,
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


def kill(engine: Driver, environment: str, driver: subprocess.Popen[str], pausing: Pausing, victim: str) -> None:
    """SIGKILL the victim at the point; for the state write, the engine is stopped while the provider finishes."""
    if pausing.at == "while-locked":
        until(lambda: engine.locks(environment))
    else:
        assert pausing.reached.wait(timeout=30)
    run = until(lambda: applying(engine, environment))
    assert run.engine is not None
    pids = {"driver": driver.pid, "engine": run.engine.pid}
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
