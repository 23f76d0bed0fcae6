"""The provider behind gRPC: the engine's protocol, errors without tracebacks or secrets, a server on loopback."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import grpc
from google.protobuf.empty_pb2 import Empty  # type: ignore[import-untyped]
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from foundation.values.errors import GuanyunError
from infra.provider.kinds import KINDS, kind_of
from infra.provider.plain import secret_properties, secret_texts
from infra.provider.schema import VERSION
from infra.provider.service import CloudProvider
from infra.provider.work import type_of

_THREADS = 128
"""As many resources as eight engines have in hand; those of more wait for their turn."""
_STOP_SECONDS = 5.0
_STRUCTS = ("olds", "news", "properties", "inputs")


class Servicer(provider_pb2_grpc.ResourceProviderServicer):
    """What the engine may ask. A provider has no settings of its own: who works where is told by its works."""

    def __init__(self, provider: CloudProvider) -> None:
        self._provider = provider

    def GetSchema(self, request: Any, context: Any) -> Any:  # noqa: N802  # gRPC's name, as all below
        """What ``pulumi import`` and other tools ask."""
        return _quietly(self._provider.get_schema, request, context)

    def Check(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Inputs in normal form, or failures."""
        return _quietly(self._provider.check, request, context)

    def Diff(self, request: Any, context: Any) -> Any:  # noqa: N802
        """What differs."""
        return _quietly(self._provider.diff, request, context)

    def Create(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Make it."""
        return _quietly(self._provider.create, request, context)

    def Read(self, request: Any, context: Any) -> Any:  # noqa: N802
        """The resource as it is."""
        return _quietly(self._provider.read, request, context)

    def Update(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Change it in place."""
        return _quietly(self._provider.update, request, context)

    def Delete(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Delete it."""
        return _quietly(self._provider.delete, request, context)

    def GetPluginInfo(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Our version."""
        return plugin_pb2.PluginInfo(version=VERSION)

    def Handshake(self, request: Any, context: Any) -> Any:  # noqa: N802
        """The same answers as in ``Configure``, which the engine asks only after it was told so by this."""
        context.abort(grpc.StatusCode.UNIMPLEMENTED, "see Configure")

    def Attach(self, request: Any, context: Any) -> Any:  # noqa: N802
        """An engine has found the provider that was running before it. There is nothing to take from it."""
        return Empty()

    def CheckConfig(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Whatever is given passes."""
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, context: Any) -> Any:  # noqa: N802
        """No setting makes anything different."""
        return provider_pb2.DiffResponse(hasDetailedDiff=True)

    def Configure(self, request: Any, context: Any) -> Any:  # noqa: N802
        """What values may come in, and that a preview may ask."""
        return provider_pb2.ConfigureResponse(
            acceptSecrets=True, acceptResources=True, acceptOutputs=True, supportsPreview=True
        )

    def Cancel(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Nothing: an engine that is told to stop waits for what is under way, and others are served as well."""
        return Empty()


def _quietly(serve: Callable[[Any], Any], request: Any, context: Any) -> Any:
    """The verb's answer, or an error of one line that a person can read: no traceback and no secret."""
    try:
        return serve(request)
    except GuanyunError as error:
        message = f"{error.text('zh')}\n{error.text('en')} [{error.code}]"
    except Exception as error:  # the engine shows this text to a person
        message = f"{type(error).__name__}: {error}"
    context.abort(grpc.StatusCode.UNKNOWN, redacted(message, request))
    return None


def redacted(message: str, request: Any) -> str:
    """The message without any secret text of its request, marked as one or declared as one."""
    structs = [getattr(request, name) for name in _STRUCTS if hasattr(request, name)]
    for text in sorted(secret_texts(*structs, declared=_declared(request)), key=len, reverse=True):
        message = message.replace(text, "[secret]")
    return message


def _declared(request: Any) -> frozenset[str]:
    kind = type_of(str(getattr(request, "urn", "")))
    return secret_properties(kind_of(kind)) if kind in KINDS else frozenset()


@dataclass(frozen=True, slots=True)
class Serving:
    """A server that is up, and the port of loopback that it listens on."""

    server: grpc.Server
    port: int
    _threads: ThreadPoolExecutor

    def stop(self) -> None:
        """Answer nobody any more. May be called again; what is under way is not waited for."""
        self.server.stop(None).wait(_STOP_SECONDS)
        self._threads.shutdown(wait=False)


def serve(provider: CloudProvider) -> Serving:
    """Serve on a free port of loopback."""
    threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="cloud")
    server = grpc.server(threads, options=_GRPC_CHANNEL_OPTIONS)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Servicer(provider), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return Serving(server, port, threads)
