"""Promise 5: no agency reads another's data, through any read of any room, and none is told whether it exists.

READS are every way a login reads rows that belong to agencies. Each is tried by both agencies in every order, with
its own ids, the other's, and ids of nothing.
"""

from __future__ import annotations

import ast
import io
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Table, select

from billing.items.service import list_items
from billing.ledger.tables import transactions
from billing.live import LiveSources, verify_live
from billing.packs import settlement_pack, statement_pack
from billing.settlement import service as settling
from billing.statements.service import statement, statements
from billing.usage.tables import leaves_of as usage_leaves
from billing.usage.tables import quarantined
from billing.usage.tables import salts_of as usage_salts
from foundation.evidence import canonical_text, sha256_hex
from foundation.store import Scope, UnscopedQuery
from foundation.values.errors import GuanyunError
from foundation.values.instant import Interval
from foundation.values.month import Month
from foundation.work.due import history, rule_named, rules
from foundation.work.outbox import outbox_table
from foundation.work.runs import find_runs, read_steps
from governance.attachments import attachments, download_attachment, read_attachment
from governance.audit import Search
from governance.authority import (
    RULES,
    Act,
    View,
    acting,
    audit_entries,
    decision_table,
    explain,
    locks,
    machine_scope,
    own_tokens,
    search_audit,
    viewing,
    who_can,
)
from governance.errors import NotFound, Refused
from governance.lists import appeal_of, appeals
from governance.parties import PartyKind, accounts, leaders, memberships
from governance.personnel import conflicts
from governance.projects import (
    approved_version,
    changes,
    coding_in_force,
    codings_of,
    evaluation_of,
    newest_coding,
    open_change,
    project_of,
    project_versions,
    projects,
    system_of,
    system_versions,
    systems,
)
from governance.tasks import inbox, task_of, tasks_on
from governance.tasks.tables import task_table
from infra.deployments import compare_with_cloud, environment_status, plan_with_digest
from infra.deployments.tables import newest_deployment, newest_deployments, newest_plan, newest_plans
from infra.drift import adoption_of, list_findings, list_looks, show_finding
from infra.guardrails import list_exemptions
from infra.landing_zone import approved_landing_zone, list_proposals, managed_regions
from monitoring import month_minutes, sealed_days, sli_breaks, sli_proofs
from monitoring.sli.tables import leaves_of as sli_leaves
from monitoring.sli.tables import salts_of as sli_salts
from runbooks.running import runs
from takeover import list_rooms, show_room, show_systems
from tenants.addresses import address_blocks, address_conflicts, department_networks, pool_figures
from tenants.datasets import coverage, dataset_of, datasets, directory
from tenants.environments import environments, find_environment
from tenants.environments.tables import environment_table
from tenants.grants import access, grant_of, grants, grants_to_decide
from tenants.grants.tables import asked_by
from tenants.needs import (
    approved_alternative,
    led_by,
    likenesses,
    need_of,
    needs,
    proposal_of,
    questions_of,
    rounds,
    steps_of,
    temporaries,
    temporary_of,
)
from tenants.quotas import QuotaKey, months_used, quota_history, quota_uses, quotas
from tenants.register import (
    Query,
    entries,
    irregularities,
    late_corrections,
    life_of,
    list_corrections,
    register_at,
    register_page,
    to_csv,
)
from tenants.requests import (
    RequestKind,
    agreements,
    create_request,
    evidence_of,
    request_of,
    request_termination,
    requests,
    requests_page,
    to_carry_out,
    visible_request,
)
from tenants.requests.tables import request_table
from tests.billing.conftest import CONTRACT, MARCH, SETTLEMENT, FakeSliChecks, shanghai
from tests.promises.city import NUMBERS, SPECS, City, flat
from tests.promises.filling import SHARED, blobs_of, content_of
from wiring.tables import gather

