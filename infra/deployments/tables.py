"""The tables of clouds, plans and deployments, and their queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
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
    desc,
    func,
    text,
)

from foundation.store import AgencyOwned, Document, Fen, Instant, Scope, Transaction, metadata
from infra.cloud import CloudIdentity
from infra.components import NO_GROUND, Spec, document_of, ground_from_document, spec_of_document
from infra.deployments.model import Deployment, DeploymentState, Plan, Risk, steps_of
from infra.engine.errors import EngineFailed
from infra.engine.model import Outputs

_AT_ONCE = 500
_NUMBER = BigInteger().with_variant(Integer, "sqlite")

cloud_table = AgencyOwned(
    Table(
        "environment_cloud",
        metadata,
        Column("environment", String(64), primary_key=True),
        Column("agency", ForeignKey("party.id"), nullable=False),
        Column("partition", String(40), nullable=False),
        Column("account", String(40), nullable=False, index=True),
        Column("endpoint", String(200), nullable=False),
        Column("marker", String(100), nullable=False),
        Column("recorded_at", Instant, nullable=False),
    )
)
plan_table = AgencyOwned(
    Table(
        "deployment_plan",
        metadata,
        Column("number", _NUMBER, primary_key=True, autoincrement=True),
        Column("id", String(60), nullable=False, unique=True),
        Column("environment", String(64), nullable=False, index=True),
        Column("agency", ForeignKey("party.id"), nullable=False),
        Column("digest", String(64), nullable=False, index=True),
        Column("terminates", Boolean, nullable=False),
        Column("request", String(60), nullable=False),
        Column("spec", Document, nullable=False),
        Column("spec_digest", String(64), nullable=False),
        Column("cost", Fen, nullable=False),
        Column("risk", String(20), nullable=False),
        Column("document", Document, nullable=False),
        Column("planned_by", ForeignKey("person.id"), nullable=False),
        Column("planned_at", Instant, nullable=False),
        Column("recorded_at", Instant, nullable=False),
        Column("ground", Document),
    )
)
"""``ground`` is empty for what was planned before there was a landing zone."""
deployment_table = AgencyOwned(
    Table(
        "deployment",
        metadata,
        Column("number", _NUMBER, primary_key=True, autoincrement=True),
        Column("id", String(60), nullable=False, unique=True),
        Column("environment", String(64), nullable=False, index=True),
        Column("agency", ForeignKey("party.id"), nullable=False),
        Column("plan", ForeignKey("deployment_plan.id"), nullable=False),
        Column("digest", String(64), nullable=False),
        Column("state", String(20), nullable=False),
        Column("attempts", Integer, nullable=False),
        Column("person", ForeignKey("person.id"), nullable=False),
        Column("account", ForeignKey("account.name"), nullable=False),
        Column("started_at", Instant, nullable=False),
        Column("ended_at", Instant),
        Column("instant", Instant),
        Column("outputs", Document, nullable=False),
        Index(
            "uq_deployment_one_running",
            "environment",
            unique=True,
            sqlite_where=text("state = 'running'"),
            postgresql_where=text("state = 'running'"),
        ),
    )
)


@dataclass(frozen=True, slots=True)
class Ending:
    """What is written of a deployment when it is over: real time, business time, what exists."""

    state: DeploymentState
    ended_at: datetime
    instant: datetime
    outputs: Mapping[str, Mapping[str, str]]


def cloud_of(transaction: Transaction, scope: Scope, environment: str) -> CloudIdentity | None:
    """The cloud an environment is on record with."""
    row = transaction.row(cloud_table.select(scope).where(cloud_table.c.environment == environment))
    return None if row is None else _identity(row)


def cloud_of_account(transaction: Transaction, scope: Scope, partition: str, account: str) -> CloudIdentity | None:
    """The cloud that the newest of an account's environments is on record with."""
    rows = transaction.rows(
        cloud_table.select(scope)
        .where(cloud_table.c.partition == partition, cloud_table.c.account == account)
        .order_by(desc(cloud_table.c.recorded_at))
        .limit(1)
    )
    return _identity(rows[0]) if rows else None


def record_cloud(
    transaction: Transaction, environment: str, agency: str, identity: CloudIdentity, recorded_at: datetime
) -> None:
    """Write which cloud an environment is built in; never changed afterwards."""
    transaction.write(
        cloud_table.insert().values(environment=environment, agency=agency, recorded_at=recorded_at, **asdict(identity))
    )


