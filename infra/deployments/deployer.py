"""What every use case of deployments needs, the environment's lease, and the check that the cloud is the same."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from foundation.store import Transaction
from foundation.work import Lease, LeaseHeld, held
from governance.audit import AuditEvent
from governance.authority import Act, Mandate, Office, acting
from infra.cloud import CloudIdentity, require_same_cloud
from infra.deployments.errors import NothingApproved
from infra.deployments.ports import Approvals, ApprovedEnvironment, Cloud, MonthlyCost
from infra.deployments.tables import cloud_of, cloud_of_account, record_cloud
from infra.engine.processes import Process
from infra.ports import ResumableEngine

_POLL_SECONDS = 0.5


def this_process() -> str:
    """This process as a lease names its holder: host, id and start time, so that another can tell if it died."""
    process = Process.of(os.getpid())
    return f"{socket.gethostname()} {process.pid} {process.started}"


@dataclass(frozen=True)
class Deployer:
    """The office, the engine, the cloud, and the ports to approvals and prices.

    ``lease_length``: how long a dead run keeps others out. The lease always runs on the real clock.
    """

    office: Office
    engine: ResumableEngine
    cloud: Cloud
    approvals: Approvals
    cost: MonthlyCost
    lease_length: timedelta = timedelta(seconds=15)
    holder: str = field(default_factory=this_process)
    sleep: Callable[[float], None] = time.sleep

    def approved(self, transaction: Transaction, environment: str) -> ApprovedEnvironment:
        """What stands approved for the environment; raises ``NothingApproved``."""
        found = self.approvals(transaction, environment)
        if found is None:
            raise NothingApproved(environment=environment)
        return found

    @contextmanager
    def holding(self, environment: str) -> Iterator[Lease]:
        """Hold the environment's lease. Raises ``LeaseHeld`` where its holder lives; a dead one's is waited out."""
        with ExitStack() as stack:
            while True:
                try:
                    lease = stack.enter_context(self._lease(environment))
                except LeaseHeld as refusal:
                    if not _died(str(refusal.facts["holder"])):
                        raise
                    self.sleep(_POLL_SECONDS)
                else:
                    break
            yield lease

    def _lease(self, environment: str) -> AbstractContextManager[Lease]:
        name, clock = f"environment:{environment}", self.office.clocks.real
        return held(self.office.store, name, self.holder, length=self.lease_length, clock=clock)

    def check_cloud(self, token: str, act: Act, environment: str, agency: str) -> CloudIdentity:
        """Raise ``DifferentCloud`` unless the cloud that answers is the environment's; first use records it."""
        subject = f"environment:{environment}"
        found = self.cloud.identity()
        with acting(self.office, token, act, subject) as mandate:
            recorded = cloud_of(mandate.transaction, mandate.scope, environment)
            known = recorded or cloud_of_account(mandate.transaction, mandate.scope, found.partition, found.account)
        if known is not None:
            require_same_cloud(known, found)
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


def _died(holder: str) -> bool:
    """Whether the holder was a process of this machine and lives no more."""
    host, _, rest = holder.partition(" ")
    pid, _, started = rest.partition(" ")
    return host == socket.gethostname() and pid.isdigit() and not Process(int(pid), started).alive
