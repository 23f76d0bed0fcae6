"""Work bound to this installation: its kinds, its audit, where its worker stands."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from typing import TYPE_CHECKING

from foundation.store import Transaction
from foundation.work import Event, publish, this_process
from foundation.work.runs import Job, Json, OnPoint, Run, Workshop, join_or_enqueue
from governance import audit
from governance.audit import AuditEvent
from governance.authority import Mandate, asked_for, machine_scope
from wiring.kinds import kinds

if TYPE_CHECKING:
    from foundation.work.runs.worker import Station
    from wiring.application import Application

_TOLD = frozenset({"failed", "parked"})
"""What a person should hear of."""


def workshop(application: Application, *, on_point: OnPoint | None = None) -> Workshop:
    """What every part of work needs, for this installation."""
    office = application.office

    def write_audit(transaction: Transaction, event: str, run: Run, facts: Mapping[str, Json]) -> None:
        if event in _TOLD:
            told = {"kind": run.kind, "subject": run.subject, "agency": run.agency, **facts}
            publish(transaction, Event(f"work.{event}", f"run:{run.id}", told), clock=office.clocks.real)
        audit.append(
            transaction,
            AuditEvent(f"work.{event}"),
            subject=f"run:{run.id}",
            facts={"kind": run.kind, "subject": run.subject, **facts},
            recorded_at=office.clocks.real(),
            business_at=office.clocks.business(transaction),
        )

    heard = {} if on_point is None else {"on_point": on_point}
    return Workshop(
        store=application.store,
        clock=office.clocks.real,
        ids=office.ids,
        kinds=kinds(application),
        scope=machine_scope(),
        audit=write_audit,
        **heard,
    )


def station(application: Application) -> Station:
    """This process as a worker: on SQLite the one there can be, on PostgreSQL one a machine unless named otherwise."""
    from importlib.metadata import version

    from foundation.work.runs.engine import EngineAddress
    from foundation.work.runs.worker import Station

    settings, alone = application.settings, application.store.dialect == "sqlite"
    host = socket.gethostname()
    address = f"sqlite:///{settings.work_folder.resolve()}/dbos.db" if alone else settings.database_url
    return Station(
        name="guanyun" if alone else settings.worker or host,
        holder=this_process(),
        host=host,
        pid=os.getpid(),
        version=version("guanyun"),
        engine=EngineAddress(address),
    )


def ask(mandate: Mandate, application: Application, job: Job) -> str:
    """Ask for work in the transaction of a permitted act: the run's id. While the same is under way, that run."""
    office = application.office
    id_, new = join_or_enqueue(
        mandate.transaction, mandate.scope, job, kinds=kinds(application), clock=office.clocks.real, ids=office.ids
    )
    if new:
        asked_for(mandate, f"run:{id_}")
        mandate.audit(AuditEvent.WORK_ASKED, f"run:{id_}", {"kind": job.kind, "subject": job.subject})
    return id_
