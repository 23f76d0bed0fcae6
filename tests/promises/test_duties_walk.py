"""Promise 6 under any sequence: random steps over roles, delegation, merged persons, second accounts, plated offices,
reorganisations and requests; an oracle that knows no policy looks at every act that was let through.

The drill is 1,000,000 steps: ``pytest -m drill -n 2 tests/promises/test_duties_walk.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy.exc import IntegrityError

from foundation.store import Store
from governance.authority import policy, rules
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


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str], None]]:
    """Writes one thing in the policies otherwise, until the end of the test."""
    whole = rules._read

    def forget() -> None:
        for known in (rules.policies, rules._rules, rules.pairs, rules.policy_set, policy._answer):
            known.cache_clear()

    def write(right: str, wrong: str) -> None:
        assert any(right in whole(name) for name in rules._names()), right
        monkeypatch.setattr(rules, "_read", lambda name: whole(name).replace(right, wrong))
        forget()

    yield write
    monkeypatch.undo()
    forget()


def test_the_oracle_finds_what_a_policy_left_out_lets_through(
    store: Store, without: Callable[[str, str], None]
) -> None:
    without("context.atTheDoor || (resource has decider && resource.decider == principal.party)", "true")
    assert any("not whoever decides" in each for each in walk(store, seed=4, steps=1500).wrong)


def test_the_database_stops_what_a_policy_left_out_lets_through(
    store: Store, without: Callable[[str, str], None]
) -> None:
    """The wall stands as it was built: by the policies as they are shipped."""
    without('["request.create", "landing-zone.propose", "plan.create", "plan.apply"]', '["clock.set"]')
    with pytest.raises(IntegrityError, match="apart"):
        walk(store, seed=5, steps=3000)
