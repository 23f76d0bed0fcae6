"""Tasks at a reorganisation: what the old party was waited for, its successor is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import RowMapping, bindparam

from foundation.store import Transaction
from governance.authority import machine_scope
from governance.reorganisation.columns import ColumnFollows
from governance.reorganisation.model import Moves
from governance.tasks.tables import IS_OPEN, task_table

SubjectsThatMove = Callable[[Transaction, Moves], Mapping[tuple[str, str], str]]
"""(predecessor, subject) → the part of a split that has the subject now, such as ``request:REQ-2026-0001``."""


def no_subjects(transaction: Transaction, moves: Moves) -> Mapping[tuple[str, str], str]:
    """Where nothing is split."""
    return {}


@dataclass(frozen=True)
class TasksFollow:
    """Open tasks. Comes after what they are about."""

    table: str = task_table.table.name
    subjects: SubjectsThatMove = field(default=no_subjects)

    def follow(self, transaction: Transaction, moves: Moves) -> int:
        """A task about a thing that went to a part of a split goes there, the others to the main successor."""
        moved, columns = 0, task_table.c
        for (predecessor, subject), successor in sorted(self.subjects(transaction, moves).items()):
            open_ = task_table.update(machine_scope()).where(IS_OPEN, columns.subject == subject)
            mine = open_.where(columns.party == predecessor)
            moved += transaction.write(mine.values(party=successor, taken_by="", taken_at=None))
            transaction.write(open_.where(columns.about == predecessor).values(about=successor))
        moved += self._rest(transaction, moves)
        ColumnFollows(task_table, "about", lambda at: task_table.c.closed_at.is_(None)).follow(transaction, moves)
        return moved

    def _rest(self, transaction: Transaction, moves: Moves) -> int:
        """What the successor has in its inbox already, also from another predecessor, is closed instead."""
        columns = task_table.c
        concerned = task_table.select(
            machine_scope(), columns.number, columns.party, columns.duty, columns.kind, columns.subject
        ).where(IS_OPEN, columns.party.in_(sorted(set(moves.main) | moves.successors)))
        rows = transaction.rows(concerned.order_by(columns.number))
        there = {_what(row, row["party"]) for row in rows if row["party"] not in moves.main}
        closing: list[dict[str, object]] = []
        moving: list[dict[str, object]] = []
        for row in rows:
            if row["party"] in moves.main:
                successor = moves.main[row["party"]]
                doubled = _what(row, successor) in there
                there.add(_what(row, successor))
                (closing if doubled else moving).append({"b_number": row["number"], "b_party": successor})
        of_number = task_table.update(machine_scope()).where(columns.number == bindparam("b_number"))
        transaction.write(of_number.values(closed_at=moves.at), [{"b_number": row["b_number"]} for row in closing])
        transaction.write(of_number.values(party=bindparam("b_party"), taken_by="", taken_at=None), moving)
        return len(moving)


def _what(row: RowMapping, party: str) -> tuple[str, str, str, str]:
    return party, row["duty"], row["kind"], row["subject"]
