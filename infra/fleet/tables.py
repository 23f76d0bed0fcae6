"""Operations and their members: tables and queries. A member belongs to its environment's agency; the operation itself
is the house's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    RowMapping,
    String,
    Table,
    Text,
    UniqueConstraint,
    bindparam,
    func,
    insert,
    or_,
    select,
    text,
    update,
)

from foundation.store import AgencyOwned, Document, Instant, Scope, Transaction, metadata
from infra.fleet.deciding import Tally
from infra.fleet.model import Action, Member, MemberState, Operation, OperationState

IS_OPEN = text("state IN ('released', 'parked')")
"""The condition of the index over members whose run has not ended; said word for word it uses the index."""

_NUMBER = BigInteger().with_variant(Integer, "sqlite")

operation_table = Table(
    "fleet_operation",
    metadata,
    Column("number", _NUMBER, primary_key=True, autoincrement=True),
    Column("id", String(60), nullable=False, unique=True),
    Column("action", String(12), nullable=False),
    Column("state", String(12), nullable=False, index=True),
    Column("selection", Document, nullable=False),
    Column("pace", Document, nullable=False),
    Column("asked", String(64), nullable=False),
    Column("budget", Integer, nullable=False),
    Column("at_once", Integer, nullable=False),
    Column("round", Integer, nullable=False),
    Column("members", Integer, nullable=False),
    Column("person", ForeignKey("person.id"), nullable=False),
    Column("account", ForeignKey("account.name"), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("ended_at", Instant),
)
"""``asked``: the digest of action, selection and pace, by which a command that is repeated finds its operation."""

member_table = Table(
    "fleet_member",
    metadata,
    Column("operation", ForeignKey("fleet_operation.number"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("environment", String(64), nullable=False, index=True),
    Column("agency", ForeignKey("party.id"), nullable=False, index=True),
    Column("canary", Boolean, nullable=False),
    Column("state", String(12), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("run", String(60), unique=True),
    Column("round", Integer, nullable=False),
    Column("reason", String(80), nullable=False),
    Column("reason_zh", Text, nullable=False),
    Column("reason_en", Text, nullable=False),
    Column("result", Document, nullable=False),
    Column("updated_at", Instant, nullable=False),
    UniqueConstraint("operation", "environment"),
    Index("ix_fleet_member_state", "operation", "state", "canary", "position"),
    # What somebody works at: the only rows that are looked after, however many have ended.
    Index("ix_fleet_member_open", "state", "operation", sqlite_where=IS_OPEN, postgresql_where=IS_OPEN),
)
members = AgencyOwned(member_table)


def insert_operation(transaction: Transaction, operation: Operation, listed: Sequence[Member]) -> int:
    """Write an operation with its members; its number."""
    row = {name: getattr(operation, name) for name in Operation.__slots__ if name != "number"}
    row |= {"action": operation.action.value, "state": operation.state.value}
    written = transaction.returned(insert(operation_table).returning(operation_table.c.number), [row])
    number = int(written[0]["number"])
    rows = [
        {
            **{name: getattr(member, name) for name in Member.__slots__},
            "operation": number,
            "state": member.state.value,
            "run": member.run or None,
            "updated_at": operation.started_at,
        }
        for member in listed
    ]
    transaction.write(members.insert(), rows)
    return number


def find_operation(transaction: Transaction, id_: str) -> Operation | None:
    """The operation with that id."""
    row = transaction.row(select(operation_table).where(operation_table.c.id == id_))
    return None if row is None else _operation(row)


def operation_numbered(transaction: Transaction, number: int) -> Operation:
    """The operation that a member names."""
    (row,) = transaction.rows(select(operation_table).where(operation_table.c.number == number))
    return _operation(row)


def running_like(transaction: Transaction, asked: str) -> Operation | None:
    """The running operation that was asked for in the same words."""
    query = select(operation_table).where(
        operation_table.c.asked == asked, operation_table.c.state == OperationState.RUNNING.value
    )
    rows = transaction.rows(query.order_by(operation_table.c.number.desc()).limit(1))
    return _operation(rows[0]) if rows else None


def operations(
    transaction: Transaction,
    *,
    states: Iterable[OperationState] | None = None,
    before: int | None = None,
    limit: int = 50,
) -> Sequence[Operation]:
    """Operations, newest first; ``before`` an operation's number goes on from there."""
    query = select(operation_table)
    if states is not None:
        query = query.where(operation_table.c.state.in_(sorted(states)))
    if before is not None:
        query = query.where(operation_table.c.number < before)
    return [_operation(row) for row in transaction.rows(query.order_by(operation_table.c.number.desc()).limit(limit))]


