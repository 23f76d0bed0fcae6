"""Ports bound to their makers: what one room asks, another of the same floor answers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import func

from billing.estimate import estimate_environment
from billing.item_estimate import estimate_item
from billing.items.estimating import estimate_items
from billing.ports import SliMonth
from billing.statements.model import RootReference, ServiceAvailability
from billing.usage import Batch, Taken, UsageStore, record_batches
from foundation.store import Scope, Transaction
from foundation.values.findings import Finding
from foundation.values.instant import Interval
from foundation.values.month import Month
from governance.authority import machine_scope, viewing
from governance.environments import EnvironmentSpec
from governance.metering import RegisterEntry
from governance.sla import MinuteCounts, count_minutes
from tenants.needs import ItemUse
from tenants.ports import Breakdown, Desk
from tenants.register import entries

if TYPE_CHECKING:
    from wiring.application import Application

EVER = datetime(1970, 1, 1, tzinfo=UTC)


def estimator(transaction: Transaction, spec: EnvironmentSpec, at: datetime) -> tuple[int, Breakdown]:
    """tenants' ``Estimator``: the code that bills."""
    return estimate_environment(transaction, spec, at)


def desk() -> Desk:
    """What requests are worked on with: estimates by the code that bills; nothing is measured yet (no evidence)."""
    return Desk(estimator, estimate_item)


def item_estimator(
    transaction: Transaction, agency: str, items: Sequence[ItemUse], at: datetime
) -> tuple[int, Breakdown]:
    """tenants' ``ItemEstimator``: service items at the price versions in force, by the code that bills them."""
    return estimate_items(transaction, agency, [(one.service, one.meter, one.quantity) for one in items], at)


def charged_from(transaction: Transaction, agency: str, at: datetime) -> datetime:
    """tenants' ``ChargedFrom``: the month after the newest one with a statement issued to the agency, else ever."""
    from billing.statements.tables import statement_table

    columns = statement_table.c
    newest = transaction.value(
        statement_table.select(machine_scope(), func.max(columns.month)).where(
            columns.agency == agency, columns.issued_at.is_not(None), columns.issued_at <= at
        )
    )
    return EVER if newest is None else Month.parse(newest).interval.end


class RegisterPort:
    """billing's ``Register``: the tenants' register."""

    def entries(self, transaction: Transaction, scope: Scope, interval: Interval) -> Sequence[RegisterEntry]:
        """Entries that a service charges and that were open at some instant of the interval."""
        return entries(transaction, scope, interval)


class SliPort:
    """billing's ``SliEvidence``: monitoring's sealed minutes."""

    def month(
        self, transaction: Transaction, scope: Scope, agency: str, month: Month, *, names: Collection[str] | None = None
    ) -> SliMonth:
        """Sealed minutes counted by service, and the roots of the days they rest on."""
        from monitoring import month_minutes, sli_proofs

        recorded = month_minutes(transaction, scope, month, agency=agency)
        states = {(day.day, day.service): day.states for day in recorded}
        counts: dict[str, MinuteCounts] = {}
        roots = []
        for proof in sli_proofs(transaction, scope, month, agency, names=names):
            roots.append(RootReference(proof.sealed.name, proof.sealed.root))
            for service in proof.leaves:
                counted = count_minutes(states[proof.sealed.day, service])
                counts[service] = counts.get(service, MinuteCounts(0, 0, 0, 0)) + counted
        availability = tuple(ServiceAvailability(service, counts[service]) for service in sorted(counts))
        return SliMonth(availability, tuple(roots))


def usage_store(application: Application) -> UsageStore:
    """The usage store of an installation."""
    return UsageStore(application.settings.usage_folder)


def replay_traces(
    application: Application, token: str, month: Month, archives: Sequence[Path]
) -> tuple[Taken | None, tuple[Finding, ...]]:
    """Replay CPU traces on every machine of the register that was open in the month, marked ``source=replay``.

    The i-th machine (by agency and resource) takes the i-th trace name. On a finding nothing is recorded.
    """
    from monitoring import Instance, planetlab_table, read_planetlab
    from monitoring.errors import TooFewTraces
    from monitoring.planetlab.records import SOURCE

    traces, findings = read_planetlab(archives)
    if traces is None:
        return None, findings
    with viewing(application.office, token) as view:
        held = entries(view.transaction, view.scope, month.interval)
    running = sorted(
        (entry for entry in held if "vcpu" in entry.attributes),
        key=lambda entry: (entry.agency, entry.resource, entry.opened),
    )
    machines = list(dict.fromkeys((entry.agency, entry.resource) for entry in running))
    if len(machines) > len(traces.names):
        raise TooFewTraces(instances=len(machines), traces=len(traces.names))
    # A machine whose size changed has several entries, each with its own vCPU, all on the machine's one trace.
    instances = [
        Instance(entry.resource, entry.agency, entry.attributes["vcpu"], entry.opened, entry.closed)
        for entry in running
    ]
    names = tuple(traces.names[machines.index((entry.agency, entry.resource))] for entry in running)
    table = planetlab_table(replace(traces, names=names), instances, month)
    batch = Batch(SOURCE, str(month), table)
    return record_batches(application.office, token, usage_store(application), [batch], replacing=True), ()
