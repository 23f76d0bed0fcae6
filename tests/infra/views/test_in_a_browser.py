"""The page in a real Chromium: it is drawn from one file, without the network, and is not wider than the window."""

from __future__ import annotations

import re
import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from infra.views import PlanView, plan_page

pytestmark = pytest.mark.real
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
MEASURE = "<script>document.title = 'overflow ' + (document.documentElement.scrollWidth - innerWidth)</script>"


def chromium(folder: Path, *arguments: str) -> str:
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine")
    offline = ("--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={folder / 'profile'}")
    command = (CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", *offline, *arguments)
    return subprocess.run(command, check=True, capture_output=True, timeout=120, text=True).stdout


def test_the_page_is_drawn(view: PlanView, tmp_path: Path) -> None:
    page, shot = tmp_path / "plan.html", tmp_path / "plan.png"
    page.write_text(plan_page(view), encoding="utf-8")
    chromium(tmp_path, "--window-size=1000,2400", f"--screenshot={shot}", page.as_uri())
    drawn = shot.read_bytes()
    assert struct.unpack(">II", drawn[16:24]) == (1000, 2400)
    assert len(drawn) > 100_000  # a blank page of that size has a few thousand bytes


@pytest.mark.parametrize("width", [480, 1200])
def test_the_page_is_not_wider_than_the_window(view: PlanView, tmp_path: Path, width: int) -> None:
    page = tmp_path / "plan.html"
    page.write_text(plan_page(view).replace("</body>", f"{MEASURE}</body>"), encoding="utf-8")
    found = chromium(tmp_path, f"--window-size={width},2400", "--dump-dom", page.as_uri())
    told = re.search(r"<title>overflow (-?\d+)</title>", found)
    assert told is not None
    assert int(told[1]) <= 0
