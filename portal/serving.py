"""The portal as a process: ``guanyun portal``."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager

import structlog
import uvicorn

from foundation.values.errors import GuanyunError
from foundation.work.metrics import registry
from portal.application import make_application
from portal.errors import CannotListen
from wiring.application import Application, open_unchecked
from wiring.logs import configure
from wiring.processes.records import recorded, the_only_one
from wiring.processes.settings import process_settings
from wiring.processes.stopping import stopping_on_signal
from wiring.processes.watching import watched
from wiring.settings import Settings

NAME = "portal"
_log = structlog.get_logger("guanyun.portal")


def portal(*, host: str | None = None, port: int | None = None) -> None:
    """Serve the health page, the probes and the metrics, until told to stop (Ctrl-C).

    Example: guanyun portal --port 8642

    Parameters
    ----------
    host: the address to listen on (GUANYUN_PORTAL_HOST, 127.0.0.1)
    port: the port to listen on (GUANYUN_PORTAL_PORT, 8642; 0 for any free one)
    """
    settings, own = Settings(), process_settings(portal_host=host, portal_port=port)
    configure(NAME, settings.work_folder)
    opened = open_unchecked(settings)
    try:
        with the_only_one(settings.work_folder, NAME), closing(_listen(own.portal_host, own.portal_port)) as listener:
            _serve(opened, listener)
    except GuanyunError as error:
        _log.error("portal.ended", code=error.code, because=error.text("en"), zh=error.text("zh"))
        raise
    finally:
        opened.store.close()


def _serve(opened: Application, listener: socket.socket) -> None:
    config = uvicorn.Config(
        make_application(opened, registry(watched(opened))),
        loop="asyncio",
        http="h11",
        log_config=None,  # ours, which takes every logger
        access_log=False,
        server_header=False,
        proxy_headers=False,  # who asks is who is connected, whatever a header says
        limit_concurrency=200,
        timeout_keep_alive=10,
        timeout_graceful_shutdown=10,
    )
    host, port = listener.getsockname()[:2]
    now = opened.office.clocks.real()
    with recorded(opened.settings.work_folder, NAME, host=host, port=port, now=now) as record:
        _log.info("portal.listening", address=record.address, pid=record.pid)
        server = _Server(config)
        with stopping_on_signal(server.stop):
            server.run(sockets=[listener])
        _log.info("portal.stopped")


class _Server(uvicorn.Server):
    """uvicorn, but the signals are ours: it would raise them again at its end, before our record is gone."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave them alone."""
        yield

    def stop(self) -> None:
        """Answer what was asked, then end."""
        self.should_exit = True


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family[0], socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(family[4])
        listener.listen(128)
    except OSError as cause:
        raise CannotListen(host=host, port=port, reason=cause.strerror or type(cause).__name__) from cause
    return listener
