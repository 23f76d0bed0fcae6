"""Programs run at the same time and do not meet; each belongs to the engine of its folder."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pulumi
import pytest
from google.protobuf import empty_pb2  # type: ignore[import-untyped]
from pulumi.runtime.proto import (
    engine_pb2,
    engine_pb2_grpc,
    language_pb2,
    language_pb2_grpc,
    resource_pb2,
    resource_pb2_grpc,
)

from infra.engine.errors import NotDeployed
from infra.engine.programs import ProgramServer


class Monitor(resource_pb2_grpc.ResourceMonitorServicer, engine_pb2_grpc.EngineServicer):
    """What an engine answers to a program, with all that it was asked and told."""

    def __init__(self) -> None:
        self.registered: list[str] = []
        self.outputs: dict[str, Any] = {}
        self.logged: list[tuple[int, str]] = []

    def SupportsFeature(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's name
        return resource_pb2.SupportsFeatureResponse(hasSupport=False)

    def RegisterResource(self, request: Any, context: Any) -> Any:  # noqa: N802
        self.registered.append(request.name)
        return resource_pb2.RegisterResourceResponse(urn=f"urn:pulumi:s::p::{request.type}::{request.name}")

    def RegisterResourceOutputs(self, request: Any, context: Any) -> Any:  # noqa: N802
        self.outputs.update(request.outputs)
        return empty_pb2.Empty()

    def SignalAndWaitForShutdown(self, request: Any, context: Any) -> Any:  # noqa: N802
        return empty_pb2.Empty()

    def Log(self, request: Any, context: Any) -> Any:  # noqa: N802
        self.logged.append((request.severity, request.message))
        return empty_pb2.Empty()


class Engine:
    """Asks a program server to run the program of a folder, as the CLI does."""

    def __init__(self, address: str) -> None:
        self.monitor = Monitor()
        self._language = language_pb2_grpc.LanguageRuntimeStub(grpc.insecure_channel(address))
        self._server = grpc.server(ThreadPoolExecutor(8))
        resource_pb2_grpc.add_ResourceMonitorServicer_to_server(self.monitor, self._server)
        engine_pb2_grpc.add_EngineServicer_to_server(self.monitor, self._server)
        self._address = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"
        self._server.start()

    def run(self, folder: Path, stack: str = "stack") -> str:
        info = language_pb2.ProgramInfo(root_directory=str(folder), program_directory="/", entry_point=".")
        request = language_pb2.RunRequest(
            project="guanyun", stack=stack, monitor_address=self._address, args=[self._address], parallel=4, info=info
        )
        answer = self._language.Run(request, wait_for_ready=True)
        # What went wrong has been told by then: said in the answer too, the engine would show it twice.
        return str(answer.error) or ("told" if answer.bail else "")

    def close(self) -> None:
        self._server.stop(None)


@pytest.fixture
def server() -> Iterator[ProgramServer]:
    server = ProgramServer()
    yield server
    server.close()


Started = Callable[[str], Engine]


@pytest.fixture
def start() -> Iterator[Started]:
    engines: list[Engine] = []

    def started(address: str) -> Engine:
        engines.append(Engine(address))
        return engines[-1]

    yield started
    for engine in engines:
        engine.close()


def test_the_program_of_the_engine_s_folder_runs(server: ProgramServer, start: Started, tmp_path: Path) -> None:
    def program() -> None:
        pulumi.ComponentResource("guanyun:test:Part", pulumi.get_stack())
        pulumi.export("stack", pulumi.get_stack())

    with server.serving(tmp_path, program) as address:
        engine = start(address)
        assert engine.run(tmp_path, "hrss") == ""
        assert engine.monitor.registered == ["guanyun-hrss", "hrss"]
        assert engine.monitor.outputs["stack"] == "hrss"
        assert "no program" in engine.run(tmp_path / "elsewhere")
    with server.serving(tmp_path / "other", program) as address:
        assert "no program" in start(address).run(tmp_path)


def test_programs_that_run_at_once_keep_their_own_stacks(server: ProgramServer, start: Started, tmp_path: Path) -> None:
    both = threading.Barrier(2, timeout=20)
    seen: dict[str, str] = {}

    def program_of(name: str) -> Callable[[], None]:
        def program() -> None:
            both.wait()
            pulumi.ComponentResource("guanyun:test:Part", f"part-of-{pulumi.get_stack()}")
            both.wait()
            seen[name] = pulumi.get_stack()

        return program

    with (
        server.serving(tmp_path / "a", program_of("a")) as address,
        server.serving(tmp_path / "b", program_of("b")),
        ThreadPoolExecutor(2) as pool,
    ):
        engines = {name: start(address) for name in ("a", "b")}
        errors = list(pool.map(lambda name: engines[name].run(tmp_path / name, name), engines))
    assert errors == ["", ""]
    assert seen == {"a": "a", "b": "b"}
    for name, engine in engines.items():
        assert engine.monitor.registered == [f"guanyun-{name}", f"part-of-{name}"]


def test_a_program_that_fails_says_why_and_without_a_traceback(
    server: ProgramServer, start: Started, tmp_path: Path
) -> None:
    def failing() -> None:
        raise ValueError("no such size")

    with server.serving(tmp_path, failing) as address:
        engine = start(address)
        assert engine.run(tmp_path) == "told"
        assert [message for _, message in engine.monitor.logged] == ["ValueError: no such size"]


def test_an_error_of_ours_is_told_in_both_languages(server: ProgramServer, start: Started, tmp_path: Path) -> None:
    def failing() -> None:
        raise NotDeployed(environment="hrss")

    with server.serving(tmp_path, failing) as address:
        engine = start(address)
        assert engine.run(tmp_path) == "told"
        ((_, message),) = engine.monitor.logged
        assert message.splitlines() == [
            "环境 hrss 还没有部署过",
            "environment hrss has never been deployed [infra.not-deployed]",
        ]


def test_what_the_sdk_says_to_itself_is_not_sent(server: ProgramServer, start: Started, tmp_path: Path) -> None:
    def talking() -> None:
        pulumi.log.debug("hush")
        pulumi.log.warn("mind this")

    with server.serving(tmp_path, talking) as address:
        engine = start(address)
        assert engine.run(tmp_path) == ""
        assert engine.monitor.logged == [(engine_pb2.WARNING, "mind this")]