ROOT = Path(__file__).resolve().parents[2]
AGENCIES = ("hrss", "housing")
EVER = Interval(datetime(1970, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
FEBRUARY = Month(2026, 2)


@dataclass(frozen=True)
class Ids:
    """What things of one agency are called; each is in every city, or in none."""

    agency: str
    system: str
    project: str
    environment: str
    request: str
    plan: str
    statement: str
    grant: str
    attachment: str
    appeal: str
    task: int
    decision: int

    @property
    def dataset(self) -> str:
        """The agency's dataset, which is not published yet."""
        return f"data-of-{self.agency}"

    @property
    def need(self) -> str:
        """The agency's need."""
        return f"NEED-OF-{self.agency}"


ASKED = (*Ids.__dataclass_fields__, "dataset", "need")
OF_NOTHING = Ids(
    *("nobody", "no-system", "P-NONE", "no-env", "REQ-NONE", "9f" * 32, "US-nobody-2026-03", "GRT-NONE", "7e" * 32),
    *("AP-none", 987_654, 876_543),
)


def ids_of(city: City, agency: str) -> Ids:
    """What the agency's things are called."""
    mine = Scope(frozenset({agency}))
    with city.store.reading() as transaction:
        plan = newest_plan(transaction, machine_scope(), environment=SPECS[agency].environment)
        [grant] = asked_by(transaction, mine)
        [appeal] = appeals(transaction, mine)
        task = transaction.rows(task_table.select(mine).order_by(task_table.c.number))[0]
        decided = select(decision_table.c.number).where(decision_table.c.subject == f"need:NEED-OF-{agency}")
        decision = transaction.value(decided.order_by(decision_table.c.number).limit(1))
    assert plan is not None
    spec = SPECS[agency]
    return Ids(
        *(agency, spec.system, spec.project, spec.environment, NUMBERS[agency], plan.digest, f"US-{agency}-2026-03"),
        *(grant.number, sha256_hex(content_of(agency)), appeal.id, task["number"], decision),
    )


def marks_of(city: City, agency: str) -> frozenset[str]:
    """Words that are found in an agency's rows only: ids, names, digests, salts, hashes.

    Not those that any row may hold: instants, numbers, words of the language, what the public tables say.
    """
    words: dict[bool, set[str]] = {True: set(), False: set()}
    with city.store.reading() as transaction:
        for table in gather().sorted_tables:
            owner = table.info.get("guanyun_agency_column", "")
            if not owner and not OPEN_TABLES[table.name].startswith("public"):
                continue
            for row in transaction.rows(select(table).execution_options(guanyun_scoped=table.name)):
                if owner and row[owner] not in AGENCIES:
                    continue  # the bureau's own inbox and pairs: what they say of an agency is still that agency's
                text = canonical_text({name: _shown(value) for name, value in row.items()})
                words[bool(owner) and row[owner] == agency] |= set(_WORD.findall(text))
    own = (words[True] - words[False]) | {agency}
    return frozenset(word for word in own if agency in word or (_TELLING.search(word) and not _ANYBODYS.match(word)))


_WORD = re.compile(r"[\w.:/-]{6,}")
_TELLING = re.compile(r"[0-9\u4e00-\u9fff]")
_ANYBODYS = re.compile(r"\d{4}-\d\d|[\d.]+$")


def _shown(value: object) -> object:
    return value if isinstance(value, (str, int, list, dict, datetime)) or value is None else str(value)


def owned_tables() -> list[Table]:
    """Every table whose rows belong to one agency."""
    return [table for table in gather().sorted_tables if "guanyun_agency_column" in table.info]


Read = Callable[[City, str, View, Ids], Any]
READS: Mapping[str, Read] = {
    "locks": lambda city, token, view, ids: locks(view, now=city.office.clocks.real()),
    "accounts": lambda city, token, view, ids: [
        account for account in accounts(view.transaction) if view.scope.covers(account.party)
    ],
    "memberships": lambda city, token, view, ids: [
        one for one in memberships(view.transaction) if view.scope.covers(one.party)
    ],
    "leaders": lambda city, token, view, ids: [
        one for one in leaders(view.transaction) if view.scope.covers(one.party)
    ],
    "conflicts": lambda city, token, view, ids: conflicts(view),
    "audit entries": lambda city, token, view, ids: list(audit_entries(view)),
    "audit entries of a request": lambda city, token, view, ids: list(
        audit_entries(view, subject=f"request:{ids.request}")
    ),
    "audit search": lambda city, token, view, ids: search_audit(view, Search(text=ids.agency)),
    "audit search by account": lambda city, token, view, ids: search_audit(view, Search(accounts={f"{ids.agency}-1"})),
    "why": lambda city, token, view, ids: explain(view, ids.decision),
    "who can": lambda city, token, view, ids: who_can(view, Act.NEED_APPROVE, f"need:{ids.need}"),
    "who can, it being one's own": lambda city, token, view, ids: replace(
        who_can(view, Act.NEED_APPROVE, f"need:{ids.need}", owner=view.actor.party), subject=""
    ),
    "who can on a request": lambda city, token, view, ids: who_can(view, Act.REQUEST_APPROVE, f"request:{ids.request}"),
    "own tokens": lambda city, token, view, ids: own_tokens(city.office, token),
    "systems": lambda city, token, view, ids: systems(view.transaction, view.scope),
    "system": lambda city, token, view, ids: system_of(view.transaction, view.scope, ids.system),
    "projects": lambda city, token, view, ids: projects(view.transaction, view.scope),
    "project": lambda city, token, view, ids: project_of(view.transaction, view.scope, ids.project),
    "inbox": lambda city, token, view, ids: inbox(view),
    "tasks on a need": lambda city, token, view, ids: tasks_on(view.transaction, view.scope, f"need:{ids.need}"),
    "task": lambda city, token, view, ids: task_of(view, ids.task),
    "inbox after a task": lambda city, token, view, ids: inbox(view, after=ids.task),
    "needs": lambda city, token, view, ids: needs(view.transaction, view.scope),
    "need": lambda city, token, view, ids: need_of(view.transaction, view.scope, ids.need),
    "need's questions": lambda city, token, view, ids: questions_of(view.transaction, view.scope, ids.need),
    "need's proposal": lambda city, token, view, ids: proposal_of(view.transaction, view.scope, ids.need),
    "need's steps": lambda city, token, view, ids: steps_of(view.transaction, view.scope, ids.need),
    "need's alternative": lambda city, token, view, ids: approved_alternative(view.transaction, view.scope, ids.need),
    "needs of a round": lambda city, token, view, ids: needs(view.transaction, view.scope, round_id="R-1"),
    "needs led": lambda city, token, view, ids: led_by(view.transaction, view.scope, ids.need),
    "likely duplicates": lambda city, token, view, ids: likenesses(view, ids.need),
    "temporary quotas": lambda city, token, view, ids: temporaries(view),
    "temporary quota": lambda city, token, view, ids: temporary_of(view.transaction, view.scope, ids.need),
    "rounds": lambda city, token, view, ids: rounds(view.transaction),
    "project versions": lambda city, token, view, ids: project_versions(view.transaction, view.scope, ids.project),
    "project's codings": lambda city, token, view, ids: codings_of(view.transaction, view.scope, ids.project),
    "project's changes": lambda city, token, view, ids: changes(view.transaction, view.scope, ids.project),
    "project's evaluation": lambda city, token, view, ids: evaluation_of(view.transaction, view.scope, ids.project),
    "system versions": lambda city, token, view, ids: system_versions(view.transaction, view.scope, ids.system),
    "appeals": lambda city, token, view, ids: appeals(view.transaction, view.scope),
    "attachments": lambda city, token, view, ids: attachments(view.transaction, view.scope),
    "attachments of a project": lambda city, token, view, ids: attachments(
        view.transaction, view.scope, subject=f"project:{ids.project}"
    ),
    "attachment": lambda city, token, view, ids: read_attachment(view, ids.attachment, blobs=blobs_of(city)),
    "attachment taken away": lambda city, token, view, ids: download_attachment(
        city.office, token, blobs_of(city), ids.attachment
    ),
    "attachment that both have": lambda city, token, view, ids: read_attachment(
        view, sha256_hex(SHARED), blobs=blobs_of(city)
    ),
    "appeal": lambda city, token, view, ids: appeal_of(view.transaction, view.scope, ids.appeal),
    "project's approved version": lambda city, token, view, ids: approved_version(
        view.transaction, view.scope, ids.project
    ),
    "project's newest coding": lambda city, token, view, ids: newest_coding(view.transaction, view.scope, ids.project),
    "project's coding in force": lambda city, token, view, ids: coding_in_force(
        view.transaction, view.scope, project_of(view.transaction, view.scope, ids.project)
    ),
    "project's open change": lambda city, token, view, ids: open_change(view.transaction, view.scope, ids.project),
    "datasets": lambda city, token, view, ids: datasets(view),
    "datasets of one": lambda city, token, view, ids: datasets(view, agency=ids.agency),
    "dataset": lambda city, token, view, ids: dataset_of(view, ids.dataset),
    "directory": lambda city, token, view, ids: directory(view),
    "coverage": lambda city, token, view, ids: coverage(view),
    "access": lambda city, token, view, ids: access(view, ids.dataset),
    "grants": lambda city, token, view, ids: grants(view),
    "grants to decide": lambda city, token, view, ids: grants_to_decide(view),
    "grant": lambda city, token, view, ids: grant_of(view, ids.grant),
    "visible request": lambda city, token, view, ids: visible_request(view, ids.request),
    "request's evidence": lambda city, token, view, ids: evidence_of(view.transaction, view.scope, ids.request),
    "requests of one": lambda city, token, view, ids: requests_page(view.transaction, view.scope, agency=ids.agency),
    "agreements": lambda city, token, view, ids: agreements(view.transaction, view.scope),
    "months of a budget": lambda city, token, view, ids: months_used(
        view, QuotaKey("fen-a-year", period="2026", project=ids.project)
    ),
    "requests": lambda city, token, view, ids: requests(view.transaction, view.scope),
    "request": lambda city, token, view, ids: request_of(view.transaction, view.scope, ids.request),
    "what to stop or start": lambda city, token, view, ids: to_carry_out(
        view.transaction, view.scope, request_of(view.transaction, view.scope, ids.request)
    ),
    "environments": lambda city, token, view, ids: environments(view.transaction, view.scope),
    "environment": lambda city, token, view, ids: find_environment(view.transaction, view.scope, ids.environment),
    "register": lambda city, token, view, ids: entries(view.transaction, view.scope, EVER, charged=False),
    "register at": lambda city, token, view, ids: register_at(view.transaction, view.scope, view.now),
    "register's pages": lambda city, token, view, ids: register_page(
        view.transaction, view.scope, Query(corrected=True)
    ),
    "a resource's life": lambda city, token, view, ids: life_of(
        view.transaction, view.scope, f"{ids.environment}/instance/web-1"
    ),
    "register's export": lambda city, token, view, ids: to_csv(register_page(view.transaction, view.scope, Query())[0]),
    "register's gaps": lambda city, token, view, ids: irregularities(view.transaction, view.scope),
    "corrections": lambda city, token, view, ids: list_corrections(view.transaction, view.scope),
    "late corrections": lambda city, token, view, ids: late_corrections(view.transaction, view.scope, MARCH),
    "quotas": lambda city, token, view, ids: quotas(view),
    "budgets": lambda city, token, view, ids: quotas(view, money=True),
    "quota history": lambda city, token, view, ids: quota_history(view),
    "quota's uses": lambda city, token, view, ids: quota_uses(view, f"vcpu|agency={ids.agency}"),
    "address pools": lambda city, token, view, ids: pool_figures(view),
    "address blocks": lambda city, token, view, ids: address_blocks(view.transaction, view.scope),
    "department networks": lambda city, token, view, ids: department_networks(view.transaction, view.scope),
    "address conflicts": lambda city, token, view, ids: address_conflicts(view.transaction, view.scope),
    "environment status": lambda city, token, view, ids: _without_its_question(
        environment_status(city.office, token, ids.environment)
    ),
    "cloud": lambda city, token, view, ids: compare_with_cloud(city.deployer, token, ids.environment),
    "plan": lambda city, token, view, ids: plan_with_digest(city.office, token, ids.plan),
    "exemptions": lambda city, token, view, ids: list_exemptions(view),
    "the landing zone": lambda city, token, view, ids: approved_landing_zone(view.transaction, view.scope),
    "landing zones": lambda city, token, view, ids: list_proposals(view),
    "regions of the layer": lambda city, token, view, ids: managed_regions(view),
    "drift": lambda city, token, view, ids: list_findings(view),
    "drift of one": lambda city, token, view, ids: list_findings(view, environment=ids.environment),
    "a drift finding": lambda city, token, view, ids: show_finding(view, f"drift-of-{ids.agency}"),
    "looks for drift": lambda city, token, view, ids: list_looks(view),
    "what could not be seen": lambda city, token, view, ids: list_looks(view, unseen=True),
    "an adoption": lambda city, token, view, ids: adoption_of(
        view, ids.environment, SPECS["hrss"], {}, chosen=(f"drift-of-{ids.agency}",)
    ),
    "newest plan": lambda city, token, view, ids: newest_plan(
        view.transaction, view.scope, environment=ids.environment
    ),
    "newest deployment": lambda city, token, view, ids: newest_deployment(
        view.transaction, view.scope, ids.environment
    ),
    "newest plans": lambda city, token, view, ids: newest_plans(
        view.transaction, view.scope, [spec.environment for spec in SPECS.values()]
    ),
    "newest deployments": lambda city, token, view, ids: newest_deployments(
        view.transaction, view.scope, [spec.environment for spec in SPECS.values()]
    ),
    "runs": lambda city, token, view, ids: runs(city.office, token, ids.environment),
    "all runs": lambda city, token, view, ids: runs(city.office, token),
    "work": lambda city, token, view, ids: find_runs(view.transaction, view.scope, limit=500),
    "work's steps": lambda city, token, view, ids: [
        read_steps(view.transaction, view.scope, run) for run in find_runs(view.transaction, view.scope, limit=500)
    ],
    "work of a subject": lambda city, token, view, ids: find_runs(
        view.transaction, view.scope, subject=f"subject-of-{ids.agency}"
    ),
    "due rules": lambda city, token, view, ids: rules(view.transaction, view.scope),
    "due rule": lambda city, token, view, ids: rule_named(view.transaction, view.scope, f"rule-of-{ids.agency}"),
    "due history": lambda city, token, view, ids: history(view.transaction, view.scope, f"rule-of-{ids.agency}"),
    "rooms": lambda city, token, view, ids: list_rooms(city.office, token),
    "room": lambda city, token, view, ids: show_room(city.office, token, "city"),
    "room's systems": lambda city, token, view, ids: show_systems(city.office, token, "city"),
    "quarantine": lambda city, token, view, ids: quarantined(view.transaction, view.scope, MARCH),
    "usage leaves": lambda city, token, view, ids: usage_leaves(view.transaction, view.scope, shanghai(2).date(), 2),
    "usage salts": lambda city, token, view, ids: usage_salts(view.transaction, view.scope, shanghai(2).date(), 2),
    "minutes": lambda city, token, view, ids: month_minutes(view.transaction, view.scope, FEBRUARY),
    "minutes of one": lambda city, token, view, ids: month_minutes(
        view.transaction, view.scope, FEBRUARY, agency=ids.agency
    ),
    "minutes' leaves": lambda city, token, view, ids: [
        sli_leaves(view.transaction, view.scope, day) for day in sealed_days(view.transaction, FEBRUARY)
    ],
    "minutes' salts": lambda city, token, view, ids: [
        sli_salts(view.transaction, view.scope, day) for day in sealed_days(view.transaction, FEBRUARY)
    ],
    "minutes' proofs": lambda city, token, view, ids: sli_proofs(view.transaction, view.scope, FEBRUARY, ids.agency),
    "items": lambda city, token, view, ids: list_items(view, CONTRACT, MARCH),
    "statements": lambda city, token, view, ids: statements(city.office, token, MARCH),
    "statement": lambda city, token, view, ids: statement(city.office, token, ids.statement),
    "statement's pack": lambda city, token, view, ids: (
        statement_pack(city.office, token, city.sources, ids.statement, signer=city.signer("billing")).data
    ),
    "settlements": lambda city, token, view, ids: settling.list_settlements(view),
    "settlement": lambda city, token, view, ids: settling.find_settlement(view, SETTLEMENT),
    "settlement's pack": lambda city, token, view, ids: (
        settlement_pack(city.office, token, city.sources, SETTLEMENT, signer=city.signer("billing")).data
    ),
    "settlement's signers": lambda city, token, view, ids: settling.history_of(
        view, settling.find_settlement(view, SETTLEMENT)
    ),
    "verified live": lambda city, token, view, ids: verify_live(
        view,
        LiveSources(packs=city.sources, sli=FakeSliChecks(city.sli)),
        city.handed_out,
        city.ring,
    ),
    "minutes that differ": lambda city, token, view, ids: sli_breaks(view.transaction, view.scope, FEBRUARY, {}),
    "ledger": lambda city, token, view, ids: [postings for *_, postings in transactions(view.transaction, view.scope)],
}


def _without_its_question(status: Any) -> Any:
    return replace(status, environment="")


def shown(answer: Any) -> str:
    """All an answer says, as text; a pack is opened, and the packs inside it."""
    if not isinstance(answer, bytes):
        return repr(answer)
    if not answer.startswith(b"PK"):
        return answer.decode()
    with zipfile.ZipFile(io.BytesIO(answer)) as archive:
        return "".join(f"{name}\n{shown(archive.read(name))}\n" for name in archive.namelist())


def ask(city: City, reader: str, read: str, ids: Ids) -> tuple[str, str]:
    """("answer", what was said) or (the error's type, its words in both languages)."""
    token = city.token(f"{reader}-1")
    try:
        with viewing(city.office, token) as view:
            return "answer", shown(READS[read](city, token, view, ids))
    except GuanyunError as error:
        return type(error).__name__, error.text("zh") + error.text("en") + repr(sorted(map(str, error.facts.items())))


def without_question(said: str, ids: Ids) -> str:
    """An error's words without the ids that were asked for, which it repeats."""
    said = said.replace(f"{ids.decision:06d}", "?")
    for asked in sorted((str(getattr(ids, field)) for field in ASKED), key=len, reverse=True):
        said = said.replace(asked, "?").replace(asked[:12], "?")
    return said


class Marks(dict[str, frozenset[str]]):
    """Agency → the words that only its rows hold."""

    def __repr__(self) -> str:
        return "marks"


@cache
def all_marks(city: City) -> Marks:
    """Of both agencies."""
    return Marks({agency: marks_of(city, agency) for agency in AGENCIES})


@pytest.fixture
def marks(city: City) -> Marks:
    """Of this city."""
    return all_marks(city)


def other_than(agency: str) -> str:
    """The other of the two."""
    return AGENCIES[1 - AGENCIES.index(agency)]


@pytest.mark.parametrize("reader", AGENCIES)
def test_the_words_to_look_for_are_there(city: City, marks: Marks, reader: str) -> None:
    """The test of the tests: who sees everything finds the marks of both."""
    ids = ids_of(city, reader)
    found = " ".join(ask(city, "bureau", read, ids)[1] for read in READS)
    assert len(marks[reader]) > 100
    assert len([mark for mark in marks[reader] if mark in found]) > 60


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.sampled_from(AGENCIES), st.sampled_from(sorted(READS)), st.booleans()), min_size=1, max_size=12
    )
)
def test_no_sequence_of_reads_gives_a_row_of_another_agency(
    city: City, marks: Marks, sequence: list[tuple[str, str, bool]]
) -> None:
    for reader, read, own in sequence:
        asked = ids_of(city, reader if own else other_than(reader))
        kind, said = ask(city, reader, read, asked)
        if not own and kind != "answer":
            said = without_question(said, asked)
        leaked = [mark for mark in marks[other_than(reader)] if mark in said]
        assert not leaked, (reader, read, sorted(leaked)[:5])


