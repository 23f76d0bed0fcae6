"""First passwords: the same every time, told apart by every name, and of signs that a database takes."""

from __future__ import annotations

import itertools
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from infra.components import derived, seed_in

names = st.text(min_size=1, max_size=20)


@given(st.binary(min_size=32, max_size=32), names, names)
def test_a_password_is_long_repeatable_and_taken_by_every_database(seed: bytes, environment: str, name: str) -> None:
    password = derived(seed)(environment, name)
    assert len(password) == 32
    assert password == derived(seed)(environment, name)
    assert not set(password) & set("/@\"' ")


def test_another_seed_environment_or_name_gives_another_password() -> None:
    given_ = {derived(seed)(env, name) for seed in (b"a", b"b") for env in ("x", "xy") for name in ("z", "yz")}
    assert len(given_) == 8


def test_the_seed_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    counter = itertools.count()
    seeds = {seed_in(tmp_path, lambda size: bytes([next(counter)] * size)) for _ in range(3)}
    assert len(seeds) == 1
    assert (tmp_path / "passwords.seed").stat().st_mode & 0o77 == 0
    assert [file.name for file in tmp_path.iterdir()] == ["passwords.seed"]
