"""Looks that come while another is under way go together in one call, and each is told only its own."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.model import ListShape, Shape, StructureShape

from infra.provider.clients import Clients
from infra.provider.errors import CloudRefused
from infra.provider.together import LISTINGS


class Cloud(Clients):
    """A cloud of disks whose answers wait until they are let go."""

    def __init__(self, *there: str) -> None:
        super().__init__(endpoint="http://127.0.0.1:9", region="cn-north-1", access_key="a", secret_key="b")
        self.there = there
        self.asked: list[list[str]] = []
        self.reached = threading.Semaphore(0)
        self.answering = threading.Event()

    def call(self, service: str, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        ids = list(parameters["VolumeIds"])
        self.asked.append(ids)
        self.reached.release()
        assert self.answering.wait(10)
        absent = [one for one in ids if one not in self.there]
        if absent:
            raise CloudRefused(operation=operation, reason="InvalidVolume.NotFound", message=absent[0])
        return {"Volumes": [{"VolumeId": one, "Size": len(one)} for one in ids]}

    def look(self, identity: str) -> dict[str, Any]:
        return self.together.ask(self, "ec2", "DescribeVolumes", {"VolumeIds": [identity]})


def many(cloud: Cloud, *wanted: str) -> list[Any]:
    """Look at the first, and at the others while its call is under way; what each got."""
    with ThreadPoolExecutor(len(wanted)) as threads:
        first = threads.submit(cloud.look, wanted[0])
        assert cloud.reached.acquire(timeout=10)
        others = [threads.submit(cloud.look, one) for one in wanted[1:]]
        key = (cloud.guard, cloud.place, "DescribeVolumes")
        while len(cloud.together._waiting[key]) < len(others):
            threading.Event().wait(0.01)
        cloud.answering.set()
        return [one.exception(10) or one.result(10) for one in (first, *others)]


def test_those_who_wait_go_together() -> None:
    cloud = Cloud("a", "bb", "ccc", "dddd")
    found = many(cloud, "a", "bb", "ccc", "dddd", "bb")
    assert [one["Volumes"] for one in found] == [
        [{"VolumeId": name, "Size": len(name)}] for name in ("a", "bb", "ccc", "dddd", "bb")
    ]
    assert len(cloud.asked) == 2
    assert sorted(cloud.asked[1]) == ["bb", "ccc", "dddd"]


def test_one_that_is_gone_hides_no_other() -> None:
    cloud = Cloud("a", "b")
    found = many(cloud, "a", "b", "gone")
    assert found[1]["Volumes"][0]["VolumeId"] == "b"
    assert isinstance(found[2], CloudRefused)


def test_one_alone_is_asked_at_once_and_its_refusal_is_its_own() -> None:
    cloud = Cloud()
    cloud.answering.set()
    with pytest.raises(CloudRefused):
        cloud.look("gone")
    with pytest.raises(CloudRefused):
        cloud.look("gone")
    assert cloud.asked == [["gone"], ["gone"]]


def test_one_environment_never_waits_for_another() -> None:
    """Each has a guard of its own, which may forbid to send anything more."""
    cloud = Cloud("a", "b")
    other = cloud.guarded(threading.Lock)  # type: ignore[arg-type]
    with ThreadPoolExecutor(2) as threads:
        looks = [threads.submit(cloud.look, "a"), threads.submit(other.look, "b")]
        assert cloud.reached.acquire(timeout=10)
        assert cloud.reached.acquire(timeout=10)
        cloud.answering.set()
        assert [one.result(10)["Volumes"][0]["VolumeId"] for one in looks] == ["a", "b"]


@pytest.mark.parametrize("listing", LISTINGS.items(), ids=lambda one: one[0][1])
def test_a_listing_is_as_the_cloud_has_it(listing: Any, offline: Clients) -> None:
    (service, operation), known = listing
    model = offline.model(service).operation_model(operation)
    given = model.input_shape
    shape: Shape | None = model.output_shape
    assert isinstance(given, StructureShape)
    assert known.ids in given.members
    for name in known.path:
        assert isinstance(shape, StructureShape)
        listed = shape.members[name]
        assert isinstance(listed, ListShape)
        shape = listed.member
    assert isinstance(shape, StructureShape)
    assert known.identity in shape.members
