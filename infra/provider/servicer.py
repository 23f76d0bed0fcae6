"""The provider behind gRPC: Pulumi's servicer with quiet errors, and what an attached provider needs besides."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from typing import Any

import grpc
import grpc.aio
from google.protobuf import empty_pb2  # type: ignore[import-untyped]
from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.provider.experimental.server import ProviderServicer
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.proto import provider_pb2_grpc

from foundation.values.errors import GuanyunError
from infra.provider.kinds import KINDS, kind_of
from infra.provider.plain import secret_properties, secret_texts
from infra.provider.schema import VERSION
from infra.provider.service import CloudProvider

_VERBS = ("GetSchema", "Check", "Diff", "Create", "Read", "Update", "Delete")
_STRUCTS = ("olds", "news", "properties", "inputs")


class QuietServicer(ProviderServicer):  # type: ignore[misc]
    """Pulumi's servicer, whose errors are one line a person can read: no traceback and no secret."""

    async def Handshake(self, request: Any, context: Any) -> Any:  # noqa: N802  # gRPC's name
        """The same answers as in ``Configure``, which the engine asks only after it was told so by this."""
        await context.abort(grpc.StatusCode.UNIMPLEMENTED, "see Configure")

    async def Attach(self, request: Any, context: Any) -> Any:  # noqa: N802  # gRPC's name
        """An engine has found the provider that was running before it. There is nothing to take from it."""
        return empty_pb2.Empty()


def _quiet(verb: str) -> Callable[..., Awaitable[Any]]:
    serve = getattr(ProviderServicer, verb)

    @functools.wraps(serve)
    async def quietly(self: Any, request: Any, context: Any) -> Any:
        try:
            return await serve(self, request, context)
        except GuanyunError as error:
            message = f"{error.text('zh')}\n{error.text('en')} [{error.code}]"
        except Exception as error:  # the engine shows this text to a person
            message = f"{type(error).__name__}: {error}"
        await context.abort(grpc.StatusCode.UNKNOWN, redacted(message, request))
        return None

    return quietly


for _verb in _VERBS:
    setattr(QuietServicer, _verb, _quiet(_verb))


def redacted(message: str, request: Any) -> str:
    """The message without any secret text of its request, marked as one or declared as one."""
    structs = [PropertyValue.unmarshal_map(getattr(request, name)) for name in _STRUCTS if hasattr(request, name)]
    for text in sorted(secret_texts(*structs, declared=_declared(request)), key=len, reverse=True):
        message = message.replace(text, "[secret]")
    return message


def _declared(request: Any) -> frozenset[str]:
    kind = str(getattr(request, "urn", "")).split("::")[2:3]
    known = kind and kind[0].rpartition("$")[2] in KINDS
    return secret_properties(kind_of(kind[0])) if known else frozenset()


async def start(provider: CloudProvider, engine: str = "") -> tuple[grpc.aio.Server, int]:
    """Serve on a free port of loopback, in the running loop: the server and its port."""
    server = grpc.aio.server(options=_GRPC_CHANNEL_OPTIONS)
    servicer = QuietServicer([], VERSION, provider, engine_address=engine)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    return server, port
