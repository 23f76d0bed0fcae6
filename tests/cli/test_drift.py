"""``guanyun drift`` as people type it: an environment from its file, changed by hand, looked at, reverted, adopted."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra import sandbox
from infra.provider import sending
from infra.provider.clients import Clients
from wiring.settings import Settings

HRSS, BUREAU, OPERATOR = ("chen.jing", "request"), ("li.qiang", "approve"), ("wang.fang", "operate")
CONFIRMS, OTHER = ("liu.yang", "confirm"), ("yang.li", "request")
DRAFTER, PUBLISHER = ("zhang.min", "draft"), ("li.qiang", "publish")
EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
NAME = "hrss-drifting"
SPEC = {
    "environment": NAME,
    "agency": "hrss",
    "system": "employment",
    "project": "P-HRSS-2026-01",
    "fund_source": "就业补助资金",
    "zone": "government-extranet",
    "protection": "level-2",
    "cidr": "10.64.8.0/24",
    "image": "ami-12c6146b",
    "subnets": [{"name": "front", "cidr": "10.64.8.0/25"}],
    "instances": [{"name": "web", "size": "small", "subnet": "front", "volumes": [{"name": "system", "size_gb": 40}]}],
}
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "any"}
Do = Callable[..., Any]


@pytest.fixture
def do(in_process: Callable[..., int], home: Any, capfd: Any) -> Do:
    """Type a line as somebody; what it printed, as JSON where that was asked for."""
    tokens: dict[tuple[str, str], str] = {}

    def typed(who: tuple[str, str], *words: object, code: int = 0) -> Any:
        if who not in tokens:
            tokens[who] = home.log_in(*who)
        home.session.write_text(json.dumps({"account": who[0], "token": tokens[who]}), encoding="utf-8")
        capfd.readouterr()
        found = in_process(*words)
        shown = capfd.readouterr()
        assert found == code, shown.out + shown.err
        return json.loads(shown.out) if "--json" in words and code in {0, 3} else shown.out + shown.err

    return typed


def test_without_anything_applied_every_list_says_so(do: Do) -> None:
    assert "no drift" in do(OPERATOR, "drift", "list")
    assert "没有漂移" in do(HRSS, "drift", "list", "--open")
    assert "no look is on record" in do(OPERATOR, "drift", "looks")
    assert "nothing is applied" in do(OPERATOR, "drift", "look", "--all")


def test_what_is_not_there_or_not_ones_to_do_is_refused_in_words(do: Do) -> None:
    assert "infra.never-applied" in do(OPERATOR, "drift", "look", "nowhere", code=3)
    do(HRSS, "drift", "look", "nowhere", code=6)
    assert "--all" in do(OPERATOR, "drift", "look", code=2)
    missing = do(HRSS, "drift", "show", "drift_none", code=2)
    assert "drift_none" in missing
    do(HRSS, "drift", "adopt", "nowhere", code=2)
    do(CONFIRMS, "drift", "accept", "drift_none", "--because", "x", "--until", "2026-06-30", code=2)


@pytest.fixture
def cloud(home: Any) -> Iterator[Clients]:
    """The installation's own sandbox, as somebody at its console sees it."""
    settings = Settings(home=home.folder)
    status = sandbox.up(settings.sandbox_folder)
    yield Clients(endpoint=str(status.endpoint), region=settings.region, access_key="guanyun", secret_key="guanyun")
    sandbox.down(settings.sandbox_folder)


def build(do: Do, folder: Path) -> None:
    """The environment, from its file to what runs."""
    do(DRAFTER, "contract", "record", EXAMPLES / "contract.yaml")
    do(DRAFTER, "catalogue", "draft", EXAMPLES / "catalogue.yaml")
    do(PUBLISHER, "catalogue", "publish", "example-2026")
    do(DRAFTER, "price", "draft", EXAMPLES / "prices.yaml", "--only", "P-2026-01")
    do(PUBLISHER, "price", "publish", "P-2026-01")
    spec = folder / "spec.yaml"
    spec.write_text(yaml.safe_dump(SPEC, allow_unicode=True), encoding="utf-8")
    change(do, "create", spec)


def change(do: Do, kind: str, spec: Path) -> list[dict[str, Any]]:
    """Asked for, approved, planned, applied; the plan's steps."""
    asked = do(HRSS, "request", kind, spec, "--json")
    do(BUREAU, "request", "approve", asked["number"])
    planned = do(OPERATOR, "plan", "create", NAME, "--json")
    do(OPERATOR, "apply", NAME)
    return list(planned["steps"])


