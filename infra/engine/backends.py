"""Where the engine keeps its state: a folder, an S3-compatible bucket, a PostgreSQL table.

The engine reads and writes it by itself, told by an address. What is read here beside it, checkpoints and locks, saves
a process of the engine for each look. Credentials are never in an address: it is shown to people.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.errors import UndefinedTable

from infra.engine.errors import UnknownBackend
from infra.engine.files import write_durably
from infra.provider.clients import Clients
from infra.provider.errors import CloudRefused

_ABSENT = frozenset({"NoSuchKey", "NoSuchBucket", "404"})
_TABLE = "pulumi_state"
_SECONDS_TO_CONNECT = "10"


class Backend(Protocol):
    """The engine's state as a store of files. Keys are the engine's own: ``.pulumi/stacks/…``."""

    @property
    def url(self) -> str:
        """The address the engine is told."""
        ...

    @property
    def environ(self) -> Mapping[str, str]:
        """What the engine is told beside it, by environment variables."""
        ...

    def prepare(self) -> None:
        """Make what has to be there before the engine's first run."""
        ...

    def read(self, key: str) -> bytes | None:
        """A file's content; None where there is none."""
        ...

    def write(self, key: str, content: bytes) -> None:
        """Put a file there, whole or not at all."""
        ...

    def keys(self, folder: str) -> tuple[str, ...]:
        """The keys of the files in a folder, sorted."""
        ...

    def remove(self, key: str) -> None:
        """Delete a file."""
        ...


