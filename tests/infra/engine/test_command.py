"""Which Pulumi CLI is used, and what a person's own settings do to it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from pulumi._version import version as sdk_version

from infra.engine.command import cache_path, clean, locate
from infra.engine.errors import EngineMissing


def script(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_a_cli_of_the_sdk_s_minor_on_path_is_used(tmp_path: Path) -> None:
    on_path = script(tmp_path / "bin" / "pulumi", f"echo v{sdk_version.major}.{sdk_version.minor}.7")
    found = locate({"PATH": str(on_path.parent)}, cache=tmp_path / "cache")
    assert (found.path, found.version.patch) == (on_path, 7)


@pytest.mark.parametrize("said", ["v3.100.0", "v4.259.0", "pulumi", ""])
def test_another_version_on_path_is_passed_over_for_the_built_one(tmp_path: Path, said: str) -> None:
    on_path = script(tmp_path / "bin" / "pulumi", f"echo {said}")
    built = script(cache_path(tmp_path / "cache"), f"echo v{sdk_version}")
    assert locate({"PATH": str(on_path.parent)}, cache=tmp_path / "cache").path == built


def test_without_any_the_error_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(EngineMissing) as raised:
        locate({"PATH": ""}, cache=tmp_path)
    assert "make setup" in raised.value.text("zh")
    assert "make setup" in raised.value.text("en")


def test_the_built_cli_lies_by_the_hash_of_what_it_was_built_from(tmp_path: Path) -> None:
    go_sum = tmp_path / "go.sum"
    go_sum.write_bytes(b"module v1 h1:abc\n")
    key = hashlib.sha256(b"module v1 h1:abc\n").hexdigest()[:16]
    assert cache_path(tmp_path, go_sum) == tmp_path / "pulumi" / key / "pulumi"


def test_a_person_s_own_settings_for_pulumi_or_a_cloud_do_not_reach_the_engine() -> None:
    assert clean({"PULUMI_SKIP_CHECKPOINTS": "1", "AWS_PROFILE": "mine", "LANG": "C"}) == {"LANG": "C"}
