"""Events come as the engine sends them; what it says to itself is dropped at the door."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from pulumi.automation.events import EngineEvent
from pulumi.runtime.proto import events_pb2, events_pb2_grpc

from infra.engine.events import event_stream


def sent(*events: dict[str, Any]) -> Iterator[Any]:
    for event in events:
        yield events_pb2.EventRequest(event=json.dumps(event))


def diagnostic(severity: str) -> dict[str, Any]:
    return {"sequence": 1, "timestamp": 1, "diagnosticEvent": {"message": "m", "color": "never", "severity": severity}}


def test_every_event_but_those_of_severity_debug_has_been_taken_when_the_engine_ends() -> None:
    taken: list[EngineEvent] = []
    with event_stream(taken.append) as address, grpc.insecure_channel(address.removeprefix("tcp://")) as channel:
        engine = events_pb2_grpc.EventsStub(channel)
        engine.StreamEvents(sent(diagnostic("debug"), diagnostic("error"), diagnostic("info")), wait_for_ready=True)
        assert [one.diagnostic_event and one.diagnostic_event.severity for one in taken] == ["error", "info"]


def test_an_engine_that_is_killed_ends_its_stream() -> None:
    taken: list[EngineEvent] = []
    arrived, hold = threading.Event(), threading.Event()

    def take(event: EngineEvent) -> None:
        taken.append(event)
        arrived.set()

    def interrupted() -> Iterator[Any]:
        yield from sent(diagnostic("error"))
        hold.wait(10)

    with event_stream(take) as address:
        channel = grpc.insecure_channel(address.removeprefix("tcp://"))
        call = events_pb2_grpc.EventsStub(channel).StreamEvents.future(interrupted(), wait_for_ready=True)
        assert arrived.wait(10)
        channel.close()
        with pytest.raises((grpc.RpcError, grpc.FutureCancelledError)):
            call.result()
    hold.set()
    assert len(taken) == 1
