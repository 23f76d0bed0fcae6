"""What every table of the house says of a reorganisation: its open rows follow, or it is history, and why.

A test holds that every table that names a party has said one of the two. The order matters: people before what they
hold, projects before systems, things before the tasks about them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Table, func, or_, select

from foundation.store import Transaction
from governance.authority import machine_scope
from governance.reorganisation import (
    AccountsFollow,
    AlongWith,
    Applied,
    Bound,
    ColumnFollows,
    DelegationsFollow,
    EngagementsFollow,
    HistoryStays,
    MembershipsFollow,
    Moves,
    ProjectsFollow,
    Said,
    SystemsFollow,
    TasksFollow,
    apply_due,
)

if TYPE_CHECKING:
    from wiring.application import Application


def succession() -> Bound:
    """Everything bound: in which order what follows, and where environments are."""
    from tenants.succession import open_environments

    return Bound((*_people(), *_holdings(), *_things(), *_shared(), *_standing(), *HISTORY), open_environments)


def apply_what_is_due(application: Application) -> Sequence[Applied]:
    """Apply every published reorganisation whose date has come; returns what each moved."""
    bound = succession()
    return apply_due(application.office, bound.said, bound.environments_of)


def _people() -> tuple[Said, ...]:
    return (MembershipsFollow(), DelegationsFollow(), AccountsFollow(), EngagementsFollow())


def _holdings() -> tuple[Said, ...]:
    from governance.contracts.tables import contract_table
    from tenants.succession import NeedsFollow, QuotasFollow

    def runs(at: datetime) -> ColumnElement[bool]:
        return contract_table.c.ends_at > at

    return (
        *(ColumnFollows(contract_table, side, runs) for side in ("buyer", "operator", "payer")),
        QuotasFollow(),
        AlongWith("quota_use", "quota_limit"),
        ProjectsFollow(),
        SystemsFollow(),
        NeedsFollow(),
        AlongWith("need_temporary", "need"),
    )


def _things() -> tuple[Said, ...]:
    from infra.deployments.tables import cloud_table
    from infra.drift.tables import finding_table
    from infra.guardrails.tables import exemption_table
    from infra.landing_zone.tables import proposal_table
    from tenants.environments.tables import environment_table
    from tenants.register.tables import correction_table
    from tenants.requests.evidence_tables import agreement_table
    from tenants.requests.model import RequestState
    from tenants.requests.tables import request_table
    from tenants.succession import RegisterFollows

    of_environment = {"environment": "environment", "system": "system", "project": "project"}
    over = [RequestState.REJECTED, RequestState.WITHDRAWN, RequestState.EXPIRED, RequestState.ENDED]

    def undecided(at: datetime) -> ColumnElement[bool]:
        return request_table.c.state.not_in([state.value for state in over])

    def proposed(at: datetime) -> ColumnElement[bool]:
        return correction_table.c.decided_at.is_(None)

    def standing(at: datetime) -> ColumnElement[bool]:
        return environment_table.c.state != "closed"

    def asked(at: datetime) -> ColumnElement[bool]:
        return agreement_table.c.state == "asked"

    def exempted(at: datetime) -> ColumnElement[bool]:
        return exemption_table.c.state.in_(["asked", "approved"])

    def drifted(at: datetime) -> ColumnElement[bool]:
        return finding_table.c.ended_at.is_(None)

    return (
        RegisterFollows(),
        ColumnFollows(correction_table, "agency", proposed),
        ColumnFollows(environment_table, "agency", standing, {"environment": "id", "system": "system"}),
        ColumnFollows(cloud_table, "agency", None, {"environment": "environment"}),
        ColumnFollows(exemption_table, "agency", exempted, {"environment": "environment"}),
        ColumnFollows(finding_table, "agency", drifted, {"environment": "environment"}),
        ColumnFollows(proposal_table, "agency"),
        ColumnFollows(request_table, "agency", undecided, of_environment),
        ColumnFollows(request_table, "counterpart", undecided),
        ColumnFollows(request_table, "awaiting", undecided),
        ColumnFollows(agreement_table, "agency", asked),
    )


def _shared() -> tuple[Said, ...]:
    from tenants.datasets.model import DatasetState
    from tenants.datasets.tables import dataset_table
    from tenants.grants.tables import grant_table
    from tenants.grants.tables import held_table as held_grant_table
    from tenants.needs.rounds import round_table
    from tenants.requests.policy_tables import policy_table

    ends = [DatasetState.RETURNED, DatasetState.SUPERSEDED, DatasetState.WITHDRAWN]

    def offered(at: datetime) -> ColumnElement[bool]:
        return dataset_table.c.state.not_in([state.value for state in ends])

    def granted(at: datetime) -> ColumnElement[bool]:
        return grant_table.c.state.in_(["asked", "approved"]) & grant_table.c.ended.is_(None)

    def open_round(at: datetime) -> ColumnElement[bool]:
        return round_table.c.closed_at.is_(None)

    def in_force(at: datetime) -> ColumnElement[bool]:
        other = policy_table.alias("other")
        newest = select(func.max(other.c.starts_at)).where(
            other.c.party == policy_table.c.party, other.c.starts_at <= at
        )
        return or_(policy_table.c.starts_at > at, policy_table.c.starts_at == newest.scalar_subquery())

    return (
        *(ColumnFollows(dataset_table, side, offered) for side in ("agency", "reviewer", "aggregator")),
        *(ColumnFollows(grant_table, side, granted) for side in ("agency", "holder")),
        ColumnFollows(held_grant_table, "holder"),
        ColumnFollows(round_table, "bureau", open_round),
        ColumnFollows(policy_table, "party", in_force),
    )


def _standing() -> tuple[Said, ...]:
    from foundation.work.due.tables import due_rules
    from foundation.work.runs.tables import runs as work_runs
    from governance.lists.tables import appeal_table, list_table
    from governance.projects.change_tables import change_table
    from tenants.addresses.tables import block_table

    def running(at: datetime) -> ColumnElement[bool]:
        return work_runs.c.ended_at.is_(None)

    def unanswered(at: datetime) -> ColumnElement[bool]:
        return appeal_table.c.answered_at.is_(None)

    def in_force(at: datetime) -> ColumnElement[bool]:
        return list_table.c.ended_at.is_(None)

    def undecided(at: datetime) -> ColumnElement[bool]:
        return change_table.c.decided_at.is_(None)

    def held(at: datetime) -> ColumnElement[bool]:
        return block_table.c.ended_at.is_(None)

    return (
        ColumnFollows(block_table, "agency", held),
        ColumnFollows(change_table, "agency", undecided, {"project": "project"}),
        ColumnFollows(appeal_table, "party", unanswered),
        ColumnFollows(list_table, "owner", in_force),
        ColumnFollows(due_rules, "agency"),
        ColumnFollows(work_runs, "agency", running),
        TasksFollow(subjects=_subjects_that_move),
    )


def _subjects_that_move(transaction: Transaction, moves: Moves) -> Mapping[tuple[str, str], str]:
    """What tasks may be about, of what a split names: environments, systems, projects and their requests."""
    from tenants.requests.tables import request_table

    found = {
        (predecessor, f"{kind}:{id_}"): successor
        for kind, shared in moves.shares.items()
        for (predecessor, id_), successor in shared.items()
        if successor != predecessor
    }
    c = request_table.c
    for (predecessor, environment), successor in moves.shares.get("environment", {}).items():
        # The request has moved already; its task has not.
        query = request_table.select(machine_scope(), c.number)
        moved = query.where(c.environment == environment, c.agency == successor)
        found |= {(predecessor, f"request:{row['number']}"): successor for row in transaction.rows(moved)}
    return {key: successor for key, successor in found.items() if key[0] != successor}


_MEASURED = "what was measured or charged, and proven by roots handed out under the agency of that day"
_SAID = "who said what, under the name they had: read by the successor through the scope of its predecessors"
_MONTHS = "a bill of a month is the agency's of that month; the successor answers for it through its scope"

HISTORY: tuple[HistoryStays, ...] = tuple(
    HistoryStays(table, reason)
    for reason, tables in {
        _MEASURED: (
            "sli_day",
            "sli_day_agency",
            "sli_leaf",
            "usage_day_agency",
            "usage_day_leaf",
            "usage_quarantine",
        ),
        _MONTHS: ("usage_statement", "ledger_posting", "settlement_item", "settlement_item_acceptance"),
        _SAID: (
            "decision",
            "attachment",
            "audit_countersignature",
            "need_step",
            "need_version",
            "need_likeness",
            "need_conclusion",
            "need_terms",
            "data_holding",
            "need_proposal",
            "project_version",
            "system_version",
            "project_evaluation",
            "request_check",
            "request_opinion",
            "request_step",
            "list_entry",
            "deployment_plan",
            "deployment",
            "guardrail_judgement",
            "drift_look",
            "region_enrolment",
            "fleet_member",
            "runbook_run",
            "runbook_step",
            "work_step",
            "due_occurrence",
        ),
        "an account coding is signed by its owner; the successor signs its own when it changes": ("account_coding",),
        "what a department brought, in the file it brought": ("address_network", "takeover_system"),
        "only how the turns of agencies are shared; a new one begins anew": ("work_served",),
        "the reorganisation itself writes who answers for whom, and who followed": (
            "party",
            "party_leader",
            "party_name",
            "succession",
        ),
    }.items()
    for table in tables
)


def said_of(bound: Bound) -> Mapping[str, list[Said]]:
    """Table → what it said."""
    found: dict[str, list[Said]] = {}
    for one in bound.said:
        found.setdefault(one.table, []).append(one)
    return found


def names_a_party(table: Table) -> bool:
    """Whether a table's rows are some party's: agency-owned, or with a column that refers to a party."""
    refers = any(key.column.table.name == "party" for column in table.columns for key in column.foreign_keys)
    return refers or table.info.get("guanyun_agency_column") is not None