@pytest.mark.parametrize("read", READS)
@pytest.mark.parametrize("reader", AGENCIES)
def test_a_read_of_ones_own_holds_nothing_of_another(city: City, marks: Marks, reader: str, read: str) -> None:
    _, said = ask(city, reader, read, ids_of(city, reader))
    assert [mark for mark in marks[other_than(reader)] if mark in said] == []


@pytest.mark.parametrize("read", READS)
@pytest.mark.parametrize("reader", AGENCIES)
def test_what_is_anothers_and_what_is_not_there_answer_alike(city: City, reader: str, read: str) -> None:
    theirs, nothing = ids_of(city, other_than(reader)), OF_NOTHING
    answers = []
    for ids in (theirs, nothing):
        kind, said = ask(city, reader, read, ids)
        if kind != "answer":
            said = without_question(said, ids)
        answers.append((kind, said))
    assert answers[0] == answers[1]


# acts that an agency may try


def test_an_agencys_acts_on_anothers_things_find_nothing(city_at: Callable[[str], City]) -> None:
    city = city_at("paid")
    theirs = SPECS["housing"]
    mine = replace(SPECS["hrss"], environment=theirs.environment)
    token = city.token("hrss-1")
    for number in ("", "REQ-NEW"):
        with pytest.raises(NotFound) as caught:
            create_request(city.office, token, kind=RequestKind.CHANGE, spec=mine, estimator=flat, number=number)
        assert "housing" not in str(caught.value).replace(theirs.environment, "")
    with pytest.raises(NotFound):
        request_termination(city.office, token, theirs.environment, estimator=flat)


