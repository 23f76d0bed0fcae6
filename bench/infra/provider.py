"""Creates per second of the provider beside a bare boto3 pool, and the provider's memory with every kind loaded.

Usage: python bench/infra/provider.py [--pairs 5] [--each 30] [--threads 32]

Both sides are whole processes, take turns, and meet a sandbox of their own each time; the figure is the median of the
pairs' ratios. They make the same resources: subnets, disks, security groups with a rule, roles with a policy and
buckets that are tagged, encrypted, versioned and closed. The bare side makes each with the calls that takes and
botocore's own waiter; it keeps no state, finds nothing again and writes no token. Memory is the highest of the
provider's process (VmHWM), with the clients of every kind's service made. Ends with 1 when a figure is missed.
"""

# ruff: noqa: PLC0415, S101, S106
# Each side loads only what it is made of; the keys are the sandbox's, which takes any.

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

RATIO_FLOOR, MEGABYTES = 0.7, 160.0
ENVIRONMENT = "bench"
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}],
    }
)
READ = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]})
RULE = {"protocol": "tcp", "from_port": 443, "to_port": 443, "cidr": "10.0.0.0/8"}
OPEN = {"protocol": "-1", "cidr": "0.0.0.0/0"}
BLOCKS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


def wanted(each: int, vpc: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Kind, name and inputs of everything to make."""
    from infra.provider.naming import bucket_name, role_name

    zone = "cn-north-1a"
    for at in range(each):
        cidr = f"10.0.{at}.0/24"
        yield "Subnet", f"s{at}", {"name": f"s{at}", "vpc_id": vpc, "cidr_block": cidr, "availability_zone": zone}
        yield "Volume", f"v{at}", {"name": f"v{at}", "availability_zone": zone, "size_gb": 8}
        group = {"name": f"g{at}", "description": "web", "vpc_id": vpc, "ingress": [RULE], "egress": [OPEN]}
        yield "SecurityGroup", f"g{at}", group
        role = {"name": role_name(ENVIRONMENT, f"r{at}"), "assume_role_policy": TRUST}
        yield "Role", f"r{at}", {**role, "inline_policies": {"read": READ}}
        yield "Bucket", f"b{at}", {"name": bucket_name(ENVIRONMENT, f"b{at}"), "versioning": True}


def settings(endpoint: str) -> dict[str, str]:
    """What both sides are told about the cloud."""
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_REGION": "cn-north-1",
        "AWS_DEFAULT_REGION": "cn-north-1",
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
    }


@contextmanager
def sandbox() -> Iterator[tuple[str, str]]:
    """An empty sandbox with one VPC: its endpoint and the VPC's id."""
    from infra.provider.clients import Clients
    from infra.sandbox import down, up

    with tempfile.TemporaryDirectory(prefix="guanyun-bench-") as folder:
        endpoint = str(up(Path(folder)).endpoint)
        try:
            clients = Clients(endpoint=endpoint, region="cn-north-1", access_key="bench", secret_key="bench")
            yield endpoint, str(clients.call("ec2", "CreateVpc", {"CidrBlock": "10.0.0.0/16"})["Vpc"]["VpcId"])
        finally:
            down(Path(folder))


def pooled(threads: int, work: Iterable[Callable[[], None]]) -> float:
    """Seconds for all of it on so many threads."""
    start = time.monotonic()
    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(one) for one in work]:
            done.result()
    return time.monotonic() - start


def bare(each: int, threads: int, vpc: str) -> None:
    """The bare side, in this process: print seconds."""
    import boto3
    from botocore.config import Config

    start = time.monotonic()  # the provider makes its clients when it is first asked
    session = boto3.Session()
    config = Config(max_pool_connections=threads, s3={"addressing_style": "path"})
    clients: list[Any] = [session.client(name, config=config) for name in ("ec2", "iam", "s3")]
    ec2, iam, s3 = clients
    tags = [{"Key": "guanyun:environment", "Value": ENVIRONMENT}]

    def specified(kind: str) -> list[Any]:
        return [{"ResourceType": kind, "Tags": tags}]

    def subnet(one: dict[str, Any]) -> None:
        made = ec2.create_subnet(
            VpcId=vpc,
            CidrBlock=one["cidr_block"],
            AvailabilityZone=one["availability_zone"],
            TagSpecifications=specified("subnet"),
        )
        ec2.get_waiter("subnet_available").wait(SubnetIds=[made["Subnet"]["SubnetId"]])

    def volume(one: dict[str, Any]) -> None:
        made = ec2.create_volume(
            AvailabilityZone=one["availability_zone"],
            Size=one["size_gb"],
            VolumeType="gp3",
            Encrypted=True,
            TagSpecifications=specified("volume"),
        )
        ec2.get_waiter("volume_available").wait(VolumeIds=[made["VolumeId"]])

    def group(one: dict[str, Any]) -> None:
        identity = ec2.create_security_group(
            GroupName=one["name"], Description="web", VpcId=vpc, TagSpecifications=specified("security-group")
        )["GroupId"]
        permission = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
        ec2.authorize_security_group_ingress(GroupId=identity, IpPermissions=[permission])
        ec2.get_waiter("security_group_exists").wait(GroupIds=[identity])

    def role(one: dict[str, Any]) -> None:
        iam.create_role(RoleName=one["name"], AssumeRolePolicyDocument=TRUST, Tags=tags)
        iam.get_waiter("role_exists").wait(RoleName=one["name"])
        iam.put_role_policy(RoleName=one["name"], PolicyName="read", PolicyDocument=READ)

    def bucket(one: dict[str, Any]) -> None:
        name = one["name"]
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "cn-north-1"})
        s3.get_waiter("bucket_exists").wait(Bucket=name)
        s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": tags})
        rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
        s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [rule]})
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=dict.fromkeys(BLOCKS, True))

    make = {"Subnet": subnet, "Volume": volume, "SecurityGroup": group, "Role": role, "Bucket": bucket}
    work = [lambda kind=kind, one=one: make[kind](one) for kind, _, one in wanted(each, vpc)]
    pooled(threads, work)
    sys.stdout.write(f"{time.monotonic() - start}\n")


