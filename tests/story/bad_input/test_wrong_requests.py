"""Requests that cannot be: refused with everything that is wrong, and nothing of them is kept.

Each is asked once wrong and once, by the same command, when the trouble is over.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.story.conftest import DECIDER, DRAFTER, ENVIRONMENT, EXAMPLES, REQUESTER, SPEC, Installation

pytestmark = pytest.mark.real
WRONG, STOPPED, REFUSED = 2, 3, 6


@pytest.fixture(scope="module")
def office(planned: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """One installation for all of them, without a cloud: nothing here comes to calling one."""
    home = tmp_path_factory.mktemp("office") / "home"
    shutil.copytree(planned, home)
    return Installation(home)


@pytest.fixture
def reporting() -> dict[str, Any]:
    """A spec of the second baseline, in its short form."""
    text = (EXAMPLES / "environments" / "reporting.yaml").read_text(encoding="utf-8")
    written: dict[str, Any] = yaml.safe_load(text)
    return {**written, "cidr": "10.70.0.0/24", "peers": []}


def moved(environment: str, second: int) -> dict[str, Any]:
    """The story's environment under another name, at 10.``second``.0.0."""
    subnets = [{**one, "cidr": one["cidr"].replace("10.64.", f"10.{second}.")} for one in SPEC["subnets"]]
    return {**SPEC, "environment": environment, "cidr": f"10.{second}.0.0/24", "subnets": subnets}


def ask(office: Installation, spec: Mapping[str, Any], number: str) -> tuple[int, str]:
    """The command, always of the same words; the file says what the person has written by now."""
    path = office.home / f"{number}.yaml"
    path.write_text(yaml.safe_dump(dict(spec), allow_unicode=True), encoding="utf-8")
    return office.run("request", "create", str(path), "--number", number, account=REQUESTER)


def is_refused(office: Installation, answer: tuple[int, str], status: int, *said: str) -> None:
    """Ended with that status, said so in both languages, left no trace of an environment."""
    code, text = answer
    assert code == status, text
    assert [word for word in said if word not in text] == [], text
    assert "Traceback" not in text
    assert kept(office) == {"environment": 1, "request": 1}


def kept(office: Installation) -> dict[str, int]:
    """How many rows the record has of what a request makes."""
    with closing(sqlite3.connect(office.home / "records.db")) as records:
        return {
            table: records.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("environment", "request")
        }


def test_address_ranges_that_overlap(office: Installation) -> None:
    answer = ask(office, {**SPEC, "environment": "hrss-other"}, "REQ-2026-0101")
    is_refused(office, answer, WRONG, "[tenants.address-taken]", "与其他环境重叠", "overlaps another environment's")


def test_address_ranges_that_are_exhausted(office: Installation, reporting: dict[str, Any]) -> None:
    answer = ask(office, {**reporting, "cidr": "10.70.0.0/28"}, "REQ-2026-0102")
    is_refused(office, answer, WRONG, "[environment.addresses-exhausted]", "已用尽", "is exhausted", "/25")


def test_a_size_that_nobody_knows(office: Installation, reporting: dict[str, Any]) -> None:
    (machine,) = reporting["instances"]
    answer = ask(office, {**reporting, "instances": [{**machine, "size": "smal"}]}, "REQ-2026-0103")
    said = ("[environment.unknown-size]", "instances.0.size", "没有规格档位 smal", "there is no size smal", "small")
    is_refused(office, answer, WRONG, *said)


def test_two_environments_of_one_name(office: Installation) -> None:
    answer = ask(office, moved(ENVIRONMENT, 66), "REQ-2026-0104")
    is_refused(office, answer, STOPPED, "[tenants.environment-state]", "不能提出开通申请", "does not fit")


def test_a_quota_that_is_exceeded_and_then_raised(office: Installation) -> None:
    """The three wrong ones above, put right, come in by the same command; one of them is then beyond the quota."""
    set_quota(office, "Q-2026-01", vcpu=3)
    code, said = ask(office, moved("hrss-other", 66), "REQ-2026-0101")
    assert code == 0, said
    approve = ("request", "approve", "REQ-2026-0101")
    refused, text = office.run(*approve, account=DECIDER)
    assert refused == REFUSED, text
    assert "[governance.refused]" in text
    assert "超出配额" in text
    assert "beyond the quota: vCPU of hrss" in text
    assert "Traceback" not in text
    set_quota(office, "Q-2026-02", vcpu=8)
    office.do(*approve, account=DECIDER)
    assert kept(office) == {"environment": 2, "request": 2}


def test_an_address_plan_that_is_exhausted_and_then_enlarged(office: Installation, reporting: dict[str, Any]) -> None:
    before = kept(office)
    publish_pools(office, "A-2026-01", {"extranet-2": "10.70.0.0/26"})
    from_plan = {**reporting, "cidr": "from-address-plan"}
    code, said = ask(office, from_plan, "REQ-2026-0105")
    assert code == WRONG, said
    words = ("[environment.addresses-exhausted]", "第一处:需要一个 /25", "空闲的最大地址段为 /26", "a /25 is needed")
    assert [word for word in words if word not in said] == [], said
    assert kept(office) == before
    publish_pools(office, "A-2026-02", {"extranet-2": "10.70.0.0/26", "extranet-2-more": "10.70.1.0/24"})
    code, said = ask(office, from_plan, "REQ-2026-0105")
    assert code == 0, said


def publish_pools(office: Installation, number: str, pools: Mapping[str, str]) -> None:
    path = office.home / f"{number}.yaml"
    place = {"zone": "government-extranet", "protection": "level-2", "rest_days": 30}
    written = [{"id": pool, "cidr": cidr, **place} for pool, cidr in pools.items()]
    document = {"id": number, "basis": "市政数〔2026〕8号", "pools": written}
    path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    office.do("address", "publish", str(path), account=DECIDER)


def set_quota(office: Installation, number: str, **limits: int) -> None:
    path = office.home / f"{number}.yaml"
    quotas = [{"agency": "hrss", "limits": limits}]
    written = {
        "id": number,
        "basis": "市政数〔2026〕7号",
        "first_day": "2026-01-01",
        "end_day": "2029-01-01",
        "quotas": quotas,
    }
    path.write_text(yaml.safe_dump(written, allow_unicode=True), encoding="utf-8")
    office.do("quota", "set", str(path), account=DRAFTER)
    office.do("quota", "publish", number, account=DECIDER)
