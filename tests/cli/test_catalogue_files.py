"""The catalogue and its prices go in and out through the commands, and going in again changes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.mark.real
def test_what_is_exported_is_drafted_again_as_no_change(
    in_process: Callable[..., int], home: Any, capfd: Any, tmp_path: Path
) -> None:
    left: dict[tuple[str, str], str] = {}

    def typed(account: str, duty: str, *words: str) -> str:
        if (account, duty) not in left:
            left[account, duty] = home.log_in(account, duty)
        home.session.write_text(json.dumps({"account": account, "token": left[account, duty]}), encoding="utf-8")
        assert in_process(*words) == 0, capfd.readouterr().err
        return str(capfd.readouterr().out)

    catalogue, prices = str(EXAMPLES / "catalogue.yaml"), str(EXAMPLES / "prices.yaml")
    typed("zhang.min", "draft", "contract", "record", str(EXAMPLES / "contract.yaml"))
    typed("zhang.min", "draft", "price", "notice", prices)
    assert "example-2026" in typed("zhang.min", "draft", "catalogue", "draft", catalogue)
    typed("li.qiang", "publish", "catalogue", "publish", "example-2026")
    typed("zhang.min", "draft", "price", "draft", prices)
    for listed in ("P-2026-01", "P-2026-03"):
        typed("li.qiang", "publish", "price", "publish", listed)
    for name in ("catalogue.yaml", "catalogue.xlsx"):
        typed("li.qiang", "publish", "catalogue", "export", str(tmp_path / name))
        assert "no change" in typed("zhang.min", "draft", "catalogue", "draft", str(tmp_path / name))
    for name in ("prices.yaml", "prices.xlsx"):
        typed("li.qiang", "publish", "price", "export", str(tmp_path / name))
        assert "P-2026-03" in typed("zhang.min", "draft", "price", "draft", str(tmp_path / name))
    first = (tmp_path / "prices.yaml").read_bytes()
    typed("li.qiang", "publish", "price", "export", str(tmp_path / "prices.yaml"))
    assert (tmp_path / "prices.yaml").read_bytes() == first
