from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from foundation.values.ids import random_ids
from infra.cloud import CloudIdentity, ensure_marker, read_identity, require_same_cloud, same_cloud
from infra.errors import CloudUnreachable, DifferentCloud
from infra.provider.clients import Clients
from infra.sandbox import SandboxStatus, down, reset, up

RECORDED = CloudIdentity("aws-cn", "123456789012", "http://127.0.0.1:1", "cloud_1")


def api(running: SandboxStatus) -> Clients:
    return Clients(endpoint=str(running.endpoint), region="cn-north-1", access_key="a", secret_key="b")


@pytest.mark.parametrize(
    "found",
    [
        CloudIdentity("aws", "123456789012", "http://127.0.0.1:1", "cloud_1"),
        CloudIdentity("aws-cn", "999999999999", "http://127.0.0.1:1", "cloud_1"),
        CloudIdentity("aws-cn", "123456789012", "http://127.0.0.1:1", "cloud_2"),
        CloudIdentity("aws-cn", "123456789012", "http://127.0.0.1:1", None),
    ],
)
def test_another_partition_account_or_marker_is_another_cloud(found: CloudIdentity) -> None:
    with pytest.raises(DifferentCloud, match="different or emptied cloud"):
        require_same_cloud(RECORDED, found)


def test_the_same_cloud_may_move_to_another_address() -> None:
    assert same_cloud(RECORDED, CloudIdentity("aws-cn", "123456789012", "http://127.0.0.1:2", "cloud_1"))


@pytest.mark.real
def test_the_marker_outlives_a_restart_and_not_a_reset(tmp_path: Path) -> None:
    try:
        clients = api(up(tmp_path))
        assert read_identity(clients).marker is None
        with ThreadPoolExecutor(4) as threads:
            marked = set(threads.map(lambda _: ensure_marker(clients, random_ids), range(4)))
        assert len(marked) == 1
        recorded = marked.pop()
        assert recorded.partition == "aws-cn"
        down(tmp_path)
        assert same_cloud(recorded, read_identity(api(up(tmp_path))))
        emptied = read_identity(api(reset(tmp_path)))
        assert emptied.marker is None
        assert not same_cloud(recorded, emptied)
        assert not same_cloud(recorded, ensure_marker(clients, random_ids))
    finally:
        down(tmp_path)


def test_no_cloud_at_the_address_is_said_so() -> None:
    nowhere = Clients(
        endpoint="http://127.0.0.1:9", region="cn-north-1", access_key="a", secret_key="b", sleep=lambda _: None
    )
    with pytest.raises(CloudUnreachable, match="does not answer"):
        read_identity(nowhere)
