"""Stopping on a signal: the first asks, the second ends at once.

The asking happens in a thread of its own, because a handler runs in the middle of whatever the main thread does, which
may hold the very lock that the asking needs. The signals stay unblocked, so that child processes hear theirs.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def stopping_on_signal(stop: Callable[[], None], *, end: Callable[[int], None] = os._exit) -> Iterator[None]:
    """Call ``stop`` at the first SIGTERM or SIGINT, ``end(128 + n)`` at the next. For the main thread."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    before = {each: signal.signal(each, _heard) for each in SIGNALS}
    waking = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    listener = threading.Thread(target=_listen, args=(reading, stop, end), name="signals", daemon=True)
    listener.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(waking)
        for each, handler in before.items():
            signal.signal(each, handler)
        os.close(writing)
        listener.join()
        os.close(reading)


def _heard(number: int, frame: FrameType | None) -> None:
    """The listening thread hears it through the pipe."""


def _listen(reading: int, stop: Callable[[], None], end: Callable[[int], None]) -> None:
    asked = False
    while heard := os.read(reading, 1):
        if heard[0] not in SIGNALS:
            continue
        if asked:
            end(128 + heard[0])
        asked = True
        stop()
