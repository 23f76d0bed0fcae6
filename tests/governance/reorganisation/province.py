"""A province of many agencies, each with people, a project, systems, environments, requests, quotas, tasks, and things
that are over; written in bulk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Table, insert, select

from foundation.store import AgencyOwned, Transaction
from governance.reorganisation import Reorganisation
from governance.reorganisation.model import Abolition, Merge, NewParty
from tests.conftest import MARCH

SYSTEMS = 3
MACHINES = 4
"""Register entries an environment."""
BEFORE = MARCH - timedelta(days=90)


@dataclass(frozen=True)
class Size:
    """How many agencies there are, and how many shall be left: a third fewer."""

    agencies: int

    @property
    def left(self) -> int:
        return self.agencies * 2 // 3


def build(transaction: Transaction, size: Size) -> None:
    """Everything of every agency."""
    from governance.parties.leaders import leader_table
    from governance.parties.memberships import membership_table
    from governance.parties.tables import account_table, party_table, person_table
    from governance.projects.tables import project_table, system_table
    from governance.tasks.tables import NEVER, task_table
    from tenants.environments.tables import environment_table
    from tenants.quotas.tables import counter_table, document_table, limit_table, use_table
    from tenants.register.tables import register_table
    from tenants.requests.tables import request_table

    rows: dict[Any, list[dict[str, Any]]] = {}

    def put(table: Table | AgencyOwned, **row: Any) -> None:
        bare = table.table if isinstance(table, AgencyOwned) else table
        rows.setdefault(bare, []).append(row)

    put(
        document_table,
        id="Q-1",
        basis="云数〔2025〕9 号",
        temporary=False,
        reason="",
        starts_at=BEFORE,
        ends_at=None,
        lines=[],
        digest="0" * 64,
        drafted_by="person-bureau-1",
        drafted_at=BEFORE,
        published_by="person-bureau-2",
        published_at=BEFORE,
    )
    for number in range(size.agencies):
        agency, people = f"a{number:03}", [f"p{number:03}-{one}" for one in (1, 2)]
        put(party_table, id=agency, kind="agency", zh=f"{number} 局", en=f"Bureau {number}", approves=True)
        for person in people:
            put(person_table, id=person, identity=f"hash-{person}", name=person, verified=True)
            put(membership_table, person=person, party=agency, since=BEFORE, until=None)
            put(
                account_table,
                name=f"{person}.acc",
                person=person,
                party=agency,
                duties=["request", "confirm"],
                password_hash="",
                since=BEFORE,
                until=None,
            )
        put(leader_table, party=agency, since=BEFORE, until=None, person=people[0])
        project = f"P-{agency}"
        put(project_table, id=project, zh="项目", en="project", lead=agency, document_number="n", ceiling=10**9)
        for turn in range(SYSTEMS):
            system, environment = f"s{turn}-{agency}", f"env{turn}-{agency}"
            put(system_table, id=system, zh="系统", en="system", agency=agency, project=project, fund_source="财政")
            put(
                environment_table,
                id=environment,
                agency=agency,
                system=system,
                state="closed" if turn == SYSTEMS - 1 else "deployed",
                request="",
                spec=None,
                spec_digest="",
                deployed_digest="",
            )
            for machine in range(MACHINES):
                entry = {
                    "resource": f"{environment}/instance/m{machine}",
                    "opened": BEFORE,
                    "closed": MARCH - timedelta(days=1) if turn == SYSTEMS - 1 else None,
                    "cloud_id": f"i-{environment}-{machine}",
                    "kind": "instance",
                    "name": f"m{machine}",
                    "agency": agency,
                    "system": system,
                    "project": project,
                    "fund_source": "财政",
                    "environment": environment,
                    "service": "vm",
                    "plan": "vm.small",
                    "attributes": {},
                    "because": "deployed",
                    "suspended": False,
                    "decided": "",
                    "charged_from": BEFORE,
                    "recorded_at": BEFORE,
                }
                put(register_table, **entry)
            for state in ("requested", "withdrawn"):
                put(
                    request_table,
                    number=f"REQ-{environment}-{state}",
                    kind="change",
                    agency=agency,
                    system=system,
                    environment=environment,
                    spec_digest="0" * 64,
                    estimate_monthly=0,
                    estimate_breakdown=[],
                    requested={},
                    state=state,
                    reason="",
                    requested_at=BEFORE,
                )
            put(
                task_table,
                party=agency,
                duty="confirm",
                kind="x",
                subject=f"environment:{environment}",
                about=agency,
                zh="",
                en="",
                opened_at=BEFORE,
                ranked_at=NEVER,
                taken_by="",
                closed_at=MARCH - timedelta(days=1) if turn == SYSTEMS - 1 else None,
            )
        key = f"vcpu|agency={agency}"
        put(counter_table, key=key, parent="", dimension="vcpu", period="", reserved=0, held=4_000_000)
        whose = {"region": "", "agency": agency, "project": "", "service": "", "fund_source": ""}
        put(
            limit_table,
            key=key,
            document="Q-1",
            parent="",
            dimension="vcpu",
            period="",
            **whose,
            units=10_000_000,
            temporary=False,
            starts_at=BEFORE,
            published_at=BEFORE,
        )
        put(
            use_table,
            subject=f"request:REQ-{agency}",
            line=0,
            **whose,
            dimension="vcpu",
            units=4_000_000,
            growth=4_000_000,
            state="held",
            replaces="",
            since=BEFORE,
            from_month=0,
        )
    for table, written in rows.items():
        transaction.write(insert(table), written)


def reorganisation(size: Size, at: datetime = MARCH) -> Reorganisation:
    """Every agency ends: the first two thirds go in pairs into one new agency, each of the last into one of its own."""
    pairs = size.agencies - size.left
    merges = tuple(Merge((f"a{2 * number:03}", f"a{2 * number + 1:03}"), f"n{number:03}") for number in range(pairs))
    alone = tuple(Abolition(f"a{number:03}", f"n{number - pairs:03}") for number in range(2 * pairs, size.agencies))
    first = {merge.into: merge.parties[0] for merge in merges} | {one.successor: one.party for one in alone}
    new = tuple(NewParty(id_, f"{id_} 新局", f"New {id_}", leader=f"p{old[1:]}-1") for id_, old in first.items())
    return Reorganisation(
        "JG-2026-01", "云编〔2026〕1 号", "机构改革", "reorganisation", at, new=new, merges=merges, abolitions=alone
    )


def every_row(transaction: Transaction, table: Table) -> Sequence[Mapping[str, Any]]:
    """All of a table, whoever owns what."""
    return transaction.rows(select(table).execution_options(guanyun_scoped=table.name))
