"""A disk."""

from __future__ import annotations

import pytest

from infra.provider.checking import check
from infra.provider.kinds.volume import VOLUME
from tests.infra.provider.kinds import test_instance
from tests.infra.provider.kinds.example import Example, Made

KEY = "arn:aws-cn:kms:cn-north-1:123456789012:key/00000000-0000-4000-8000-000000000001"


def inputs(made: Made, **more: object) -> dict[str, object]:
    return {
        "name": "disk",
        "availability_zone": "cn-north-1a",
        "size_gb": 20,
        "iops": 3000,
        "throughput_mibps": 250,
        "kms_key_id": KEY,
        "instance_id": made["machine"].id,
        "device": "/dev/sdf",
        **more,
    }


EXAMPLE = Example(
    VOLUME,
    create=inputs,
    update=lambda made: inputs(made, size_gb=30, iops=4000, instance_id=made["other"].id, device="/dev/sdg"),
    replace=lambda made: inputs(made, size_gb=8),
    needs={"machine": test_instance.EXAMPLE, "other": test_instance.OTHER},
)


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({"volume_type": "gp2", "iops": 3000}, ["iops"]),
        ({"volume_type": "io2"}, ["iops"]),
        ({"volume_type": "io2", "iops": 3000, "throughput_mibps": 250}, ["throughput_mibps"]),
        ({"volume_type": "gp3", "iops": 3000, "throughput_mibps": 250}, []),
    ],
)
def test_a_disk_promises_only_what_its_type_can(said: dict[str, object], wrong: list[str]) -> None:
    given = {"name": "disk", "availability_zone": "cn-north-1a", "size_gb": 20, **said}
    assert [failure.path for failure in check(VOLUME, given, "env")[1]] == wrong
