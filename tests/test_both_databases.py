"""What ``both_databases`` names is there: a renamed test must not stop running on PostgreSQL unseen."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.both_databases import DRILLED, NAMED, ON_BOTH

HERE = Path(__file__).parent


@pytest.mark.parametrize("path", [*ON_BOTH, *DRILLED])
def test_every_folder_and_module_is_there(path: str) -> None:
    assert (HERE / path).exists()


@pytest.mark.parametrize("module", NAMED)
def test_every_named_test_is_there(module: str) -> None:
    assert NAMED[module] <= set(re.findall(r"^def (test_\w+)", (HERE / module).read_text(encoding="utf-8"), re.M))
