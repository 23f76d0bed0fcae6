"""The sandbox as a real process: what it promises across deaths and restarts."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from infra.errors import SandboxPortTaken
from infra.provider.clients import Clients
from infra.sandbox import SandboxStatus, down, reset, status, up

pytestmark = pytest.mark.real


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "sandbox"
    down(tmp_path / "sandbox")


def api(running: SandboxStatus) -> Clients:
    return Clients(endpoint=str(running.endpoint), region="cn-north-1", access_key="a", secret_key="b")


def kill(home: Path, running: SandboxStatus) -> None:
    assert running.pid is not None
    os.kill(running.pid, signal.SIGKILL)
    while status(home).running:
        time.sleep(0.01)


def everything(clients: Clients) -> dict[str, Any]:
    return {
        "vpcs": clients.call("ec2", "DescribeVpcs", {}),
        "subnets": clients.call("ec2", "DescribeSubnets", {}),
        "groups": clients.call("ec2", "DescribeSecurityGroups", {}),
        "instances": clients.call("ec2", "DescribeInstances", {}),
        "volumes": clients.call("ec2", "DescribeVolumes", {}),
        "roles": clients.call("iam", "ListRoles", {}),
        "buckets": clients.call("s3", "ListBuckets", {}),
    }


def fill(clients: Clients, number: int) -> None:
    """One of several that work at the same time, with reads between the changes."""
    vpc = clients.call("ec2", "CreateVpc", {"CidrBlock": f"10.{number}.0.0/16"})["Vpc"]["VpcId"]
    subnet = clients.call("ec2", "CreateSubnet", {"VpcId": vpc, "CidrBlock": f"10.{number}.1.0/24"})["Subnet"]
    clients.call("ec2", "DescribeVpcs", {})
    image = clients.call("ec2", "DescribeImages", {"Owners": ["amazon"]})["Images"][0]["ImageId"]
    machine = {"ImageId": image, "MinCount": 2, "MaxCount": 2, "SubnetId": subnet["SubnetId"]}
    machines = clients.call("ec2", "RunInstances", machine)["Instances"]
    clients.call("ec2", "TerminateInstances", {"InstanceIds": [machines[0]["InstanceId"]]})
    clients.call("ec2", "RunInstances", machine)
    clients.call("ec2", "CreateVolume", {"AvailabilityZone": "cn-north-1a", "Size": 8, "Encrypted": True})
    clients.call("iam", "CreateRole", {"RoleName": f"role-{number}", "AssumeRolePolicyDocument": "{}"})
    clients.call("iam", "GetRole", {"RoleName": f"role-{number}"})
    place = {"LocationConstraint": "cn-north-1"}
    clients.call("s3", "CreateBucket", {"Bucket": f"bucket-{number}", "CreateBucketConfiguration": place})
    clients.call("s3", "PutObject", {"Bucket": f"bucket-{number}", "Key": "a key/钥匙", "Body": b"\x00\xff" * 2000})


def test_after_kill_9_the_cloud_is_the_very_same_though_its_makers_worked_at_once(home: Path) -> None:
    first = up(home)
    with ThreadPoolExecutor(6) as threads:
        list(threads.map(lambda number: fill(api(first), number), range(6)))
    before = everything(api(first))
    kill(home, first)
    second = up(home)
    assert second.endpoint == first.endpoint
    assert second.life == first.life
    assert second.requests_replayed == 6 * 9
    assert everything(api(second)) == before
    body = api(second).call("s3", "GetObject", {"Bucket": "bucket-3", "Key": "a key/钥匙"})["Body"]
    assert body.read() == b"\x00\xff" * 2000


def test_a_region_first_seen_by_a_read_is_the_same_after_a_restart(home: Path) -> None:
    first = up(home)
    default = api(first).call("ec2", "DescribeVpcs", {})
    assert default["Vpcs"]
    kill(home, first)
    second = api(up(home))
    second.call("ec2", "CreateVpc", {"CidrBlock": "10.0.0.0/16"})
    assert default["Vpcs"][0] in second.call("ec2", "DescribeVpcs", {})["Vpcs"]


def test_what_kms_encrypted_before_kill_9_can_be_decrypted_after(home: Path) -> None:
    first = up(home)
    key = api(first).call("kms", "CreateKey", {})["KeyMetadata"]["KeyId"]
    other = api(first).call("kms", "CreateKey", {})["KeyMetadata"]["KeyId"]
    sealed = api(first).call("kms", "Encrypt", {"KeyId": key, "Plaintext": b"secret"})["CiphertextBlob"]
    data = api(first).call("kms", "GenerateDataKey", {"KeyId": other, "KeySpec": "AES_256"})
    kill(home, first)
    second = api(up(home))
    assert second.call("kms", "Decrypt", {"CiphertextBlob": sealed})["Plaintext"] == b"secret"
    assert second.call("kms", "Decrypt", {"CiphertextBlob": data["CiphertextBlob"]})["Plaintext"] == data["Plaintext"]


def test_killed_in_the_middle_of_work_every_answered_change_is_still_there(home: Path) -> None:
    first = up(home)
    answered: list[str] = []
    stop = threading.Event()

    def work(number: int) -> None:
        clients = Clients(
            endpoint=str(first.endpoint), region="cn-north-1", access_key="a", secret_key="b", sleep=lambda _: None
        )
        while not stop.is_set():
            try:
                made = clients.call("ec2", "CreateVpc", {"CidrBlock": f"10.{number}.0.0/16"})
            except Exception:  # the sandbox was killed meanwhile, which is the point
                return
            answered.append(made["Vpc"]["VpcId"])

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    while len(answered) < 30:
        time.sleep(0.01)
    kill(home, first)
    stop.set()
    for thread in threads:
        thread.join()
    there = {vpc["VpcId"] for vpc in api(up(home)).call("ec2", "DescribeVpcs", {})["Vpcs"]}
    assert set(answered) <= there
    assert len(there - set(answered)) <= 1 + 4  # the default VPC, and one unanswered change a worker


def test_down_and_up_again_keep_port_and_state(home: Path) -> None:
    first = up(home)
    made = api(first).call("ec2", "CreateVpc", {"CidrBlock": "10.0.0.0/16"})["Vpc"]["VpcId"]
    assert not down(home).running
    assert not status(home).running
    second = up(home)
    assert second.endpoint == first.endpoint
    assert api(second).call("ec2", "DescribeVpcs", {"VpcIds": [made]})["Vpcs"]


def test_up_twice_is_one_sandbox(home: Path) -> None:
    with ThreadPoolExecutor(3) as threads:
        found = list(threads.map(lambda _: up(home), range(3)))
    assert len({one.pid for one in found}) == 1
    assert up(home) == found[0] == status(home)


def test_a_remembered_port_taken_meanwhile_gives_way_and_a_port_asked_for_does_not(home: Path) -> None:
    first = up(home)
    down(home)
    port = int(str(first.endpoint).rpartition(":")[2])
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        with pytest.raises(SandboxPortTaken):
            up(home, port)
        assert up(home).endpoint != first.endpoint


def test_reset_empties_the_cloud_and_begins_another_life_with_other_ids(home: Path) -> None:
    first = up(home)
    before = api(first).call("ec2", "CreateVpc", {"CidrBlock": "10.0.0.0/16"})["Vpc"]["VpcId"]
    second = reset(home)
    assert second.running
    assert second.endpoint == first.endpoint
    assert second.life != first.life
    again = api(second).call("ec2", "CreateVpc", {"CidrBlock": "10.0.0.0/16"})["Vpc"]["VpcId"]
    assert again != before


def test_reset_of_a_stopped_sandbox_leaves_it_stopped(home: Path) -> None:
    first = up(home)
    down(home)
    assert not reset(home).running
    assert up(home).life != first.life


def test_a_home_that_never_was_is_just_not_running(tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    assert not status(nowhere).running
    assert not down(nowhere).running
    assert not nowhere.exists()


def test_it_listens_on_loopback_only(home: Path) -> None:
    running = up(home)
    port = int(str(running.endpoint).rpartition(":")[2])
    hexadecimal = f":{port:04X}"
    lines = Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()
    local = {line.split()[1] for line in lines if line.split()[1].endswith(hexadecimal) and line.split()[3] == "0A"}
    assert local == {f"0100007F{hexadecimal}"}


def test_a_sandbox_whose_home_was_removed_ends(home: Path) -> None:
    running = up(home)
    shutil.rmtree(home)
    deadline = time.monotonic() + 90
    while Path(f"/proc/{running.pid}/cmdline").exists() and time.monotonic() < deadline:
        if b"infra.sandbox" not in Path(f"/proc/{running.pid}/cmdline").read_bytes():
            break  # a zombie until its starter looks
        time.sleep(0.05)
    assert time.monotonic() < deadline