def test_every_act_of_an_agency_is_scoped_to_it(city: City) -> None:
    for act in Act:
        if PartyKind.AGENCY in RULES[act].kinds:
            with acting(city.office, city.token("hrss-1"), act, "x") as mandate:
                assert mandate.scope == Scope(frozenset({"hrss"}))
        else:
            with pytest.raises(Refused), acting(city.office, city.token("hrss-1"), act, "x"):
                pytest.fail(f"an agency may {act}")


def test_the_log_of_a_person_of_two_agencies_is_told_apart(city_at: Callable[[str], City]) -> None:
    """What somebody does for one agency is not read through their account at another."""
    city = city_at("paid")
    second = city.join("hrss-1", "housing")
    with viewing(city.office, city.token(second)) as view:
        assert {entry.account for entry in audit_entries(view)} == {"housing-1", "housing-2"}
    with viewing(city.office, city.token("hrss-1")) as view:
        assert {entry.account for entry in audit_entries(view)} == {"hrss-1", "hrss-2"}


def test_the_roots_and_heads_that_everybody_keeps_hold_no_agencys_words(city: City, marks: Marks) -> None:
    handed_out = " ".join(path.read_text(encoding="utf-8") for path in city.handed_out.iterdir())
    assert not [mark for agency in AGENCIES for mark in marks[agency] if mark in handed_out]


