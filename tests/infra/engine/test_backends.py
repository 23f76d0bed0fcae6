"""Where the engine's state may lie: what is read beside the engine is what the engine wrote, on every backend."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from foundation.values.ids import random_ids
from governance.environments import EnvironmentSpec
from infra.engine import Driver, EngineLocked, Unfinished, UnknownBackend, backend_from, read_placement
from infra.engine.backends import Backend, BucketBackend, FolderBackend, TableBackend
from infra.engine.errors import StateUnreadable
from infra.engine.home import EngineHome, checkpoint_key
from infra.provider.clients import Clients
from infra.provider.sweep import sweep
from infra.sandbox import SandboxStatus
from tests.infra.engine.killing import Pausing, finish, kill, proxy, start
from tests.postgres import OWNER, NotInstalled, cluster

CLOUD = {"AWS_REGION": "cn-north-1", "AWS_ACCESS_KEY_ID": "guanyun", "AWS_SECRET_ACCESS_KEY": "guanyun"}
Opened = tuple[str, Mapping[str, str]]
"""A backend's address, and the variables it needs."""


@contextmanager
def folder(tmp_path: Path, _cloud: Mapping[str, str]) -> Iterator[Opened]:
    yield f"file://{tmp_path / 'elsewhere'}", {}


@contextmanager
def bucket(_folder: Path, cloud: Mapping[str, str]) -> Iterator[Opened]:
    """A bucket of the sandbox; the engine finds it by the cloud's endpoint."""
    name = f"engine-state-{uuid.uuid4().hex[:12]}"
    where = {"LocationConstraint": cloud["AWS_REGION"]}
    Clients.from_environment(cloud).call("s3", "CreateBucket", {"Bucket": name, "CreateBucketConfiguration": where})
    yield f"s3://{name}/guanyun?endpoint={cloud['AWS_ENDPOINT_URL']}&region=cn-north-1&s3ForcePathStyle=true", {}


@contextmanager
def table(_folder: Path, _cloud: Mapping[str, str]) -> Iterator[Opened]:
    """A database of a server that asks for no password, by a variable all the same."""
    try:
        with cluster(durable=False) as server:
            server.create("engine_state")
            address = f"postgres:///engine_state?host={server.folder}&sslmode=disable&table=guanyun_state"
            yield address, {"PGUSER": OWNER, "PGPASSWORD": "hush-hush"}
    except NotInstalled as absent:
        pytest.skip(str(absent))


OPENERS = {"folder": folder, "bucket": bucket, "table": table}


def write(backend: Backend, key: str, content: bytes) -> None:
    """As the engine does."""
    match backend:
        case FolderBackend():
            path = backend.folder / key
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        case BucketBackend():
            named = {"Bucket": backend._bucket, "Key": backend._path(key), "Body": content}
            backend.clients.call("s3", "PutObject", named)
        case TableBackend():
            data = json.dumps({"data": base64.b64encode(content).decode()})
            with psycopg.connect(backend.url.replace("&table=guanyun_state", ""), user=OWNER) as connection:
                connection.execute("CREATE TABLE IF NOT EXISTS guanyun_state (key text PRIMARY KEY, data jsonb)")
                put = sql.SQL("INSERT INTO guanyun_state VALUES (%s, %s)")
                connection.execute(put, (f"engine_state/{key}", data))


@pytest.mark.parametrize("kind", OPENERS)
def test_files_are_read_listed_and_removed_where_the_engine_puts_them(
    kind: str, tmp_path: Path, sandbox: SandboxStatus
) -> None:
    cloud = {**CLOUD, "AWS_ENDPOINT_URL": str(sandbox.endpoint)}
    with OPENERS[kind](tmp_path, cloud) as (address, environ):
        backend = backend_from(address, folder=tmp_path / "state", cloud=cloud, environ=environ)
        backend.prepare()
        assert backend.read(".pulumi/locks/a/one.json") is None
        assert backend.keys(".pulumi/locks/a") == ()
        for name in ("a/two.json", "a/one.json", "a/deeper/three.json", "ab/four.json"):
            write(backend, f".pulumi/locks/{name}", name.encode())
        assert backend.keys(".pulumi/locks/a") == (".pulumi/locks/a/one.json", ".pulumi/locks/a/two.json")
        assert backend.read(".pulumi/locks/a/one.json") == b"a/one.json"
        backend.remove(".pulumi/locks/a/one.json")
        backend.remove(".pulumi/locks/a/one.json")
        assert backend.keys(".pulumi/locks/a") == (".pulumi/locks/a/two.json",)


