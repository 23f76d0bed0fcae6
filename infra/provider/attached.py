"""A provider inside another process, for engines that are told its port (``PULUMI_DEBUG_PROVIDERS=guanyun:PORT``)."""

from __future__ import annotations

import atexit
import gc
import threading
from collections.abc import Callable

from infra.provider.service import CloudProvider
from infra.provider.servicer import serve

__all__ = ["serve_attached"]


def serve_attached(provider: CloudProvider) -> tuple[int, Callable[[], None]]:
    """Serve on threads of this process: the port, and what ends it.

    It serves any number of engines at once and ends with none of them. Its end waits for nothing: end the works
    first. The clients of every service are made before the first request comes.
    """
    serving = serve(provider)
    threading.Thread(target=_warm, args=(provider,), name="provider-warm", daemon=True).start()
    return serving.port, serving.stop


def _warm(provider: CloudProvider) -> None:
    """Make what lives as long as the process, and look for garbage elsewhere from now on: a tenth of all work."""
    provider.warm()
    gc.collect()
    gc.freeze()
    # At the end everything is let go of, or libraries complain of what was kept.
    atexit.register(gc.unfreeze)
