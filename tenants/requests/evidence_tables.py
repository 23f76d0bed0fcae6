"""What is kept with a request as evidence, never changed: checks, decisions step by step, opinions; and agreements."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ForeignKey, Index, Insert, Integer, RowMapping, String, Table, desc

from foundation.evidence import plain
from foundation.store import AgencyOwned, Document, Fen, Instant, Scope, Transaction, append_only, metadata
from foundation.store.row_security import WIDE
from tenants.requests.results import CheckResult, Verdict

check_table = AgencyOwned(
    Table(
        "request_check",
        metadata,
        Column("request", ForeignKey("request.number"), primary_key=True),
        Column("run", Integer, primary_key=True, autoincrement=False),
        Column("agency", ForeignKey("party.id"), nullable=False),
        Column("digest", String(64), nullable=False),
        Column("results", Document, nullable=False),
        Column("checked_at", Instant, nullable=False),
    )
)
append_only(check_table.table, "checks of requests are append-only")
step_table = AgencyOwned(
    Table(
        "request_step",
        metadata,
        Column("request", ForeignKey("request.number"), primary_key=True),
        Column("step", Integer, primary_key=True, autoincrement=False),
        Column("agency", ForeignKey("party.id"), nullable=False),
        Column("outcome", String(20), nullable=False),
        Column("digest", String(64), nullable=False),
        Column("party", String(40), nullable=False),
        Column("person", String(60), nullable=False),
        Column("rule", String(120), nullable=False),
        Column("overruled", Document, nullable=False),
        Column("note", String(500), nullable=False),
        Column("decided_at", Instant, nullable=False),
    )
)
append_only(step_table.table, "decisions on requests are append-only")
opinion_table = AgencyOwned(
    Table(
        "request_opinion",
        metadata,
        Column("request", ForeignKey("request.number"), primary_key=True),
        Column("person", ForeignKey("person.id"), primary_key=True),
        Column("agency", ForeignKey("party.id"), nullable=False),
        Column("party", ForeignKey("party.id"), nullable=False),
        Column("favours", String(20), nullable=False),
        Column("text", String(4000), nullable=False),
        Column("digest", String(64), nullable=False),
        Column("given_at", Instant, nullable=False),
    )
)
append_only(opinion_table.table, "opinions on requests are append-only")
agreement_table = AgencyOwned(
    Table(
        "request_agreement",
        metadata,
        Column("request", ForeignKey("request.number"), primary_key=True),
        Column("agency", ForeignKey("party.id"), nullable=False),
        Column("giver", ForeignKey("party.id"), nullable=False),
        Column("environment", String(64), nullable=False),
        Column("digest", String(64), nullable=False),
        Column("monthly", Fen, nullable=False),
        Column("state", String(20), nullable=False),
        Column("asked_at", Instant, nullable=False),
        Column("answered_at", Instant),
    )
)
_agreements = agreement_table.c
Index("ix_request_agreement_agency_at", _agreements.agency, _agreements.asked_at, _agreements.request)


@dataclass(frozen=True, slots=True)
class CheckRun:
    """One run of the checks, on the content with ``digest``."""

    run: int
    digest: str
    results: tuple[CheckResult, ...]
    checked_at: datetime


@dataclass(frozen=True, slots=True)
class StepTaken:
    """One decision of the chain. ``person`` is empty where ``rule`` decided; ``overruled`` is check → reason."""

    step: int
    outcome: str
    digest: str
    party: str
    person: str
    rule: str
    overruled: Mapping[str, str]
    note: str
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class Opinion:
    """专家意见: ``favours`` is for, against or conditional. An opinion decides nothing."""

    person: str
    party: str
    favours: str
    text: str
    digest: str
    given_at: datetime


@dataclass(frozen=True, slots=True)
class Agreement:
    """What the receiving agency of a transfer is asked: ``state`` is asked, agreed, declined or withdrawn."""

    request: str
    agency: str
    giver: str
    environment: str
    digest: str
    monthly: int
    state: str
    asked_at: datetime
    answered_at: datetime | None


def _into(table: AgencyOwned) -> Insert:
    """An insert of the machine's: an expert, a receiving agency and the bureau write beside what is the agency's."""
    return table.insert().execution_options(**{WIDE: True})


def keep_checks(
    transaction: Transaction,
    scope: Scope,
    request: str,
    agency: str,
    results: Sequence[CheckResult],
    *,
    digest: str,
    at: datetime,
) -> None:
    """Keep one run; one that says the same of the same content as the newest is not kept twice."""
    runs = check_runs(transaction, scope, request)
    if runs and (runs[-1].digest, runs[-1].results) == (digest, tuple(results)):
        return
    row = {"request": request, "run": len(runs) + 1, "agency": agency, "digest": digest}
    transaction.write(
        check_table.insert()
        .execution_options(**{WIDE: True})
        .values(**row, results=[plain(result) for result in results], checked_at=at)
    )


def check_runs(transaction: Transaction, scope: Scope, request: str) -> Sequence[CheckRun]:
    """Every run of the checks on a request, oldest first."""
    query = check_table.select(scope).where(check_table.c.request == request).order_by(check_table.c.run)
    return [
        CheckRun(row["run"], row["digest"], tuple(_result(each) for each in row["results"]), row["checked_at"])
        for row in transaction.rows(query)
    ]


def keep_step(transaction: Transaction, request: str, agency: str, step: StepTaken) -> None:
    """Keep one decision."""
    transaction.write(_into(step_table).values(request=request, agency=agency, **plain_row(step)))


def steps_taken(transaction: Transaction, scope: Scope, request: str) -> Sequence[StepTaken]:
    """The decisions taken on a request, in order."""
    return steps_taken_on(transaction, scope, [request]).get(request, ())


def steps_taken_on(
    transaction: Transaction, scope: Scope, requests: Collection[str]
) -> Mapping[str, Sequence[StepTaken]]:
    """Request → the decisions taken on it, in order; those that have none are left out."""
    query = step_table.select(scope).where(step_table.c.request.in_(sorted(requests))).order_by(step_table.c.step)
    found: dict[str, list[StepTaken]] = {}
    for row in transaction.rows(query):
        taken = StepTaken(**{name: value for name, value in row.items() if name not in {"request", "agency"}})
        found.setdefault(row["request"], []).append(taken)
    return found


def keep_opinion(transaction: Transaction, request: str, agency: str, opinion: Opinion) -> None:
    """Keep one expert's opinion."""
    transaction.write(
        opinion_table.insert()
        .execution_options(**{WIDE: True})
        .values(request=request, agency=agency, **plain_row(opinion))
    )


