"""An environment built by the real engine in one region, in a process that may have no network but loopback.

``python -m tests.infra.components.alone FOLDER REGION``: a sandbox, a plan, an apply, and what it found as JSON. In a
network namespace of its own it raises the loopback interface first, and counts what was sent anywhere else.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import socket
import struct
import sys
from contextlib import suppress
from pathlib import Path

from foundation.values.ids import random_ids
from infra.engine import Driver, read_placement
from infra.engine.home import checkpoint_key
from infra.provider.clients import Clients
from infra.provider.sweep import sweep
from infra.sandbox import down, up
from tests.infra.components.specs import level_2

_ARN = re.compile(r"arn:(aws[a-z-]*):")
_UP = 0x1 | 0x40
_SET_FLAGS = 0x8914  # SIOCSIFFLAGS


def raise_loopback() -> None:
    """``ip link set lo up``, without that program."""
    with socket.socket() as one:
        fcntl.ioctl(one, _SET_FLAGS, struct.pack("16sh14x", b"lo", _UP))


def sent_elsewhere() -> int:
    """How many packets had no way to go, since the namespace began."""
    rows = [line.split() for line in Path("/proc/net/snmp").read_text(encoding="ascii").splitlines()]
    counted = {
        name: int(count)
        for names, counts in zip(rows[::2], rows[1::2], strict=True)
        if names[0] == "Ip:"
        for name, count in zip(names[1:], counts[1:], strict=True)
    }
    return counted["OutNoRoutes"]


def build(folder: Path, region: str) -> dict[str, object]:
    """Plan and apply; the partition, those of all ARNs in the state, and whether cloud and state are equal."""
    status = up(folder / "sandbox")
    cloud = {
        "AWS_ENDPOINT_URL": str(status.endpoint),
        "AWS_REGION": region,
        "AWS_ACCESS_KEY_ID": "guanyun",
        "AWS_SECRET_ACCESS_KEY": "guanyun",
    }
    try:
        clients = Clients.from_environment(cloud)
        placement = read_placement(clients, partition=clients.partition, account=clients.account)
        engine = Driver(folder / "engine", cloud=cloud, placement=placement, ids=random_ids)
        spec = level_2(peers=[])
        plan = engine.preview(spec)
        outcome = engine.apply(spec, approved=plan.digest, deployment="first")
        state = engine.home.backend.read(checkpoint_key(spec.environment)) or b""
        swept = {kind: ids for kind, ids in sweep(clients, spec.environment).items() if ids}
        engine.close()
        return {
            "partition": clients.partition,
            "arns": sorted(set(_ARN.findall(state.decode()))),
            "resources": len(outcome.state.all_ids),
            "equal": swept == {kind: ids for kind, ids in outcome.state.ids.items() if ids},
        }
    finally:
        down(folder / "sandbox")


if __name__ == "__main__":
    alone = os.environ.get("ALONE") == "1"
    if alone:
        raise_loopback()
    found = build(Path(sys.argv[1]), sys.argv[2])
    if alone:
        found["elsewhere"] = sent_elsewhere()
        with suppress(OSError):
            socket.create_connection(("192.0.2.1", 80), 1)
        found["control"] = sent_elsewhere()
    sys.stdout.write(json.dumps(found))
