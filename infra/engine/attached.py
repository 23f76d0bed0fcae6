"""The one provider of this process, attached to every engine that the process starts."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping

from infra.provider.attached import serve_attached
from infra.provider.clouds import Clouds
from infra.provider.service import CloudProvider
from infra.provider.work import Works

# What an engine asks that a provider need not answer, and an engine that is gone in the middle, make this write
# tracebacks to the terminal.
logging.getLogger("grpc._cython.cygrpc").addHandler(logging.NullHandler())
logging.getLogger("grpc._cython.cygrpc").propagate = False

PACKAGE = "guanyun"


class AttachedProvider:
    """Serves on loopback from the first engine on; ``works`` says for whom it may act. Safe for many threads."""

    def __init__(self, cloud: Mapping[str, str]) -> None:
        self.works = Works()
        self._cloud = cloud
        self._starting = threading.Lock()
        self._port = 0
        self._stop: Callable[[], None] | None = None

    def address(self) -> str:
        """What ``PULUMI_DEBUG_PROVIDERS`` takes."""
        with self._starting:
            if self._stop is None:
                provider = CloudProvider(self.works, Clouds.from_environment(self._cloud))
                self._port, self._stop = serve_attached(provider)
            return f"{PACKAGE}:{self._port}"

    def close(self) -> None:
        """Stop serving; the next engine starts it again."""
        with self._starting:
            if self._stop is not None:
                self._stop()
                self._stop = None
