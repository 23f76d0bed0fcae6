"""An engine's events as they happen, over loopback: never through a file, because there are secrets in them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import grpc
from google.protobuf import empty_pb2  # type: ignore[import-untyped]
from pulumi.automation.events import EngineEvent
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.proto import events_pb2_grpc


@contextmanager
def event_stream(take: Callable[[EngineEvent], None]) -> Iterator[str]:
    """Yields what ``--event-log`` takes; ``take`` is called on another thread, one event at a time.

    All events have been taken when the engine has ended by itself.
    """
    threads = ThreadPoolExecutor(1, thread_name_prefix="events")
    server = grpc.server(threads, options=_GRPC_CHANNEL_OPTIONS)
    events_pb2_grpc.add_EventsServicer_to_server(_Servicer(take), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"tcp://127.0.0.1:{port}"
    finally:
        server.stop(None).wait()
        threads.shutdown(wait=False)


class _Servicer(events_pb2_grpc.EventsServicer):
    def __init__(self, take: Callable[[EngineEvent], None]) -> None:
        self._take = take

    def StreamEvents(self, requests: Iterator[Any], context: Any) -> Any:  # noqa: N802 - the protocol's name
        try:
            for request in requests:
                event = json.loads(request.event)
                if (event.get("diagnosticEvent") or {}).get("severity") != "debug":
                    self._take(EngineEvent.from_json(event))
        except grpc.RpcError:
            # The engine was killed: the stream ends where it ended.
            return empty_pb2.Empty()
        return empty_pb2.Empty()