def unfinished(transaction: Transaction, scope: Scope) -> Sequence[Operation]:
    """Operations that run, and those of which something is still under way; oldest first."""
    query = members.select(scope, member_table.c.operation).where(IS_OPEN).distinct()
    open_ = [row["operation"] for row in transaction.rows(query)]
    running = operation_table.c.state == OperationState.RUNNING.value
    found = select(operation_table).where(or_(running, operation_table.c.number.in_(open_)))
    return [_operation(row) for row in transaction.rows(found.order_by(operation_table.c.number))]


def change_operation(transaction: Transaction, number: int, **values: Any) -> None:
    """Change an operation's row."""
    transaction.write(update(operation_table).where(operation_table.c.number == number).values(**values))


def tallies(transaction: Transaction, scope: Scope, numbers: Sequence[int]) -> Mapping[int, Tally]:
    """How the members of each operation stand, by one query."""
    columns = (member_table.c.operation, member_table.c.canary, member_table.c.state, func.count().label("many"))
    query = members.select(scope, *columns).where(member_table.c.operation.in_(numbers))
    query = query.group_by(member_table.c.operation, member_table.c.canary, member_table.c.state)
    found: dict[int, tuple[dict[MemberState, int], dict[MemberState, int]]] = {number: ({}, {}) for number in numbers}
    for row in transaction.rows(query):
        canaries, rest = found[row["operation"]]
        (canaries if row["canary"] else rest)[MemberState(row["state"])] = row["many"]
    return {number: Tally(canaries, rest) for number, (canaries, rest) in found.items()}


def members_of(
    transaction: Transaction,
    scope: Scope,
    number: int,
    *,
    states: Iterable[MemberState] | None = None,
    canary: bool | None = None,
    since: datetime | None = None,
    after: int = -1,
    limit: int | None = None,
) -> Sequence[Member]:
    """Members in their order; ``after`` a position goes on from there; ``since``: what has changed then or later."""
    query = members.select(scope).where(member_table.c.operation == number, member_table.c.position > after)
    if states is not None:
        query = query.where(member_table.c.state.in_(sorted(states)))
    if canary is not None:
        query = query.where(member_table.c.canary == canary)
    if since is not None:
        query = query.where(member_table.c.updated_at >= since)
    return [_member(row) for row in transaction.rows(query.order_by(member_table.c.position).limit(limit))]


def member_of_run(transaction: Transaction, scope: Scope, run: str) -> tuple[int, Member] | None:
    """The operation's number and the member that run is carried out for."""
    row = transaction.row(members.select(scope).where(member_table.c.run == run))
    return None if row is None else (int(row["operation"]), _member(row))


def change_members(
    transaction: Transaction,
    scope: Scope,
    number: int,
    states: Iterable[MemberState],
    *,
    at: datetime,
    **values: Any,
) -> int:
    """Change every member that is in one of the states; how many."""
    changed = members.update(scope).where(member_table.c.operation == number, member_table.c.state.in_(sorted(states)))
    return transaction.write(changed.values(updated_at=at, **values))


def save_members(transaction: Transaction, scope: Scope, number: int, changed: Sequence[Member], at: datetime) -> None:
    """Write members as they now stand, by one statement."""
    if not changed:
        return
    written = ("state", "digest", "run", "round", "reason", "reason_zh", "reason_en", "result", "canary")
    statement = members.update(scope).where(
        member_table.c.operation == number, member_table.c.position == bindparam("at_position")
    )
    statement = statement.values(updated_at=at, **{name: bindparam(f"new_{name}") for name in written})
    rows = []
    for member in changed:
        row: dict[str, Any] = {f"new_{name}": getattr(member, name) for name in written}
        row |= {"at_position": member.position, "new_state": member.state.value, "new_run": member.run or None}
        rows.append(row)
    transaction.write(statement, rows)


def _operation(row: RowMapping) -> Operation:
    return Operation(**{**row, "action": Action(row["action"]), "state": OperationState(row["state"])})


def _member(row: RowMapping) -> Member:
    facts = {name: row[name] for name in Member.__slots__}
    return Member(**{**facts, "state": MemberState(row["state"]), "run": row["run"] or ""})
