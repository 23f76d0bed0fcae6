"""One story told on SQLite and on PostgreSQL gives the same bytes: bills, packs, the audit chain, the ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from billing.ledger.tables import transactions
from foundation.evidence import canonical_text, plain
from governance import audit
from governance.authority import machine_scope
from tests.databases import Databases
from tests.promises.city import City
from tests.promises.conftest import Built
from tests.promises.retell import came_to

Cities = tuple[City, City]


@pytest.fixture
def cities_of_both(
    cities: Callable[[Databases], dict[str, Built]],
    sqlite_databases: Databases,
    postgres_databases: Databases,
    tmp_path: Path,
) -> Iterator[Cities]:
    """The whole story on each."""
    with ExitStack() as stack:
        both = []
        for databases in (sqlite_databases, postgres_databases):
            built = cities(databases)["paid"].copied(tmp_path / databases.kind, databases)
            if built.url:
                stack.callback(databases.drop, built.url)
            both.append(built.opened())
            stack.callback(both[-1].store.close)
        yield both[0], both[1]


def told(city: City) -> dict[str, object]:
    """What the story came to, as text. Keys are each installation's own, so hashes of signed things are left out."""
    with city.store.reading() as transaction:
        return {
            **came_to(city),
            "ledger": [
                (id_, event.value, digest, canonical_text(plain(postings)))
                for id_, event, digest, postings in transactions(transaction, machine_scope())
            ],
            "audit": [
                (entry.number, entry.event, entry.subject, entry.person, entry.business_at)
                for entry in audit.entries(transaction)
            ],
        }


def test_what_the_story_came_to_is_the_same_byte_for_byte(cities_of_both: Cities) -> None:
    first, second = map(told, cities_of_both)
    assert all(first.values())
    assert first == second


def test_the_live_check_finds_nothing_on_either(cities_of_both: Cities) -> None:
    for city in cities_of_both:
        assert city.verify_live().ok
