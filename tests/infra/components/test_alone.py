"""Every partition's environment is built whole, and nothing but the endpoint is contacted for it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

pytestmark = pytest.mark.real
ROOT = Path(__file__).parents[3]


@cache
def may_be_alone() -> bool:
    """Whether this machine gives a process a network namespace of its own."""
    unshare = shutil.which("unshare")
    return (
        unshare is not None
        and subprocess.run([unshare, "-rn", "true"], check=False, stderr=subprocess.DEVNULL).returncode == 0
    )


@pytest.mark.parametrize(
    ("region", "partition"),
    [
        ("us-gov-west-1", "aws-us-gov"),
        ("eu-west-1", "aws"),
        pytest.param("cn-northwest-1", "aws-cn", marks=pytest.mark.drill),
    ],
)
def test_an_environment_of_any_partition_needs_no_network_but_the_endpoint(
    region: str, partition: str, tmp_path: Path
) -> None:
    """aws-cn, the default, is what every other test builds in."""
    alone = may_be_alone()
    command = [*(["unshare", "-rn"] if alone else []), sys.executable, "-m", "tests.infra.components.alone"]
    done = subprocess.run(
        [*command, str(tmp_path), region],
        cwd=ROOT,
        env={**os.environ, "ALONE": "1" if alone else "0"},
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["partition"] == partition
    assert found["arns"] == [partition]
    assert found["equal"]
    assert found["resources"] > 20
    if alone:
        assert found["elsewhere"] == 0
        assert found["control"] > 0, "the count would not have shown it"
