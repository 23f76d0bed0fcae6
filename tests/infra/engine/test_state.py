"""Reading the exported state, and opening a stack whose files were lost."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.engine.errors import EngineFailed, NoCopyOfState, StateUnreadable
from infra.engine.home import EngineHome, checkpoint_key
from infra.engine.state import read_state
from infra.program import input_file

URN = "urn:pulumi:env::guanyun::guanyun:cloud:Vpc::env"
WEB = "urn:pulumi:env::guanyun::guanyun:cloud:Instance::web"
EXPORTED: dict[str, Any] = {
    "version": 3,
    "deployment": {
        "resources": [
            {"type": "pulumi:pulumi:Stack", "custom": False, "outputs": {"vpc": {"env": "vpc-1"}, "odd": 3}},
            {"type": "pulumi:providers:guanyun", "custom": True, "id": "uuid"},
            {"type": "guanyun:environment:TenantEnvironment", "custom": False},
            {"type": "guanyun:cloud:Vpc", "custom": True, "id": "vpc-1", "urn": URN},
            {"type": "guanyun:cloud:Instance", "custom": True, "id": "i-1", "urn": WEB},
            {"type": "guanyun:cloud:Instance", "custom": True, "id": "i-0", "urn": WEB, "delete": True},
        ],
        "pending_operations": [{"resource": {"urn": URN}, "type": "creating"}],
    },
}


def test_ids_are_those_of_cloud_resources_and_include_what_waits_for_deletion() -> None:
    state = read_state("env", EXPORTED)
    assert state.ids == {"guanyun:cloud:Vpc": {"vpc-1"}, "guanyun:cloud:Instance": {"i-0", "i-1"}}
    assert state.all_ids == ("i-0", "i-1", "vpc-1")
    assert state.outputs == {"vpc": {"env": "vpc-1"}}
    assert state.pending == (f"creating {URN}",)
    assert state.held == {("Vpc", "env"): "vpc-1", ("Instance", "web"): "i-1"}


def test_an_empty_state_is_empty() -> None:
    assert read_state("env", {"version": 3, "deployment": {"manifest": {}}}).all_ids == ()


@pytest.fixture
def home(tmp_path: Path) -> EngineHome:
    home = EngineHome(tmp_path)
    home.prepare()
    checkpoint(home).parent.mkdir(parents=True)
    return home


def checkpoint(home: EngineHome) -> Path:
    return home.path / "state" / checkpoint_key("env")


def write_checkpoint(home: EngineHome, latest: dict[str, Any]) -> None:
    checkpoint(home).write_text(json.dumps({"version": 3, "checkpoint": {"stack": "env", "latest": latest}}))


def test_lost_settings_come_back_from_the_state(home: EngineHome) -> None:
    write_checkpoint(
        home, {"secrets_providers": {"type": "cloud", "state": {"url": "awskms://k", "encryptedkey": "e"}}}
    )
    assert home.has_stack("env")
    assert yaml.safe_load(home.settings("env").read_text()) == {"secretsprovider": "awskms://k", "encryptedkey": "e"}


def test_a_stack_that_never_held_anything_and_lost_its_settings_is_made_again(home: EngineHome) -> None:
    write_checkpoint(home, {})
    assert not home.has_stack("env")
    assert not checkpoint(home).exists()


def test_a_state_with_resources_is_never_taken_away(home: EngineHome) -> None:
    write_checkpoint(home, {"resources": EXPORTED["deployment"]["resources"]})
    with pytest.raises(EngineFailed):
        home.has_stack("env")
    assert checkpoint(home).exists()


WHOLE = {"resources": EXPORTED["deployment"]["resources"], "manifest": {"time": "2026-03-01T08:00:00.123456789+08:00"}}


def written(latest: object) -> str:
    return json.dumps({"version": 3, "checkpoint": {"stack": "env", "latest": latest}})


def keep(home: EngineHome, key: str, text: str) -> str:
    path = home.path / "state" / ".pulumi" / key
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return f".pulumi/{key}"


@pytest.mark.parametrize("left", ["", written(WHOLE)[:-9], "[]", '{"checkpoint": 3}', '{"checkpoint": {"latest": []}}'])
def test_a_state_that_cannot_be_read_is_named_with_its_newest_copy_and_is_not_touched(
    home: EngineHome, left: str
) -> None:
    checkpoint(home).write_text(left)
    keep(home, "stacks/guanyun/env.json.bak", written({**WHOLE, "manifest": {"time": "2026-02-01T00:00:00Z"}}))
    newest = keep(home, "history/guanyun/env/env-2.checkpoint.json", written(WHOLE))
    keep(home, "history/guanyun/env/env-2.history.json", written(WHOLE))
    keep(home, "backups/guanyun/env/env.3.json", written(WHOLE)[:50])
    with pytest.raises(StateUnreadable) as refused:
        home.has_stack("env")
    assert refused.value.facts["copy"] == f"{newest} (2026-03-01 08:00:00+0800)"
    assert all("restore-state env" in refused.value.text(language) for language in ("zh", "en"))
    assert checkpoint(home).read_text() == left

    put_back = home.restore("env")
    assert put_back is not None
    assert (put_back.key, put_back.resources) == (newest, 3)
    assert home.latest("env") == WHOLE
    assert checkpoint(home).with_name("env.json.damaged").read_text() == left
    assert home.restore("env") is None


def test_without_a_readable_copy_nothing_is_put_back(home: EngineHome) -> None:
    checkpoint(home).write_text("{")
    keep(home, "stacks/guanyun/env.json.bak", "{")
    with pytest.raises(NoCopyOfState, match=r"env\.json\.bak"):
        home.restore("env")
    assert checkpoint(home).read_text() == "{"


def test_a_cut_state_of_what_nobody_ever_applied_is_put_right_by_itself(home: EngineHome) -> None:
    checkpoint(home).write_text("{")
    keep(home, "stacks/guanyun/env.json.bak", written(None))
    home.settings("env").write_text("secretsprovider: awskms://k\n")
    assert home.has_stack("env")
    assert home.latest("env") == {}
    checkpoint(home).write_text("{")
    input_file(home.path, "env").parent.mkdir()
    input_file(home.path, "env").write_text("{}")
    with pytest.raises(StateUnreadable):
        home.has_stack("env")


def test_settings_that_were_cut_come_back_from_the_state(home: EngineHome) -> None:
    write_checkpoint(
        home, {"secrets_providers": {"type": "cloud", "state": {"url": "awskms://k", "encryptedkey": "abcdef"}}}
    )
    for cut in ("secretsprovider: awskms://k\nencryptedkey: abc", "secretsprov", "{", ""):
        home.settings("env").write_text(cut)
        assert home.has_stack("env")
        assert yaml.safe_load(home.settings("env").read_text())["encryptedkey"] == "abcdef"


def test_a_lock_is_held_only_by_a_living_engine_of_this_machine(home: EngineHome) -> None:
    folder = home.path / "state" / ".pulumi" / "locks" / "organization" / "guanyun" / "env"
    folder.mkdir(parents=True)
    for name, content in {
        "1.json": json.dumps({"pid": 1, "hostname": socket.gethostname()}),
        "2.json": json.dumps({"pid": 1, "hostname": "elsewhere"}),
        "3.json": '{"pid": 1',
    }.items():
        (folder / name).write_text(content)
    assert [lock.holder for lock in home.locks("env")] == [None, None, None]
    assert [lock.pid for lock in home.locks("env")] == [1, 1, 0]