def insert_plan(transaction: Transaction, scope: Scope, plan: Plan, recorded_at: datetime) -> Plan:
    """Write a plan; gives it back with its number."""
    transaction.write(
        plan_table.insert().values(
            id=plan.id,
            environment=plan.environment,
            agency=plan.agency,
            digest=plan.digest,
            terminates=plan.terminate,
            request=plan.request,
            spec=document_of(plan.spec),
            spec_digest=plan.spec_digest,
            cost=plan.cost,
            risk=plan.risk.value,
            document=plan.document,
            planned_by=plan.planned_by,
            planned_at=plan.planned_at,
            recorded_at=recorded_at,
            ground=None if plan.ground == NO_GROUND else plan.ground.document(),
        )
    )
    (row,) = transaction.rows(plan_table.select(scope).where(plan_table.c.id == plan.id))
    return _plan(row)


def newest_plan(
    transaction: Transaction, scope: Scope, *, environment: str | None = None, digest: str | None = None
) -> Plan | None:
    """The newest plan of an environment, or with a digest, or both."""
    query = plan_table.select(scope).order_by(desc(plan_table.c.number)).limit(1)
    if environment is not None:
        query = query.where(plan_table.c.environment == environment)
    if digest is not None:
        query = query.where(plan_table.c.digest == digest)
    rows = transaction.rows(query)
    return _plan(rows[0]) if rows else None


def newest_plans(transaction: Transaction, scope: Scope, environments: Sequence[str]) -> Mapping[str, Plan]:
    """Environment → its newest plan, by one query however many; those that have none are left out.

    Raises ``EngineFailed`` where somebody edited a plan's spec in the database.
    """
    return {row["environment"]: _plan(row) for row in _newest(transaction, scope, plan_table, environments)}


def plan_of(transaction: Transaction, scope: Scope, plan: str) -> Plan:
    """The plan with that id, which a deployment names."""
    (row,) = transaction.rows(plan_table.select(scope).where(plan_table.c.id == plan))
    return _plan(row)


def plan_before(transaction: Transaction, scope: Scope, plan: Plan) -> Plan | None:
    """The plan whose deployment ended last before this one was made; None where nothing ran then."""
    query = (
        deployment_table.select(scope, deployment_table.c.plan)
        .where(
            deployment_table.c.environment == plan.environment,
            deployment_table.c.state == DeploymentState.ENDED.value,
            deployment_table.c.plan != plan.id,
        )
        .order_by(desc(deployment_table.c.number))
    )
    for row in transaction.rows(query):
        earlier = plan_of(transaction, scope, row["plan"])
        if earlier.number < plan.number:
            return None if earlier.terminate else earlier
    return None


def standing_plan(transaction: Transaction, scope: Scope, environment: str) -> Plan | None:
    """The plan whose deployment ended last: what the environment consists of; None where nothing runs."""
    last = newest_deployment(transaction, scope, environment, state=DeploymentState.ENDED)
    plan = None if last is None else plan_of(transaction, scope, last.plan)
    return None if plan is None or plan.terminate else plan


def newest_outputs(transaction: Transaction, scope: Scope, environment: str) -> Outputs:
    """The cloud ids that exist since the deployment that ended last; empty where none did."""
    last = newest_deployment(transaction, scope, environment, state=DeploymentState.ENDED)
    return {} if last is None else last.outputs


def standing_specs(transaction: Transaction, scope: Scope) -> Iterable[tuple[Spec, Outputs]]:
    """What runs: the spec and the cloud ids of the last deployment of each environment, where it left anything."""
    columns = deployment_table.c
    ended = deployment_table.select(scope, func.max(columns.number).label("number")).where(
        columns.state == DeploymentState.ENDED.value
    )
    numbers = [row["number"] for row in transaction.rows(ended.group_by(columns.environment))]
    for start in range(0, len(numbers), _AT_ONCE):
        some = columns.number.in_(numbers[start : start + _AT_ONCE])
        rows = transaction.rows(deployment_table.select(scope, columns.plan, columns.outputs).where(some))
        left = {row["plan"]: row["outputs"] for row in rows if row["outputs"]}
        plans = plan_table.select(scope, plan_table.c.id, plan_table.c.environment, plan_table.c.spec)
        for row in transaction.rows(plans.where(plan_table.c.id.in_(sorted(left)))):
            yield _spec(row["environment"], row["spec"]), left[row["id"]]