def test_an_event_of_one_agency_holds_nothing_of_the_other(city: City, marks: Marks) -> None:
    with city.store.reading() as transaction:
        events = [canonical_text(dict(row)) for row in transaction.rows(select(outbox_table))]
    for event in events:
        named = [agency for agency in AGENCIES if any(mark in event for mark in marks[agency])]
        assert len(named) < 2, event[:200]


def test_an_audit_entry_of_one_agency_holds_nothing_of_the_other(city: City, marks: Marks) -> None:
    for agency in AGENCIES:
        with viewing(city.office, city.token(f"{agency}-1")) as view:
            said = repr(list(audit_entries(view)))
        assert not [mark for mark in marks[other_than(agency)] if mark in said]


# that the walls have no gap


OPEN_TABLES = {
    "level": "public: the levels of government",
    "place": "public: the places that have them",
    "party_name": "public: what a party was called",
    "party_leader": "who answers for whom, by id; the list is cut to the reader's scope where it is shown",
    "membership": "who belongs to whom, by id; the list is cut to the reader's scope where it is shown",
    "delegation": "who lets whom use a duty, by id; the list is cut to the reader's scope where it is shown",
    "supplier_engagement": "which firm works for whom, under which contract; read where sides are counted",
    "person_merge": "which persons are one, by id; read where the person is told apart",
    "person_conflict": "what one person did on both sides; no agency reads it",
    "succession": "public: who followed whom",
    "reorganisation": "public: the document of a reorganisation",
    "reorganisation_move": "how many rows a reorganisation moved",
    "account": "a login serves one party; the list is cut to the reader's scope where it is shown",
    "audit_checkpoint": "numbers and hashes of the chain, handed out to bureau and auditor",
    "audit_countersignature": "which party signed which checkpoint",
    "audit_head": "one number and one hash",
    "audit_entry": "one chain over all; read through audit_entries, by the account that acted",
    "decision": "the separation of duties reads all of them; shown with a settlement to who may see that",
    "decision_basis": "as the decisions",
    "glass_grant": "who may do what for a while and why; announced to bureau and auditor",
    "party": "public: who the parties are",
    "ceremony": "which party began it, whose keys were made",
    "ceremony_administrator": "three names until the ceremony closes, before any agency is there",
    "ceremony_seal": "how the first run closed",
    "takeover_room": "machines of several agencies, or of none yet; no agency reads it",
    "takeover_assignment": "a room's versions; whose systems is in takeover_system",
    "settlement": "between buyer and operator over all agencies; no agency reads it",
    "ledger_transaction": "headings; the amounts are postings, which belong to agencies",
    "grade": "of the operator, over all agencies",
    "sli_day_close": "roots over all agencies, handed out to everybody",
    "usage_day": "roots over all agencies, handed out to everybody",
    "usage_batch": "what a collector said of all agencies; files and sums, never shown by agency",
    "outbox": "read by subscribers only",
    "outbox_order": "one number",
    "outbox_subscriber": "who listens, and how far each has come",
    "outbox_held": "which events wait, why in words; no payload; read by the operator",
    "outbox_ruling": "who replayed or dropped which event; read by the operator",
    "work_pause": "kinds of work nobody starts; says nothing of an agency",
    "work_worker": "which processes work, and which kinds they know",
    "working_year": "public: the calendar",
    "lease": "who holds an environment now; read by the holder's check only",
    "installation": "one row about this database",
    "person": "names, never shown to an agency",
    "session": "hashes of tokens",
    "api_token": "names and hashes; each account lists its own",
    "login_failure": "hashes of names and sources; who is locked is cut to the reader's scope where it is shown",
    "login_issuer_round": "hashes of rounds to the issuer",
    "login_known_source": "hashes of names and sources",
    "login_password": "hashes of passwords; read by nobody but the login",
    "login_policy": "public: the rules of logging in",
    "login_recovery_code": "keyed hashes of codes",
    "login_second_factor": "sealed with a key outside the database",
    "login_subject": "keyed hashes of the issuer's subjects",
    "work_asked_for": "under which duty a run was asked for; the run itself is its agency's",
    "catalogue_version": "public: the catalogue, and drafts of it by whoever manages",
    "service_offer": "public: the catalogue",
    "need_round": "public: when needs are collected",
    "need_terms": "public: clocks and measures of needs",
    "notice": "public: published notices",
    "price_list": "public: prices",
    "price_version": "public: prices",
    "quota_document": "what the bureau drafted and published; agencies read limits, through their scope",
    "quota_counter": "sums by key; read through tenants.quotas, which tells an agency of its own use only",
    "address_pool": "public: which addresses are for which zone and level",
    "address_gap": "what is free in a pool, whoever holds the rest",
    "request_policy": "public: who decides on what",
    "number_series": "one number a series and year",
    "fleet_operation": "the operator's own, over many agencies; no agency reads it",
    "contract": "between buyer and operator; its terms are public to who is served under it",
    "contract_amendment": "as the contract",
    "contract_use": "totals of a contract over all agencies; no agency reads it",
    "contract_line_use": "totals of a contract line over all agencies; no agency reads it",
    "contract_obligation": "what is promised to requests of all agencies; no agency reads it",
    "contract_settled": "what settlements used, over all agencies; no agency reads it",
    "contract_draw": "which promise a settlement drew on; no agency reads it",
    "published_list": "public once published; drafts are shown to whoever manages lists only",
    "list_entry": "public once published: a list is for everybody to read",
}
"""Every table whose rows belong to no agency, and why."""


