"""The billing story told once more, with everything that is given in some order shuffled; prints what it came to.

Run as a process of its own, because a time zone is read when a process starts.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from billing.settlement.tables import latest as latest_settlement
from billing.statements.tables import all_statements
from billing.usage.tables import latest_days
from foundation.evidence import canonical_text
from governance.authority import machine_scope
from tests.billing.conftest import MARCH, SETTLEMENT, Town
from tests.logins import people_change_duty


def came_to(town: Town) -> dict[str, object]:
    """Every bill's canonical bytes and every day's root."""
    with town.store.reading() as transaction:
        settled = latest_settlement(transaction, SETTLEMENT)
        assert settled is not None
        return {
            "days": {str(day.day): day.root for day in latest_days(transaction, MARCH)},
            "statements": {
                row.id: canonical_text(row.document) for row in all_statements(transaction, machine_scope())
            },
            "settlement": canonical_text(settled.document),
        }


def main(seed: int) -> None:
    """Tell the story in a throw-away folder."""
    chance = random.Random(seed)  # noqa: S311 - an order, not a secret
    with people_change_duty(), tempfile.TemporaryDirectory() as folder:
        town = Town(Path(folder))
        town.found()
        held = list(town.register.held)
        chance.shuffle(held)
        town.register.held = tuple(
            replace(entry, attributes=dict(chance.sample(sorted(entry.attributes.items()), len(entry.attributes))))
            for entry in held
        )
        town.sli.minutes = dict(chance.sample(sorted(town.sli.minutes.items()), len(town.sli.minutes)))
        town.meter()
        town.record_items()
        for agency in chance.sample(["hrss", "housing"], 2):
            town.state(agency)
            town.confirm(agency)
        town.settle()
        json.dump(came_to(town), sys.stdout, ensure_ascii=True)
        town.store.close()


if __name__ == "__main__":
    main(int(sys.argv[1]))
