"""Every kind of resource has a name in both languages."""

from __future__ import annotations

import pytest

from infra.provider.kinds import KINDS
from infra.views.words import KINDS as NAMED


@pytest.mark.parametrize("kind", sorted(kind.short for kind in KINDS.values()))
def test_every_kind_has_a_name_in_both_languages(kind: str) -> None:
    zh, en = NAMED[kind]
    assert not zh.isascii()
    assert en.isascii()


def test_nothing_is_named_that_is_not_there() -> None:
    assert set(NAMED) - {"Environment"} == {kind.short for kind in KINDS.values()}