def test_every_table_belongs_to_agencies_or_is_open_for_a_reason() -> None:
    owned = {table.name for table in owned_tables()}
    tables = {table.name for table in gather().sorted_tables}
    assert owned | set(OPEN_TABLES) == tables
    assert not owned & set(OPEN_TABLES)


def test_every_table_with_an_agencys_column_is_owned_by_that_column() -> None:
    for table in gather().sorted_tables:
        for name in ("agency", "lead"):
            if name in table.c:
                assert table.info.get("guanyun_agency_column") == name, table.name


def test_no_owned_table_can_be_read_bare(city: City) -> None:
    for table in owned_tables():
        with city.store.reading() as transaction, pytest.raises(UnscopedQuery):
            transaction.rows(select(table))


def test_a_scope_holds_for_its_own_table_only(city: City) -> None:
    """Another agency's rows do not come along by a join, a column or a subquery of a scoped statement."""
    scope = Scope(frozenset({"hrss"}))
    other = environment_table.table
    sneaking = (
        request_table.select(scope, request_table.c.number, other.c.id),
        request_table.select(scope).join(other, other.c.request != request_table.c.number),
        request_table.select(scope).where(request_table.c.environment.in_(select(other.c.id))),
        request_table.update(scope).values(reason=select(other.c.id).scalar_subquery()),
    )
    for statement_ in sneaking:
        with pytest.raises(UnscopedQuery, match="environment"), city.store.transaction() as transaction:
            transaction.rows(statement_)


