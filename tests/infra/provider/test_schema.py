"""The schema is one that Pulumi's own tools accept, and tells of every kind."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from infra.engine.command import locate
from infra.provider.kinds import KINDS
from infra.provider.schema import schema


def test_it_tells_of_every_kind_every_input_and_every_output() -> None:
    resources = schema(KINDS.values())["resources"]
    assert set(resources) == set(KINDS)
    for name, kind in KINDS.items():
        assert set(resources[name]["inputProperties"]) == {one.name for one in kind.inputs}
        assert set(resources[name]["properties"]) >= {"arn", "token", *kind.outputs}
        assert resources[name]["description"]


def test_declared_secrets_are_secret_in_it() -> None:
    inputs = schema(KINDS.values())["resources"]["guanyun:cloud:Instance"]["inputProperties"]
    assert inputs["user_data"]["secret"] is True


@pytest.mark.real
def test_pulumis_own_check_has_nothing_against_it(tmp_path: Path) -> None:
    path = tmp_path / "schema.json"
    path.write_text(json.dumps(schema(KINDS.values())), encoding="utf-8")
    found = subprocess.run([locate().path, "schema", "check", path], capture_output=True, text=True, check=False)
    assert (found.returncode, found.stderr) == (0, "")
