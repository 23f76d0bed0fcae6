"""The whole story on PostgreSQL: the same commands, and a worker that lives, is looked at and stops."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.postgres import Cluster, cluster
from tests.story.demo.conftest import GUANYUN, ROOT


def _type(home: Path, server: Cluster, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GUANYUN_")}
    environment |= {"GUANYUN_HOME": str(home), "GUANYUN_DATABASE": server.url("guanyun"), "GUANYUN_PORTAL_PORT": "0"}
    return subprocess.run(
        [GUANYUN, *words], capture_output=True, text=True, env=environment, timeout=600, check=False, cwd=ROOT
    )


@pytest.mark.real
@pytest.mark.drill
def test_the_story_is_told_on_postgresql_and_the_doctor_finds_no_error(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with cluster(durable=True) as server:
        server.create("guanyun")
        try:
            told = _type(home, server, "demo", "run", "--home", str(home))
            assert told.returncode == 0, told.stderr[-2000:]
            assert not (home / "records.db").exists()
            assert _type(home, server, "up").returncode == 0
            examined = _type(home, server, "doctor")
            assert examined.returncode == 0, examined.stdout
            again = _type(home, server, "demo", "run", "--home", str(home))
            assert "nothing changed" in again.stdout
        finally:
            _type(home, server, "down")
            _type(home, server, "sandbox", "down")