@pytest.mark.parametrize("kind", OPENERS)
def test_a_state_that_was_cut_is_noticed_and_its_newest_copy_put_back(
    kind: str, tmp_path: Path, sandbox: SandboxStatus
) -> None:
    cloud = {**CLOUD, "AWS_ENDPOINT_URL": str(sandbox.endpoint)}
    with OPENERS[kind](tmp_path, cloud) as (address, environ):
        backend = backend_from(address, folder=tmp_path / "state", cloud=cloud, environ=environ)
        home = EngineHome(tmp_path / "engine", backend)
        home.prepare()
        resources = [{"type": "guanyun:cloud:Vpc", "custom": True, "id": "vpc-1"}]
        latest = {"resources": resources, "manifest": {"time": "2026-03-01T00:00:00Z"}}
        older = {**latest, "resources": [], "manifest": {"time": "2026-02-01T00:00:00Z"}}
        key = checkpoint_key("env")
        newest = ".pulumi/history/guanyun/env/env-2.checkpoint.json"
        write(backend, newest, json.dumps({"checkpoint": {"latest": latest}}).encode())
        write(backend, f"{key}.bak", json.dumps({"checkpoint": {"latest": older}}).encode())
        whole = backend.read(newest) or b""
        write(backend, key, whole[: len(whole) // 2])
        with pytest.raises(StateUnreadable, match=newest):
            home.has_stack("env")
        put_back = home.restore("env")
        assert put_back is not None
        assert (put_back.key, put_back.resources) == (newest, 1)
        assert backend.read(key) == whole
        assert backend.read(f"{key}.damaged") == whole[: len(whole) // 2]
        assert home.latest("env") == latest


def test_without_an_address_the_state_lies_in_the_folder(tmp_path: Path) -> None:
    backend = backend_from("", folder=tmp_path, cloud=CLOUD, environ={})
    assert backend == FolderBackend(tmp_path)
    assert backend.url == f"file://{tmp_path}?metadata=skip"


@pytest.mark.parametrize(
    "address", ["ftp://files/state", "file://state", "s3:///no-bucket", "postgres://server", "gs://bucket", "state"]
)
def test_an_address_of_another_kind_is_refused_in_both_languages(tmp_path: Path, address: str) -> None:
    with pytest.raises(UnknownBackend) as refused:
        backend_from(address, folder=tmp_path, cloud=CLOUD, environ={})
    assert address in refused.value.text("zh")
    assert "postgres://" in refused.value.text("en")


def test_a_password_in_an_address_is_refused_and_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(UnknownBackend) as refused:
        backend_from("postgres://user:hush-hush@server/state", folder=tmp_path, cloud=CLOUD, environ={})
    assert "hush" not in refused.value.text("zh") + refused.value.text("en") + repr(refused.value)


def test_credentials_go_to_the_engine_by_environment_and_show_nowhere(tmp_path: Path) -> None:
    given = {"PGPASSWORD": "hush-hush", "PGUSER": "guanyun", "HOME": "/root"}
    backend = backend_from("postgres://server/state", folder=tmp_path, cloud=CLOUD, environ=given)
    assert backend.environ == {"PGPASSWORD": "hush-hush", "PGUSER": "guanyun"}
    assert "hush" not in backend.url + repr(backend)


@pytest.mark.real
@pytest.mark.parametrize("kind", OPENERS)
def test_an_environment_lives_on_any_backend_also_through_a_kill(
    kind: str, ground: Any, named: Callable[[str], EnvironmentSpec], tmp_path: Path
) -> None:
    """plan → a kill of the engine in the middle of the apply → resume → no change → destroy."""
    spec = named(f"on-a-{kind}")
    home = tmp_path / "engine"
    clients = Clients.from_environment(ground.cloud)
    placement = read_placement(clients, partition=clients.partition, account="123456789012")
    with OPENERS[kind](tmp_path, ground.cloud) as (address, environ):
        backend = backend_from(address, folder=home / "state", cloud=ground.cloud, environ=environ)
        engine = Driver(home, cloud=ground.cloud, placement=placement, ids=random_ids, backend=backend)
        approved = engine.preview(spec)
        pausing = Pausing(ground.cloud["AWS_ENDPOINT_URL"], b"Action=CreateVpc&", "before-the-answer")
        with proxy(pausing) as endpoint:
            through = {**ground.cloud, **environ, "AWS_ENDPOINT_URL": endpoint}
            driver = start(home, through, placement, spec, approved.digest, address)
            kill(engine, spec.environment, driver, pausing, "engine")
            pausing.release.set()
            assert driver.wait(timeout=60) != 0
        (lock,) = engine.locks(spec.environment)
        assert lock.startswith("pid ")
        with pytest.raises(EngineLocked, match=lock):
            engine.refresh(spec.environment)
        finish(engine, clients, Unfinished(spec, "killed-1", approved.digest), approved.creates)
        assert backend.read(checkpoint_key(spec.environment)) is not None
        assert not list((home / "state").glob(".pulumi/stacks/*/*"))
        engine.destroy(spec.environment, deployment="killed-2")
        assert engine.state_ids(spec.environment) == {}
        assert not any(sweep(clients, spec.environment).values())
        engine.close()