@dataclass(frozen=True, slots=True)
class FolderBackend:
    """State in a folder of this machine."""

    folder: Path
    environ: Mapping[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Its metadata files are not written: a kill leaves them empty, and then the stack is lost."""
        return f"file://{self.folder}?metadata=skip"

    def prepare(self) -> None:
        """Make the folder."""
        self.folder.mkdir(parents=True, exist_ok=True)

    def read(self, key: str) -> bytes | None:
        """A file's content; None where there is none."""
        try:
            return (self.folder / key).read_bytes()
        except FileNotFoundError:
            return None

    def write(self, key: str, content: bytes) -> None:
        """Put a file there, whole or not at all."""
        path = self.folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        write_durably(path, content)

    def keys(self, folder: str) -> tuple[str, ...]:
        """The keys of the files in a folder, sorted."""
        return tuple(sorted(f"{folder}/{path.name}" for path in (self.folder / folder).glob("*") if path.is_file()))

    def remove(self, key: str) -> None:
        """Delete a file."""
        (self.folder / key).unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class BucketBackend:
    """State in an S3-compatible bucket, reached with the credentials of the cloud.

    ``address`` is ``s3://BUCKET[/PREFIX][?endpoint=…&region=…&s3ForcePathStyle=true]``.
    """

    address: str
    clients: Clients = field(repr=False)
    environ: Mapping[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """The address the engine is told."""
        return self.address

    @property
    def _bucket(self) -> str:
        return urlsplit(self.address).netloc

    def _path(self, key: str) -> str:
        prefix = urlsplit(self.address).path.strip("/")
        return f"{prefix}/{key}" if prefix else key

    def prepare(self) -> None:
        """Nothing: a bucket for state is made, versioned and locked away by whoever runs the site."""

    def read(self, key: str) -> bytes | None:
        """A file's content; None where there is none."""
        try:
            answer = self.clients.call("s3", "GetObject", {"Bucket": self._bucket, "Key": self._path(key)})
        except CloudRefused as refused:
            if refused.reason in _ABSENT:
                return None
            raise
        content: bytes = answer["Body"].read()
        return content

    def write(self, key: str, content: bytes) -> None:
        """Put a file there, whole or not at all."""
        self.clients.call("s3", "PutObject", {"Bucket": self._bucket, "Key": self._path(key), "Body": content})

    def keys(self, folder: str) -> tuple[str, ...]:
        """The keys of the files in a folder, sorted."""
        wanted = {"Bucket": self._bucket, "Prefix": self._path(f"{folder}/"), "Delimiter": "/"}
        pages = self.clients.pages("s3", "ListObjectsV2", wanted)
        found = (str(one["Key"]) for page in pages for one in page.get("Contents", ()))
        return tuple(sorted(f"{folder}/{key.rpartition('/')[2]}" for key in found))

    def remove(self, key: str) -> None:
        """Delete a file."""
        self.clients.call("s3", "DeleteObject", {"Bucket": self._bucket, "Key": self._path(key)})


@dataclass(frozen=True, slots=True)
class TableBackend:
    """State in a table of a PostgreSQL database, which the engine makes.

    ``address`` is ``postgres://[USER@][HOST][:PORT]/DATABASE[?table=…&sslmode=…]``; ``environ`` holds the ``PG…``
    variables, the password among them.
    """

    address: str
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def url(self) -> str:
        """The address the engine is told."""
        return self.address

    def prepare(self) -> None:
        """Nothing: the engine makes the table."""

    def read(self, key: str) -> bytes | None:
        """A file's content; None where there is none."""
        found = self._rows("SELECT data->>'data' FROM {table} WHERE key = %s", self._path(key))
        return base64.b64decode(found[0]) if found else None

    def write(self, key: str, content: bytes) -> None:
        """Put a file there, whole or not at all; the engine has made the table."""
        data = json.dumps({"data": base64.b64encode(content).decode()})
        statement = (
            "INSERT INTO {table} (key, data) VALUES (%s, %s) ON CONFLICT (key) DO UPDATE SET data = excluded.data"
        )
        self._rows(f"{statement} RETURNING key", self._path(key), data)

    def keys(self, folder: str) -> tuple[str, ...]:
        """The keys of the files in a folder, sorted."""
        prefix = self._path(f"{folder}/")
        found = self._rows("SELECT key FROM {table} WHERE starts_with(key, %s)", prefix)
        names = (key.removeprefix(prefix) for key in found)
        return tuple(sorted(f"{folder}/{name}" for name in names if "/" not in name))

    def remove(self, key: str) -> None:
        """Delete a file."""
        self._rows("DELETE FROM {table} WHERE key = %s RETURNING key", self._path(key))

    def _path(self, key: str) -> str:
        # The engine takes the database's name for a folder too.
        return f"{urlsplit(self.address).path.strip('/')}/{key}".lstrip("/")

    def _rows(self, statement: str, *arguments: str) -> list[str]:
        parts = urlsplit(self.address)
        given = dict(parse_qsl(parts.query))
        table = sql.Identifier(*given.pop("table", _TABLE).split("."))
        address = f"postgresql://{parts.netloc}{parts.path}?{urlencode(given)}"
        told = {name: self.environ[variable] for variable, name in _LIBPQ.items() if variable in self.environ}
        # What the address names goes before a variable, as in the engine.
        told = {name: value for name, value in told.items() if name == "password" or name not in _named(address)}
        told["connect_timeout"] = _SECONDS_TO_CONNECT
        with psycopg.connect(make_conninfo(address, **told), autocommit=True) as connection:
            try:
                done = connection.execute(sql.SQL(statement).format(table=table), arguments)
            except UndefinedTable:
                return []
            return [str(row[0]) for row in done.fetchall()]


_LIBPQ = {
    "PGHOST": "host",
    "PGPORT": "port",
    "PGUSER": "user",
    "PGPASSWORD": "password",
    "PGSSLMODE": "sslmode",
    "PGSSLROOTCERT": "sslrootcert",
}


def _named(address: str) -> set[str]:
    return {name for name, value in conninfo_to_dict(address).items() if value}


def backend_from(url: str, *, folder: Path, cloud: Mapping[str, str], environ: Mapping[str, str]) -> Backend:
    """The backend a setting names; "" is the folder. ``environ`` may hold ``PG…`` variables, ``cloud`` the AWS ones.

    Raises ``UnknownBackend`` for another scheme, and for an address that holds a password.
    """
    if not url:
        return FolderBackend(folder)
    parts = urlsplit(url)
    if parts.password is not None:
        raise UnknownBackend(url=f"{parts.scheme}://…", reason_zh="地址中不得含口令", reason_en="it holds a password")
    if parts.scheme == "file" and parts.path.startswith("/"):
        return FolderBackend(Path(parts.path))
    if parts.scheme == "s3" and parts.netloc:
        return BucketBackend(url, _bucket_clients(url, cloud))
    if parts.scheme == "postgres" and parts.path.strip("/"):
        return TableBackend(url, {name: value for name, value in environ.items() if name.startswith("PG")})
    raise UnknownBackend(
        url=url,
        reason_zh="须为 file:///…、s3://… 或 postgres://…/DATABASE",
        reason_en="it must be file:///…, s3://… or postgres://…/DATABASE",
    )


def _bucket_clients(url: str, cloud: Mapping[str, str]) -> Clients:
    given = dict(parse_qsl(urlsplit(url).query))
    endpoint = given.get("endpoint", cloud.get("AWS_ENDPOINT_URL_S3") or cloud.get("AWS_ENDPOINT_URL", ""))
    if endpoint and "://" not in endpoint:
        endpoint = f"{'http' if given.get('disableSSL') == 'true' else 'https'}://{endpoint}"
    told = {**cloud, "AWS_ENDPOINT_URL": endpoint}
    if "region" in given:
        told["AWS_REGION"] = given["region"]
    return Clients.from_environment(told)


def checkpoint_of(content: bytes) -> dict[str, object]:
    """The newest deployment in a checkpoint file; raises ``ValueError`` where it cannot be read."""
    read = json.loads(content)
    checkpoint = read.get("checkpoint") if isinstance(read, dict) else None
    if not isinstance(checkpoint, dict):
        raise ValueError("not a checkpoint")
    latest = checkpoint.get("latest")
    if latest is not None and not isinstance(latest, dict):
        raise ValueError("not a deployment")
    return dict(latest or {})