def places_of(transaction: Transaction, scope: Scope, environment: str) -> frozenset[tuple[str, str]]:
    """(account, region) of everything that was ever deployed of an environment; empty names the default one."""
    deployed, columns = deployment_table.c, plan_table.c
    begun = transaction.rows(deployment_table.select(scope, deployed.plan).where(deployed.environment == environment))
    of_those = columns.id.in_([row["plan"] for row in begun])
    found = set()
    for row in transaction.rows(plan_table.select(scope, columns.spec, columns.ground).where(of_those)):
        spec, ground = row["spec"], row["ground"] or {}
        account = str(spec.get("account") or ground.get("account") or "")
        found.add((account, str(spec.get("region") or spec.get("home_region") or "")))
    return frozenset(found - {("", "")})


def insert_deployment(transaction: Transaction, deployment: Deployment) -> None:
    """Write a deployment that begins; a second one on the same environment violates a unique index."""
    columns = {key: value for key, value in asdict(deployment).items() if key not in {"number", "state"}}
    transaction.write(deployment_table.insert().values(state=deployment.state.value, **columns))


def newest_deployment(
    transaction: Transaction,
    scope: Scope,
    environment: str,
    *,
    state: DeploymentState | None = None,
    plan: str | None = None,
) -> Deployment | None:
    """The newest deployment of an environment: of all, or in one state, or of one plan."""
    query = (
        deployment_table.select(scope)
        .where(deployment_table.c.environment == environment)
        .order_by(desc(deployment_table.c.number))
        .limit(1)
    )
    if state is not None:
        query = query.where(deployment_table.c.state == state.value)
    if plan is not None:
        query = query.where(deployment_table.c.plan == plan)
    rows = transaction.rows(query)
    return _deployment(rows[0]) if rows else None


def newest_deployments(transaction: Transaction, scope: Scope, environments: Sequence[str]) -> Mapping[str, Deployment]:
    """Environment → its newest deployment, by one query however many; those that have none are left out."""
    return {row["environment"]: _deployment(row) for row in _newest(transaction, scope, deployment_table, environments)}


def count_attempt(transaction: Transaction, scope: Scope, deployment: Deployment) -> None:
    """Another attempt at a deployment begins."""
    transaction.write(
        deployment_table.update(scope)
        .where(deployment_table.c.id == deployment.id)
        .values(attempts=deployment_table.c.attempts + 1)
    )


def end_deployment(transaction: Transaction, scope: Scope, deployment: str, ending: Ending) -> bool:
    """Write a running deployment's end; False where it is on record already."""
    statement = deployment_table.update(scope).where(
        deployment_table.c.id == deployment, deployment_table.c.state == DeploymentState.RUNNING.value
    )
    return transaction.write(statement.values(**{**asdict(ending), "state": ending.state.value})) == 1


def _newest(
    transaction: Transaction, scope: Scope, table: AgencyOwned, environments: Sequence[str]
) -> Sequence[RowMapping]:
    columns = table.c
    numbers = table.select(scope, func.max(columns.number)).where(columns.environment.in_(environments))
    return transaction.rows(table.select(scope).where(columns.number.in_(numbers.group_by(columns.environment))))


def _identity(row: RowMapping) -> CloudIdentity:
    return CloudIdentity(row["partition"], row["account"], row["endpoint"], row["marker"])


def _plan(row: RowMapping) -> Plan:
    return Plan(
        number=row["number"],
        id=row["id"],
        environment=row["environment"],
        agency=row["agency"],
        digest=row["digest"],
        terminate=row["terminates"],
        request=row["request"],
        spec=_spec(row["environment"], row["spec"]),
        spec_digest=row["spec_digest"],
        cost=row["cost"],
        risk=Risk(row["risk"]),
        steps=steps_of(row["document"]),
        document=row["document"],
        planned_by=row["planned_by"],
        planned_at=row["planned_at"],
        ground=ground_from_document(row["ground"] or {}),
    )


def _spec(environment: str, document: Mapping[str, Any]) -> Spec:
    spec, findings = spec_of_document(document)
    if spec is None:
        raise EngineFailed(environment=environment, action="read the plan", detail=findings[0].en)
    return spec


def _deployment(row: RowMapping) -> Deployment:
    return Deployment(**{**row, "state": DeploymentState(row["state"])})
