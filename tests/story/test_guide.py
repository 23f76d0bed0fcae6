"""The five-minute guide, typed as it stands: from a YAML file to a running, approved environment."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests import forked
from tests.story.conftest import DECIDER, EXAMPLES, GUANYUN, PLANNER, Installation

pytestmark = pytest.mark.real

ROOT = Path(__file__).parents[2]
FIVE_MINUTES = 300.0
_LOGIN = re.compile(r"guanyun login (\S+)")


def commands(guide: str) -> Sequence[str]:
    """Every line of the guide's shell blocks, in order."""
    blocks = re.findall(r"^```sh\n(.*?)^```", guide, flags=re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line]


def typed(line: str, installation: Installation, passwords: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """A line as a shell takes it; a password is asked for in a terminal, and given here by a descriptor."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("GUANYUN_", "AWS_"))}
    path = f"{GUANYUN.parent}:{kept.get('PATH', '')}"
    who = _LOGIN.match(line)
    if who is not None:
        line = line.replace(who[0], f"{who[0]} --password-fd 0", 1)
    return subprocess.run(
        ["bash", "-c", line],
        input=f"{passwords[who[1]]}\n" if who else "",
        env=kept | {"GUANYUN_HOME": str(installation.home), "PATH": path},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=FIVE_MINUTES,
        check=False,
    )


def test_the_guide_ends_with_a_running_environment_in_five_minutes(installation: Installation) -> None:
    installation.do("address", "publish", str(EXAMPLES / "addresses.yaml"), account=DECIDER)
    passwords = json.loads((installation.home / "demo-passwords.json").read_text(encoding="utf-8"))
    lines = commands((ROOT / "docs" / "guide.md").read_text(encoding="utf-8"))
    assert sum(line.startswith("guanyun ") for line in lines) >= 12
    started = time.monotonic()
    for line in lines:
        ended = typed(line, installation, passwords)
        assert ended.returncode == 0, f"{line}\n{ended.stdout}{ended.stderr}"
    assert time.monotonic() - started < FIVE_MINUTES
    status = installation.read("env", "status", "hrss-insurance")
    assert (status["state"], status["deployment_state"], status["up_to_date"]) == ("deployed", "ended", True)
    blocks = {one["holder"]: one["cidr"] for one in installation.read("address", "list", account=PLANNER)}
    assert blocks["environment:hrss-insurance"] == "10.72.0.0/23"
    assert "<svg" in (installation.home / "environment.svg").read_text(encoding="utf-8")
    assert "纳入" in (installation.home / "plan.html").read_text(encoding="utf-8")


def test_the_guide_names_no_command_that_is_not_there(tmp_path: Path) -> None:
    guide = (ROOT / "docs" / "guide.md").read_text(encoding="utf-8")
    named = {tuple(one.split()) for one in re.findall(r"`guanyun ([a-z-]+(?: [a-z-]+)?)", guide)}
    assert ("fleet", "apply") in named
    for words in sorted(named):
        assert forked.run([*words, "--help"], env={**os.environ, "GUANYUN_HOME": str(tmp_path)}).returncode == 0, words