def opinions_on(transaction: Transaction, scope: Scope, request: str) -> Sequence[Opinion]:
    """The opinions on a request, oldest first."""
    query = opinion_table.select(scope).where(opinion_table.c.request == request)
    rows = transaction.rows(query.order_by(opinion_table.c.given_at, opinion_table.c.person))
    return [
        Opinion(**{name: value for name, value in row.items() if name not in {"request", "agency"}}) for row in rows
    ]


def ask_agreement(transaction: Transaction, agreement: Agreement) -> None:
    """Ask the receiving agency."""
    transaction.write(_into(agreement_table).values(**plain_row(agreement)))


def answer_agreement(transaction: Transaction, scope: Scope, request: str, state: str, at: datetime) -> None:
    """Note the answer, or that it is no longer wanted."""
    asked = agreement_table.update(scope).where(agreement_table.c.request == request)
    transaction.write(asked.where(agreement_table.c.state == "asked").values(state=state, answered_at=at))


def agreement_on(transaction: Transaction, scope: Scope, request: str) -> Agreement | None:
    """What the receiving agency is asked by that request."""
    row = transaction.row(agreement_table.select(scope).where(agreement_table.c.request == request))
    return None if row is None else Agreement(**row)


def agreements(transaction: Transaction, scope: Scope, *, limit: int = 100) -> Sequence[Agreement]:
    """What agencies inside the scope were asked to take over, the newest first."""
    columns = agreement_table.c
    query = agreement_table.select(scope).order_by(desc(columns.asked_at), desc(columns.request)).limit(limit)
    return [Agreement(**row) for row in transaction.rows(query)]


def plain_row(value: Any) -> dict[str, Any]:
    """A frozen value's fields as a row."""
    return {name: getattr(value, name) for name in value.__slots__}


def _result(each: Mapping[str, Any] | RowMapping) -> CheckResult:
    return CheckResult(each["check"], Verdict(each["verdict"]), each["zh"], each["en"], tuple(each["cites"]))