def change_by_hand(cloud: Clients) -> None:
    """At the console: a tag, and the machine's type."""
    (reservation,) = cloud.call("ec2", "DescribeInstances", {})["Reservations"]
    machine = reservation["Instances"][0]["InstanceId"]
    cloud.call("ec2", "CreateTags", {"Resources": [machine], "Tags": [{"Key": "owner", "Value": "somebody"}]})
    cloud.call("ec2", "StopInstances", {"InstanceIds": [machine]})
    cloud.call("ec2", "ModifyInstanceAttribute", {"InstanceId": machine, "InstanceType": {"Value": "c5.xlarge"}})


@pytest.mark.real
def test_from_a_change_by_hand_to_its_two_ways_out(
    do: Do, cloud: Clients, home: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(do, tmp_path)
    assert "no drift" in do(OPERATOR, "drift", "look", NAME)
    change_by_hand(cloud)
    looked = do(OPERATOR, "drift", "look", NAME, "--json", code=3)
    (one,) = looked["looks"]
    assert (one["outcome"], one["found"], one["fresh"]) == ("drifted", 2, 2)
    rows = {row["property"]: row for row in do(HRSS, "drift", "list", "--open", "--json", code=3)}
    assert set(rows) == {"instance_type", "tags.owner"}
    table = do(HRSS, "drift", "list", "--open", code=3)
    assert "c5.large → c5.xlarge" in table
    assert "此云不提供审计查询" in table
    assert do(OTHER, "drift", "list", "--json") == []
    do(OTHER, "drift", "show", rows["tags.owner"]["id"], code=2)
    notices = [json.loads(path.read_text(encoding="utf-8")) for path in (home.folder / "notices").glob("*.json")]
    assert [notice["kind"] for notice in notices].count("drift.found") == 1

    reverting = do(OPERATOR, "drift", "revert", NAME, "--json")
    assert set(reverting["settles"]) == {row["id"] for row in rows.values()}

    tag, kind = rows["tags.owner"]["id"], rows["instance_type"]["id"]
    do(OPERATOR, "drift", "accept", tag, "--because", "x", "--until", "2026-03-30", code=6)
    do(CONFIRMS, "drift", "accept", tag, "--because", "交接期间标注", "--until", "2026-03-30")
    assert [row["id"] for row in do(OPERATOR, "drift", "list", "--open", "--json", code=3)] == [kind]
    assert "已接受至 2026-03-30" in do(OPERATOR, "drift", "show", tag)

    file = tmp_path / "change.yaml"
    assert "instance_type" in do(HRSS, "drift", "adopt", NAME, "--finding", kind, "--out", file)
    written = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert (written["instances"][0]["instance_type"], written["instances"][0]["plan"]) == ("c5.xlarge", "general-4c8g")
    # Of the two only the tag is left to be taken back.
    steps = change(do, "change", file)
    assert [(step["kind"], step["changed"]) for step in steps] == [("Instance", ['tags["owner"]'])]
    assert "no drift" in do(OPERATOR, "drift", "look", "--all")
    # The sandbox goes: that nothing was seen is said, and is not "no drift".
    sandbox.down(Settings(home=home.folder).sandbox_folder)
    unseen = do(OPERATOR, "drift", "look", NAME, code=5)
    assert "no drift" not in unseen
    (row,) = do(OPERATOR, "drift", "looks", "--unseen", "--json")
    assert (row["outcome"], bool(row["zh"])) == ("failed", True)
    assert "drift looks --unseen" in do(OPERATOR, "drift", "list")
    # A cloud behind a closed port is out of reach, which whoever asked hears at once.
    for name, value in {"GUANYUN_AWS_ENDPOINT": "http://127.0.0.1:1", **CREDENTIALS}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sending, "SILENT_SECONDS", 0.0)
    assert "127.0.0.1:1" in do(OPERATOR, "drift", "look", "--all", code=5)
    (row,) = do(OPERATOR, "drift", "looks", "--unseen", "--json")
    assert (row["outcome"], row["code"]) == ("unreachable", "infra.cloud-unreachable")
    endings = {row["property"]: row["ending"] for row in do(OPERATOR, "drift", "list", "--json")}
    assert endings == {"instance_type": "adopted", "tags.owner": "reverted"}
