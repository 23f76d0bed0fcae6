"""The plugin's process: ``pulumi-resource-guanyun ENGINE``.

It serves one engine on loopback and ends with it. The engine holds the other end of standard input, so its death
shows as end of file; whatever a thread is waiting for then is dropped, and adoption finds it.
"""

from __future__ import annotations

import asyncio
import functools
import os
import stat
import sys
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import grpc
import grpc.aio
from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.provider.experimental.server import ProviderServicer
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.proto import provider_pb2_grpc

from foundation.values.errors import GuanyunError
from infra.provider.plain import secret_texts
from infra.provider.record import write_record
from infra.provider.schema import VERSION
from infra.provider.service import CloudProvider

_VERBS = ("GetSchema", "Check", "Diff", "Create", "Read", "Update", "Delete")
_STRUCTS = ("olds", "news", "properties", "inputs")


class QuietServicer(ProviderServicer):  # type: ignore[misc]
    """Pulumi's servicer, whose errors are one line a person can read: no traceback and no secret."""


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
    """The message without any secret text of its request."""
    structs = (getattr(request, name) for name in _STRUCTS if hasattr(request, name))
    for text in sorted(secret_texts(*(PropertyValue.unmarshal_map(one) for one in structs)), key=len, reverse=True):
        message = message.replace(text, "[secret]")
    return message


def main() -> None:
    """Serve until the engine is gone."""
    engine = next((argument for argument in sys.argv[1:] if not argument.startswith("-")), "")
    _end_with_the_engine()
    record = os.environ.get("GUANYUN_PROVIDER_RECORD")
    if record:
        write_record(record)
    asyncio.run(_serve(engine))


async def _serve(engine: str) -> None:
    server = grpc.aio.server(options=_GRPC_CHANNEL_OPTIONS)
    servicer = QuietServicer(sys.argv[1:], VERSION, CloudProvider.from_process(), engine_address=engine)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    await server.wait_for_termination()


def _end_with_the_engine() -> None:
    if not stat.S_ISFIFO(os.fstat(0).st_mode):
        return  # started by hand

    def watch() -> None:
        while os.read(0, 4096):
            pass
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


if __name__ == "__main__":
    main()