def test_a_function_given_a_scope_uses_it() -> None:
    dropped = []
    for path, tree in modules():
        for node in ast.walk(tree):
            if not isinstance(node, ast.FunctionDef) or node.name.startswith("__"):
                continue
            given = {argument.arg for argument in (*node.args.args, *node.args.kwonlyargs)}
            if "scope" not in given or isinstance(node.body[-1], ast.Expr):  # the last: a Protocol's ``...``
                continue
            used = {name.id for part in node.body for name in ast.walk(part) if isinstance(name, ast.Name)}
            if "scope" not in used:
                dropped.append(f"{path}:{node.name}")
    assert dropped == []


WHOLE_SCOPES = {
    "governance/reorganisation/checking.py": "a reorganisation is of several agencies; for the bureau",
    "governance/reorganisation/columns.py": "open rows of one agency become another's",
    "governance/reorganisation/projects.py": "open rows of one agency become another's",
    "governance/reorganisation/tasks.py": "open rows of one agency become another's",
    "tenants/succession/environments.py": "a reorganisation is of several agencies; for the bureau",
    "tenants/succession/needs.py": "open rows of one agency become another's",
    "tenants/succession/quotas.py": "open rows of one agency become another's",
    "tenants/succession/register.py": "open rows of one agency become another's",
    "wiring/succession.py": "open rows of one agency become another's",
    "billing/items/service.py": "the operator names a system of any agency; the item then belongs to that one",
    "billing/packs/building.py": "the way up a day's tree: of other agencies only salted hashes leave",
    "billing/usage/closing.py": "a day is closed over all agencies",
    "governance/attachments/keeping.py": "which contents anybody has; digests only, none leaves",
    "governance/calendar/loading.py": "hears from the outbox",
    "governance/tasks/deadlines.py": "hears from the outbox",
    "governance/tasks/handing_over.py": "a person leaves, a party is succeeded: every inbox",
    "governance/tasks/opening.py": "whoever acts puts a task into another's inbox; only its own row comes back",
    "infra/deployments/deployer.py": "which accounts and regions an environment has parts in; what is there is told",
    "infra/deployments/finishing.py": "a deployment ends after its login may have",
    "infra/drift/looking.py": "a look is the machine's; what it finds is written to its environment's agency",
    "infra/fleet/advancing.py": "what comes next is released when a run ends, which is no person's act",
    "infra/guardrails/records.py": "what is exempted is asked while an environment is planned, and kept with its plan",
    "monitoring/sli/sealing.py": "a day is sealed over all agencies",
    "runbooks/running.py": "a run's steps end after its login may have",
    "tenants/addresses/allotting.py": "an address is free or not whoever holds it; only that is told",
    "tenants/addresses/importing.py": "the operator imports any department's networks beside everybody's",
    "tenants/addresses/reserving.py": "the operator gives back blocks of whichever agency",
    "tenants/datasets/compiling.py": "an id is taken or not; whose it is stays unsaid",
    "tenants/datasets/reading.py": "the directory: what is published, which everybody reads",
    "tenants/environments/service.py": "hears from the outbox",
    "tenants/grants/asking.py": "a number is taken or not; the new row stands with its asker and its holder",
    "tenants/grants/deciding.py": "the row of the holder says that it was asked; the asker's row changes",
    "tenants/grants/reading.py": "the row of the holder says that it was asked",
    "tenants/grants/turning.py": "terms begin and end for every agency; hears from the outbox",
    "tenants/needs/comparing.py": "a need is compared with everybody's; only the bureau sees the pairs",
    "tenants/needs/merging.py": "the lead's end is that of the needs which follow it, of whichever agency",
    "tenants/needs/moving.py": "a need moves by another's act too: its lead's, the bureau's",
    "tenants/needs/reading.py": "what was said of a need in the scope, by whoever its agency was then",
    "tenants/needs/stating.py": "a number is taken or not; only that is told",
    "tenants/needs/succeeding.py": "open needs follow their agency's successor",
    "tenants/needs/urgent.py": "what was lent ends by itself",
    "tenants/quotas/publishing.py": "shares of one quota are added up over all agencies; the bureau publishes",
    "tenants/quotas/reading.py": "limits over several agencies bind each; of their use only the reader's own is told",
    "tenants/quotas/recounting.py": "a recount is over all agencies, for who sees all of them",
    "tenants/quotas/reserving.py": "a use must fit beside everybody's; only the asker's own is told",
    "tenants/register/service.py": "hears from the outbox",
    "tenants/requests/deciding.py": "what a decision frees and which act the next step is; nothing of it is told",
    "tenants/requests/delivering.py": "hears from the outbox; a receiving agency accepts what another asked for",
    "tenants/requests/expiring.py": "the house's own due work; hears from the outbox",
    "tenants/requests/granting.py": "an approval moves what another request held",
    "tenants/requests/moving.py": "whether an opinion is on file; only a task follows",
    "tenants/requests/opinions.py": "an expert is of no agency, and reads only what an opinion is asked for",
    "tenants/requests/reading.py": "what an expert or a receiving agency was asked about",
    "tenants/requests/transferring.py": "the receiver's answer goes into the giver's row",
    "tenants/requests/approved.py": "what infra may build; infra's own scope decides who sees it",
    "tenants/requests/assembling.py": "whether an environment runs, so that its block is kept until it has moved",
    "tenants/requests/checking.py": "whether the lead has signed its account coding, which a participant may not read",
    "tenants/requests/pausing.py": "what the operator is to stop; told to it by an event about its own work",
    "tenants/requests/placing.py": "which regions quotas name; no agency is told",
    "tenants/requests/registering.py": "the project's fund source, for the entry of who asked under it",
    "tenants/requests/requesting.py": "a number and a new environment's id are taken or not; only that is told",
    "tenants/requests/writing.py": "an environment's id is another's or not, before it is read by; only that is told",
    "wiring/bindings.py": "up to which month an agency's statements are issued; one instant leaves",
    "wiring/doctor/events.py": "counts over the whole house, for whoever runs it",
    "wiring/doctor/work.py": "counts over the whole house, for whoever runs it",
    "wiring/cloud.py": "what stands of the landing zone, while an environment is planned on it",
    "wiring/drift.py": "which environments are looked at each night",
    "wiring/guardrails.py": "how much room quotas and budgets leave a plan; totals only",
    "wiring/health.py": "counts over the whole house, no row leaves",
    "wiring/house_rules.py": "the house's own due work",
    "wiring/processes/beside.py": "the tick asks for the work of every agency",
    "wiring/processes/watching.py": "counts over the whole house, no row leaves",
    "wiring/work.py": "a worker carries out the work of every agency",
}
"""Every module outside governance.authority that reads or writes for no person, and why."""


