"""Every table that names a party says what becomes of its rows when the party is reorganised."""

from __future__ import annotations

from governance.reorganisation import AlongWith, HistoryStays
from wiring.succession import names_a_party, said_of, succession
from wiring.tables import gather


def test_every_table_that_names_a_party_follows_or_is_history_with_a_reason() -> None:
    said, tables = said_of(succession()), gather().tables
    unsaid = [table.name for table in tables.values() if names_a_party(table) and table.name not in said]
    assert unsaid == [], "wiring.succession: say whether its open rows follow, or why they are history"
    assert [name for name in said if name not in tables] == []


def test_no_table_says_two_things() -> None:
    for table, sayings in said_of(succession()).items():
        assert len({isinstance(one, HistoryStays) for one in sayings}) == 1, table


def test_history_has_a_reason_in_words() -> None:
    assert [one.table for one in succession().said if isinstance(one, HistoryStays) and len(one.reason) < 20] == []


def test_what_moves_along_moves_with_something_that_follows() -> None:
    said = said_of(succession())
    for one in succession().said:
        if isinstance(one, AlongWith):
            assert not any(isinstance(other, AlongWith | HistoryStays) for other in said[one.leader])
