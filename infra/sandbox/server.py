"""The sandbox's process: ``python -m infra.sandbox.server HOME [PORT]``.

Its exit statuses are ``HELD``, ``PORT_TAKEN`` and ``JOURNAL_BROKEN`` of ``infra.sandbox.home``.
"""

from __future__ import annotations

import gc
import os
import secrets
import signal
import socket
import sys
import threading
import time
from pathlib import Path

from werkzeug.serving import make_server

from infra.errors import SandboxJournalBroken
from infra.sandbox.application import JournalledCloud
from infra.sandbox.determinism import bind_accounts, bind_clock, bind_names, bind_regions, bind_services
from infra.sandbox.handler import QuickHandler
from infra.sandbox.home import HELD, JOURNAL_BROKEN, PORT_TAKEN, Home, Running
from infra.sandbox.journal import Journal
from infra.sandbox.sharing import bind_sharing

_HOME_SECONDS = 1.0


def main(arguments: list[str]) -> int:
    """Serve until a signal; returns the exit status."""
    home = Home(Path(arguments[0]))
    lock = home.hold()
    if lock is None:
        return HELD
    home.running_file.unlink(missing_ok=True)
    asked = int(arguments[1]) if len(arguments) > 1 else None
    listener = _listen(asked, home.remembered_port())
    if listener is None:
        return PORT_TAKEN
    port = listener.getsockname()[1]
    # moto calls itself now and then, and finds itself by this variable
    os.environ["MOTO_PORT"] = str(port)
    # the policies that every AWS account has, such as ReadOnlyAccess
    os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"
    clock = bind_clock()
    bind_services(clock)
    bind_names()
    bind_accounts()
    bind_sharing()
    try:
        journal = Journal.open(home.journal, secrets.token_hex(8))
        bind_regions(journal.life)
        cloud = JournalledCloud(journal, clock)
        replayed = cloud.replay()
    except SandboxJournalBroken as broken:
        sys.stderr.write(f"{broken.text('zh')}\n{broken.text('en')}\n")
        return JOURNAL_BROKEN
    for name in (signal.SIGTERM, signal.SIGINT):
        # Every acknowledged change is on disk, so there is nothing to say goodbye to.
        signal.signal(name, lambda *_: os._exit(0))
    server = make_server("127.0.0.1", port, cloud, threaded=True, request_handler=QuickHandler, fd=listener.detach())
    # What is loaded by now stays: without this, a twelfth of the work was looking for garbage in it.
    gc.freeze()
    home.announce(Running(os.getpid(), port, journal.life, replayed))
    threading.Thread(target=_end_with_the_home, args=(home, lock), daemon=True).start()
    server.serve_forever()
    return 0


def _end_with_the_home(home: Home, lock: int) -> None:
    """A sandbox whose folder was removed has no memory left, and nobody could find it to stop it."""
    while home.still_ours(lock):
        time.sleep(_HOME_SECONDS)
    os._exit(0)


def _listen(asked: int | None, remembered: int) -> socket.socket | None:
    """A listening socket on loopback: the port asked for or none; else last time's, else a free one."""
    for port in (asked,) if asked else (remembered, 0):
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
            listener.listen(128)
        except OSError:
            listener.close()
            continue
        return listener
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