def bare_seconds(each: int, threads: int) -> float:
    """The bare side as a process."""
    with sandbox() as (endpoint, vpc):
        command = [sys.executable, __file__, "--bare", vpc, "--each", str(each), "--threads", str(threads)]
        environ = {**os.environ, **settings(endpoint)}
        return float(subprocess.run(command, env=environ, stdout=subprocess.PIPE, text=True, check=True).stdout)


def provider_seconds(each: int, threads: int) -> tuple[float, float]:
    """The provider as a process that is asked as the engine asks: seconds, and its highest megabytes."""
    import grpc
    from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

    from infra.provider.plain import to_plain, to_struct

    with sandbox() as (endpoint, vpc):
        environ = {
            **os.environ,
            **settings(endpoint),
            "GUANYUN_ENVIRONMENT": ENVIRONMENT,
            "GUANYUN_DEPLOYMENT": "bench",
        }
        plugin = Path(sys.executable).parent / "pulumi-resource-guanyun"
        process = subprocess.Popen(
            [plugin, "127.0.0.1:1"], env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        try:
            assert process.stdout is not None
            with grpc.insecure_channel(f"127.0.0.1:{int(process.stdout.readline())}") as channel:
                stub = provider_pb2_grpc.ResourceProviderStub(channel)

                def create(kind: str, name: str, inputs: dict[str, Any]) -> None:
                    urn = f"urn:pulumi:{ENVIRONMENT}::guanyun::guanyun:cloud:{kind}::{name}"
                    given = to_struct(inputs)
                    checked = stub.Check(provider_pb2.CheckRequest(urn=urn, news=given))
                    assert not checked.failures, checked.failures
                    made = stub.Create(provider_pb2.CreateRequest(urn=urn, properties=checked.inputs))
                    assert to_plain(made.properties)["token"]

                everything = list(wanted(each, vpc))
                work = [lambda one=one: create(*one) for one in everything]
                seconds = pooled(threads, work)
            return seconds, highest(process.pid)
        finally:
            process.kill()
            process.wait()


def warm_megabytes() -> float:
    """The highest memory of an attached provider's process with the clients of every kind made."""
    text = (
        "from infra.provider.clients import Clients\n"
        "from infra.provider.clouds import Clouds\n"
        "from infra.provider.main import CloudProvider\n"
        "from infra.provider.work import Works\n"
        "clients = Clients(endpoint='http://127.0.0.1:9', region='cn-north-1', access_key='a', secret_key='b')\n"
        "CloudProvider(Works(), Clouds(clients)).warm()\n"
        "print(open('/proc/self/status').read())\n"
    )
    said = subprocess.run([sys.executable, "-c", text], stdout=subprocess.PIPE, text=True, check=True).stdout
    return _megabytes(said)


def highest(pid: int) -> float:
    """The highest memory of a process, in megabytes."""
    return _megabytes(Path(f"/proc/{pid}/status").read_text(encoding="utf-8"))


def _megabytes(status: str) -> float:
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024


def main() -> None:
    """Both sides in turns."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--each", type=int, default=30, help="resources of each of five kinds, 250 at most")
    parser.add_argument("--threads", type=int, default=32)
    parser.add_argument("--bare", default="", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.bare:
        bare(asked.each, asked.threads, asked.bare)
        return
    from infra.provider.kinds import KINDS

    creates = asked.each * 5
    ratios, memory = [], [warm_megabytes()]
    for pair in range(asked.pairs):
        ours, megabytes = provider_seconds(asked.each, asked.threads)
        theirs = bare_seconds(asked.each, asked.threads)
        ratios.append(theirs / ours)
        memory.append(megabytes)
        line = f"pair {pair + 1}: provider {creates / ours:.1f}, boto3 {creates / theirs:.1f} creates/s"
        sys.stdout.write(f"{line}, ratio {ratios[-1]:.2f}; {megabytes:.0f} MB\n")
    ratio, top = statistics.median(ratios), max(memory)
    sys.stdout.write(
        f"{os.cpu_count()} cores, {creates} creates, {asked.threads} threads: ratio {ratio:.2f} (floor {RATIO_FLOOR}); "
        f"{top:.0f} MB with {len(KINDS)} kinds (at most {MEGABYTES:.0f})\n"
    )
    sys.exit(0 if ratio >= RATIO_FLOOR and top <= MEGABYTES else 1)


if __name__ == "__main__":
    main()
