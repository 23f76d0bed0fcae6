"""One LanguageRuntime server for any number of engines: it runs the program of whichever engine asks.

An engine is a process of its own and names itself by the folder that it was started in. Programs run at the same time,
each on its own thread, event loop and settings context, as Pulumi's SDK runs a single inline program.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import grpc
from pulumi import log
from pulumi.errors import RunError
from pulumi.runtime import reset_options, resource, run_in_stack, set_all_config
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.proto import (
    LanguageRuntimeServicer,
    engine_pb2,
    engine_pb2_grpc,
    language_pb2,
    language_pb2_grpc,
    plugin_pb2,
    resource_pb2_grpc,
    source_pb2,
)

from foundation.values.errors import GuanyunError

# An engine that is gone in the middle makes these write tracebacks to the terminal, from threads of their own; what
# happened is told by ``EngineFailed``.
logging.getLogger("grpc._server").addHandler(logging.NullHandler())
logging.getLogger("grpc._server").propagate = False

# The SDK tells the engine the call stack of every resource. Here it holds nothing of the spec, only our own modules by
# their paths on this machine, which would be kept in each state.
resource._get_stack_trace = source_pb2.StackTrace

Program = Callable[[], None]

_PROGRAMS = 512
"""How many programs can run at once; a thread is made only when it is needed."""
_CALLS = 64
"""Threads of one program: each waits for one resource."""


class ProgramServer:
    """Serves programs on loopback; started by the first one. Safe for many threads."""

    def __init__(self) -> None:
        self._programs: dict[str, Program] = {}
        self._server: grpc.Server | None = None
        self._port = 0
        self._starting = threading.Lock()

    @contextmanager
    def serving(self, folder: Path, program: Program) -> Iterator[str]:
        """Give ``program`` to the engine that was started in ``folder``; yields the server's address."""
        self._programs[str(folder)] = program
        try:
            yield self._address()
        finally:
            del self._programs[str(folder)]

    def program(self, folder: str) -> Program | None:
        """What the engine in ``folder`` shall run."""
        return self._programs.get(folder)

    def close(self) -> None:
        """Stop serving; the next program starts it again."""
        with self._starting:
            if self._server is not None:
                self._server.stop(None).wait()
                self._server = None

    def _address(self) -> str:
        with self._starting:
            if self._server is None:
                threads = ThreadPoolExecutor(_PROGRAMS, thread_name_prefix="program")
                self._server = grpc.server(threads, options=_GRPC_CHANNEL_OPTIONS)
                language_pb2_grpc.add_LanguageRuntimeServicer_to_server(_Servicer(self), self._server)
                self._port = self._server.add_insecure_port("127.0.0.1:0")
                self._server.start()
            return f"127.0.0.1:{self._port}"


class _Servicer(LanguageRuntimeServicer):  # type: ignore[misc]
    """What an engine asks of a language: the program needs no package, and runs here."""

    def __init__(self, server: ProgramServer) -> None:
        self._server = server

    def About(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's name
        return language_pb2.AboutResponse()

    def GetPluginInfo(self, request: Any, context: Any) -> Any:  # noqa: N802
        return plugin_pb2.PluginInfo()

    def GetRequiredPlugins(self, request: Any, context: Any) -> Any:  # noqa: N802
        return language_pb2.GetRequiredPluginsResponse()

    def GetRequiredPackages(self, request: Any, context: Any) -> Any:  # noqa: N802
        return language_pb2.GetRequiredPackagesResponse()

    def Run(self, request: Any, context: Any) -> Any:  # noqa: N802
        program = self._server.program(request.info.root_directory)
        if program is None:
            return language_pb2.RunResponse(error=f"no program for {request.info.root_directory}")
        # The SDK keeps its settings in context variables, so programs in contexts of their own do not meet.
        error = contextvars.copy_context().run(run_program, program, request)
        # The engine has been told already, and would tell it once more.
        return language_pb2.RunResponse(bail=bool(error))


class _QuietEngine:
    """The engine as the SDK logs to it, without messages of severity *debug*.

    The SDK sends several a resource, one call each, with every property in them, secrets too.
    """

    def __init__(self, engine: Any) -> None:
        self._engine = engine

    def Log(self, request: Any) -> None:  # noqa: N802
        if request.severity != engine_pb2.DEBUG:
            self._engine.Log(request)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)


def run_program(program: Program, request: Any) -> str:
    """Run one program for the engine that sent ``request``; what went wrong, or nothing."""
    engine_address = request.args[0] if request.args else ""
    with (
        closing(grpc.insecure_channel(request.monitor_address, options=_GRPC_CHANNEL_OPTIONS)) as monitor,
        closing(grpc.insecure_channel(engine_address, options=_GRPC_CHANNEL_OPTIONS)) as engine,
    ):
        reset_options(
            project=request.project,
            monitor_address=resource_pb2_grpc.ResourceMonitorStub(monitor),
            engine_address=_QuietEngine(engine_pb2_grpc.EngineStub(engine)),
            stack=request.stack,
            parallel=request.parallel,
            preview=request.dryRun,
            organization=request.organization or "organization",
        )
        if request.config:
            set_all_config(request.config, request.configSecretKeys or None)
        try:
            _in_a_loop(program)
        except grpc.RpcError as cause:
            # An engine that goes away ends its program: what happened is told by the engine's end.
            return "" if cause.code() == grpc.StatusCode.UNAVAILABLE else _told(f"RPC error: {cause.details()}")
        except RunError as cause:
            return _told(str(cause))
        except GuanyunError as cause:
            return _told(f"{cause.text('zh')}\n{cause.text('en')} [{cause.code}]")
        except Exception as cause:  # the engine shows this text to a person
            return _told(f"{type(cause).__name__}: {cause}")
    return ""


def _told(error: str) -> str:
    with suppress(grpc.RpcError):
        log.error(error)
    return error


def _in_a_loop(program: Program) -> None:
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(_stop_when_the_engine_is_gone)
    threads = ThreadPoolExecutor(_CALLS, thread_name_prefix="resource")
    loop.set_default_executor(threads)
    try:
        loop.run_until_complete(run_in_stack(program))
    finally:
        for task in asyncio.all_tasks(loop):
            task.cancel()
            with suppress(asyncio.CancelledError, Exception):
                loop.run_until_complete(task)
        loop.close()
        threads.shutdown(wait=False)


def _stop_when_the_engine_is_gone(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Stop where a call to the engine failed that nobody waits for; anything else shows at the program's end."""
    if isinstance(context.get("exception"), grpc.RpcError):
        loop.stop()
