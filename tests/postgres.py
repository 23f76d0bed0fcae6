"""PostgreSQL servers for tests and benches, started from Debian's packages and stopped with whoever started them.

A server listens on a socket in its own folder and on no port. PostgreSQL refuses to run as root: then it runs as the
user ``postgres`` (of the package) or ``nobody``.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psycopg  # loaded when a server is: tests on SQLite do without

SECONDS_TO_START = 30
ROOM = 2 << 30
DISK = "/tmp"  # noqa: S108 - whoever asks makes a folder of its own there
ADMINISTRATOR = "administrator"
OWNER = "guanyun"
"""A plain role that owns the databases: row-level security is forced on owners, and no policy holds a superuser."""
QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0")
"""Settings of a server whose data nobody needs after a crash."""


class NotInstalled(Exception):
    """There is no PostgreSQL server on this machine."""


def programs() -> Path:
    """The folder of the newest server's programs; raises ``NotInstalled``."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parents[1].name))
    if not found:
        raise NotInstalled("no PostgreSQL server: install Debian's package postgresql (tools/setup does, as root)")
    return found[-1].parent


def is_debian() -> bool:
    """Whether set-up could have installed the package here."""
    return Path("/etc/debian_version").exists()


@dataclass
class Cluster:
    """A server with its own data folder; ``start`` again after ``stop`` finds what it had."""

    folder: Path
    durable: bool
    _server: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def pid(self) -> int | None:
        """The server's process."""
        return None if self._server is None else self._server.pid

    def url(self, database: str, *, user: str = OWNER) -> str:
        """A database's SQLAlchemy URL."""
        return f"postgresql+psycopg://{user}@/{database}?host={self.folder}"

    def initialise(self) -> None:
        """Make the data folder; texts sort by code point."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            account = _unprivileged()
            os.chown(self.folder, account.pw_uid, account.pw_gid)
            self.folder.chmod(0o700)
        initdb: list[str | Path] = [
            programs() / "initdb",
            "--pgdata",
            self._data,
            "--username",
            ADMINISTRATOR,
            "--auth",
            "trust",
        ]
        initdb += ["--encoding=UTF8", "--locale=C", *([] if self.durable else ["--no-sync"])]
        done = subprocess.run(_as_server(initdb), capture_output=True, text=True, cwd="/", check=False)
        if done.returncode:
            raise RuntimeError(f"initdb: {done.stderr or done.stdout}")

    def start(self) -> None:
        """Start the server and wait until it answers."""
        import psycopg

        settings = ["listen_addresses=", f"unix_socket_directories={self.folder}", "max_connections=200"]
        settings += ["autovacuum=off", "jit=off", *QUICK] if not self.durable else []
        given = [word for setting in settings for word in ("-c", setting)]
        with (self.folder.parent / f"{self.folder.name}.log").open("ab") as log:
            self._server = subprocess.Popen(
                _as_server([programs() / "postgres", "-D", self._data, *given]), stdout=log, stderr=log, cwd="/"
            )
        limit = time.monotonic() + SECONDS_TO_START
        while True:
            try:
                self._connect("postgres").close()
                break
            except psycopg.OperationalError as refused:
                if self._server.poll() is not None or time.monotonic() > limit:
                    self.stop()
                    raise RuntimeError(f"PostgreSQL did not start: {Path(log.name).read_text()[-2000:]}") from refused
                time.sleep(0.02)
        if not self.run(f"SELECT 1 FROM pg_roles WHERE rolname = '{OWNER}'"):
            self.run(f"CREATE ROLE {OWNER} LOGIN")

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop the server, by default fast: open transactions are rolled back. ``SIGQUIT`` is a crash."""
        if self._server is None:
            return
        self._server.send_signal(how)
        try:
            self._server.wait(30)
        except subprocess.TimeoutExpired:
            self._server.send_signal(signal.SIGQUIT)
            self._server.wait(30)
        self._server = None

    def create(self, database: str, *, template: str = "template0") -> str:
        """Make a database; returns its URL."""
        # Copying files is quickest for a server that never waits for its disk.
        strategy = "" if self.durable else " STRATEGY file_copy"
        self.run(f'CREATE DATABASE "{database}" OWNER {OWNER} TEMPLATE "{template}"{strategy}')
        return self.url(database)

    def drop(self, database: str) -> None:
        """Throw a database away, also under the feet of its connections."""
        self.run(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')

    def run(self, statement: str, *, database: str = "postgres") -> list[tuple[object, ...]]:
        """One statement as the administrator, outside any transaction; its rows."""
        with self._connect(database) as connection:
            # Text of our own, never of a user: the driver's type for literals cannot know.
            done = connection.execute(statement.encode())
            return done.fetchall() if done.description else []

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def _connect(self, database: str) -> psycopg.Connection[tuple[object, ...]]:
        import psycopg

        return psycopg.connect(
            host=str(self.folder), dbname=database, user=ADMINISTRATOR, autocommit=True, connect_timeout=5
        )


@contextmanager
def cluster(folder: Path | None = None, *, durable: bool) -> Iterator[Cluster]:
    """A running server, stopped at the end; ``durable`` one that keeps its commits through a power cut.

    ``folder`` should lie under ``/tmp``: the server's user must reach it and a socket's path is short. Without one a
    temporary folder is made, and removed; for a server that is not durable, in memory if there is enough.
    """
    place = DISK if durable else in_memory_if_there_is_room()
    made = Path(tempfile.mkdtemp(prefix="guanyun-pg-", dir=place)) if folder is None else folder
    if folder is None:
        made.chmod(0o711)  # the server's user passes through
    server = Cluster(made / "pg", durable)
    try:
        server.initialise()
        server.start()
        yield server
    finally:
        server.stop()
        if folder is None:
            shutil.rmtree(made, ignore_errors=True)


def in_memory_if_there_is_room() -> str:
    """A folder for what nobody needs after a crash: a new database is a thousand files, and each test has one."""
    memory = Path("/dev/shm")  # noqa: S108
    if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ROOM and not _refuses_programs(memory):
        return str(memory)
    return DISK


def _refuses_programs(folder: Path) -> bool:
    return bool(os.statvfs(folder).f_flag & os.ST_NOEXEC)


def _unprivileged() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise NotInstalled("PostgreSQL does not run as root, and there is neither a user postgres nor nobody")


def _as_server(command: Sequence[str | Path]) -> list[str]:
    """``command`` as the user a server may have, asked to end when whoever started it is killed."""
    words = ["setpriv", "--pdeathsig", "INT"]
    if os.geteuid() == 0:
        account = _unprivileged()
        words += [f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
    return [*words, *map(str, command)]
