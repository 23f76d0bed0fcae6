"""A provider inside another process, for engines that are told its port (``PULUMI_DEBUG_PROVIDERS=guanyun:PORT``)."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future

from infra.provider.service import CloudProvider
from infra.provider.servicer import start

__all__ = ["serve_attached"]

_STOP_SECONDS = 5.0


def serve_attached(provider: CloudProvider) -> tuple[int, Callable[[], None]]:
    """Serve on a thread of this process: the port, and what ends it.

    It serves any number of engines at once and ends with none of them. Its end waits for nothing: end the works
    first. The clients of every service are made before the first request comes.
    """
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="provider", daemon=True)
    thread.start()
    server, port = asyncio.run_coroutine_threadsafe(start(provider), loop).result()
    threading.Thread(target=provider.warm, name="provider-warm", daemon=True).start()

    def stop() -> None:
        if not thread.is_alive():
            return
        ended: Future[None] = asyncio.run_coroutine_threadsafe(server.stop(grace=None), loop)
        ended.result(_STOP_SECONDS)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(_STOP_SECONDS)
        loop.close()

    return port, stop
