"""What every use case of deployments needs, the environment's lease, and the check that the cloud is the same."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import timedelta

from foundation.store import Transaction
from foundation.work import Lease, died, held, this_process
from governance.audit import AuditEvent
from governance.authority import Act, Mandate, Office, acting, machine_scope
from infra.cloud import CloudIdentity, require_same_cloud, same_cloud
from infra.deployments.errors import NothingApproved
from infra.deployments.ports import (
    Approvals,
    ApprovedEnvironment,
    Available,
    Cloud,
    Grounds,
    MonthlyCost,
    as_given,
    no_ground,
)
from infra.deployments.tables import cloud_of, cloud_of_account, places_of, record_cloud
from infra.guardrails import Guardrails
from infra.ports import ResumableEngine


@dataclass(frozen=True)
class Deployer:
    """The office, the engine, the cloud, the ports to approvals and prices, and the guardrails that judge every plan.

    ``grounds`` and ``available`` say what the landing zone gives an environment.
    ``lease_length``: how long a run that died out of sight keeps others out. The lease always runs on the real clock.
    """

    office: Office
    engine: ResumableEngine
    cloud: Cloud
    approvals: Approvals
    cost: MonthlyCost
    guardrails: Guardrails = field(default_factory=Guardrails)
    grounds: Grounds = no_ground
    available: Available = as_given
    lease_length: timedelta = timedelta(seconds=15)
    holder: str = field(default_factory=this_process)

    def approved(self, transaction: Transaction, environment: str) -> ApprovedEnvironment:
        """What stands approved for the environment; raises ``NothingApproved``."""
        found = self.approvals(transaction, environment)
        if found is None:
            raise NothingApproved(environment=environment)
        return found

    def holding(self, environment: str) -> AbstractContextManager[Lease]:
        """Hold the environment's lease. Raises ``LeaseHeld`` unless its holder ``died``, or let it run out."""
        name, clock = f"environment:{environment}", self.office.clocks.real
        return held(self.office.store, name, self.holder, length=self.lease_length, clock=clock, died=died)

    def sweep(self, environment: str) -> Mapping[str, frozenset[str]]:
        """Cloud ids of all that carries the environment's tag or name, in every place its plans ever put a part."""
        with self.office.store.reading() as transaction:
            # Which accounts to look into is the machine's to know: what is found there is told by whoever asked.
            places = places_of(transaction, machine_scope(), environment)
        return self.cloud.sweep(environment, places)

    def clear(self, environment: str) -> None:
        """End what a dead run left, and its engine's lock: for the lease's holder, where no deployment is unfinished.

        A kill while planning leaves an engine that creates nothing, and no record that anybody would resume.
        """
        self.engine.end_left_behind(environment)
        if self.engine.locks(environment):
            self.engine.cancel(environment)

    def check_cloud(
        self, token: str, act: Act, environment: str, agency: str, *, recorded: CloudIdentity | None = None
    ) -> CloudIdentity:
        """Raise ``DifferentCloud`` unless the cloud that answers is the environment's; first use records it.

        ``recorded`` is the environment's cloud where it was just read.
        """
        subject = f"environment:{environment}"
        found, known = self.cloud.identity(), recorded
        if recorded is None:
            with acting(self.office, token, act, subject) as mandate:
                recorded = cloud_of(mandate.transaction, mandate.scope, environment)
                known = recorded or cloud_of_account(mandate.transaction, mandate.scope, found.partition, found.account)
        if known is not None:
            # Another's first contact may have marked and recorded the cloud since it was looked at.
            require_same_cloud(known, found if same_cloud(known, found) else self.cloud.identity())
        if recorded is not None:
            return recorded
        marked = self.cloud.mark()
        with acting(self.office, token, act, subject) as mandate:
            if cloud_of(mandate.transaction, mandate.scope, environment) is None:
                _record(mandate, environment, agency, marked)
        return marked


def _record(mandate: Mandate, environment: str, agency: str, identity: CloudIdentity) -> None:
    record_cloud(mandate.transaction, environment, agency, identity, mandate.recorded_at)
    mandate.audit(
        AuditEvent.CLOUD_RECORDED,
        f"environment:{environment}",
        {"partition": identity.partition, "account": identity.account, "marker": identity.marker or ""},
    )