def test_who_acts_for_no_person_is_known() -> None:
    calling = {
        str(path.relative_to(ROOT))
        for path, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "machine_scope"
    }
    assert calling == set(WHOLE_SCOPES)


def test_no_room_speaks_sql_of_its_own() -> None:
    """Text passes the guard of scopes unread."""
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and (
            (isinstance(node.func, ast.Name) and node.func.id == "text")
            or (isinstance(node.func, ast.Attribute) and node.func.attr in {"exec_driver_sql", "execute_sql"})
        )
    ]
    allowed = {
        "foundation/store/engine.py": "begins a transaction",
        "foundation/store/row_security.py": "puts tables under the policies; reads PostgreSQL's own catalogue only",
        "foundation/store/walls.py": "puts triggers and views up",
        "foundation/work/due/tables.py": "the condition of an index",
        "governance/lists/tables.py": "the condition of an index",
        "foundation/work/outbox/inside.py": "begins a savepoint",
        "foundation/work/outbox/tables.py": "the condition of an index",
        "governance/tasks/tables.py": "the condition of an index",
        "tenants/needs/urgent_tables.py": "the condition of an index",
        "foundation/work/runs/tables.py": "the condition of an index",
        "wiring/doctor/records.py": "SQLite's own check of its file",
        "foundation/store/postgresql.py": "takes the lock of one writer",
        "wiring/database.py": "asks for Alembic's version",
        "infra/deployments/tables.py": "the condition of an index",
        "infra/drift/tables.py": "the condition of an index",
        "infra/fleet/tables.py": "the condition of an index",
        "billing/usage/series.py": "a function of its own of that name",
    }
    assert {place.partition(":")[0] for place in found} <= set(allowed)


def modules() -> list[tuple[Path, ast.Module]]:
    """Every module of the rooms."""
    packages = ("governance", "tenants", "infra", "monitoring", "billing", "supervision", "takeover", "runbooks")
    paths = [path for package in (*packages, "foundation", "wiring", "cli") for path in (ROOT / package).rglob("*.py")]
    return [(path, ast.parse(path.read_text(encoding="utf-8"))) for path in sorted(paths)]
