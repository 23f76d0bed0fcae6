"""Promise 6 under any sequence: random steps over roles, delegation, merged persons, second accounts, plated offices,
reorganisations and requests; an oracle that knows no policy looks at every act that was let through.

The drill is 1,000,000 steps: ``pytest -m drill -n 2 tests/promises/test_duties_walk.py``.
"""

from __future__ import annotations

import pytest

from foundation.store import Store
from tests.promises.walk import Walked, walk
from wiring.tables import gather

gather()

PARTS, PART = 20, 50_000
"""A drill's parts, so that several processes share it."""


def nothing_wrong(told: Walked) -> None:
    """No case, and not because nothing was ever let through."""
    assert told.wrong == []
    for act in ("request.create", "request.approve", "request.reject", "plan.create", "plan.approve", "plan.apply"):
        assert told.count[f"{act} done"] > told.steps / 2000, told.count


@pytest.mark.parametrize("seed", [1, 2])
def test_nobody_asks_and_approves_under_any_sequence(store: Store, seed: int) -> None:
    nothing_wrong(walk(store, seed=seed, steps=1500))


def test_remembering_changes_nothing(store: Store) -> None:
    assert walk(store, seed=3, steps=300).trace == walk(store, seed=3, steps=300, remembering=False).trace


@pytest.mark.drill
@pytest.mark.parametrize("part", range(PARTS))
def test_a_million_steps(store: Store, part: int) -> None:
    nothing_wrong(walk(store, seed=1000 + part, steps=PART))
