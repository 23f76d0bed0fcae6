"""Promise 5, for whatever changes something: no operation of any room, done by any role of an agency with another
agency's ids, gives a word of that other agency, and none tells whether its things are there.

An operation is every public function of a room that takes a login. All are found in the code: one that is in no list
here and can be asked with ids is called; one that cannot makes a test fail.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from types import CodeType
from typing import Any
from unittest.mock import MagicMock

import pytest
from sqlalchemy import text

from billing.settlement import service as settling
from foundation.evidence import sha256_hex
from foundation.store import Scope
from foundation.values.errors import GuanyunError
from governance.authority import machine_scope
from governance.environments.landing_zone import Managed
from governance.parties import ADMINISTRATORS, Account, Duty, Person, add_account, add_person
from governance.personnel import Powers
from governance.projects import AccountCoding, project_of
from infra.guardrails import ExemptionWish
from tenants.datasets import DataItem, Description, Sharing
from tenants.grants import Offer, Wish
from tenants.needs.lending import QuotaLoan
from tenants.requests import RequestKind, ServiceItem, Terms
from tests.duties import ORDINARY
from tests.infra.landing_zone.conftest import example
from tests.logins import leave_session
from tests.promises import test_isolation as isolation
from tests.promises.city import SPECS, City, flat, no_items, wish_of
from tests.promises.filling import blobs_of, there
from tests.promises.test_isolation import AGENCIES, OF_NOTHING, READS, Ids, all_marks, ids_of, other_than, owned_tables
from wiring.guardrails import agency_of

ROOMS = ("governance", "tenants", "infra", "monitoring", "billing", "supervision", "takeover", "runbooks")
OWN_LOGIN = {
    "governance.authority.mandate.acting": "the door itself",
    "governance.authority.mandate.viewing": "the door itself",
    "governance.authority.sessions.close_session": "the login's own end",
    "governance.authority.sessions.switch_duty": "the login's own duty",
    "governance.authority.subjects.bind_own_subject": "the login's own person; takes what the issuer proved",
    "governance.authority.tokens.make_token": "the account's own tokens",
    "governance.authority.tokens.revoke_token": "the account's own tokens",
}
"""Operations that concern nobody but the login that does them, and why."""
MAKES = {
    "governance.attachments.adding.add_attachment": "whether the subject is there is asked of its own room",
    "governance.lists.appealing.file_appeal": "a list is published: its entries are known to everybody",
    "governance.personnel.delegating.give_delegation": "people may be named by everybody, and are told by id only",
    "governance.projects.stating.state_project": "an id is taken or not; whose it is stays unsaid",
    "tenants.datasets.compiling.compile_datasets": "an id is taken or not; whose it is stays unsaid",
    "tenants.datasets.compiling.count_holdings": "counts the agency's own",
    "tenants.needs.stating.state_need": "for the asker's own agency; a number is taken or not",
    "tenants.requests.requesting.create_request": "an environment's id is taken or not; whose it is stays unsaid",
}
"""Operations that make a thing, so that ids of nothing may succeed: what they say is searched, not compared."""


@cache
def operations() -> Mapping[str, Callable[..., Any]]:
    """Every public function of the rooms that takes a login or the view of one, by module and name."""
    found = {}
    for room in ROOMS:
        for path in sorted((isolation.ROOT / room).rglob("*.py")):
            module = ".".join(path.relative_to(isolation.ROOT).with_suffix("").parts)
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
                    continue
                given = [one.arg for one in (*node.args.posonlyargs, *node.args.args)]
                if given[:1] == ["view"] or (given[1:2] == ["token"] and given[0] in {"office", "deployer"}):
                    found[f"{module}.{node.name}"] = getattr(importlib.import_module(module), node.name)
    return found


@cache
def scoped() -> Mapping[str, Callable[..., Any]]:
    """Every function of a package's public surface that is given a transaction and a scope."""
    found = {}
    for room in ROOMS:
        for path in sorted((isolation.ROOT / room).rglob("__init__.py")):
            package = importlib.import_module(".".join(path.parent.relative_to(isolation.ROOT).parts))
            for name in getattr(package, "__all__", ()):
                one = getattr(package, name)
                if inspect.isfunction(one) and list(inspect.signature(one).parameters)[:2] == ["transaction", "scope"]:
                    found[f"{one.__module__}.{one.__name__}"] = one
    return found


def read_by_reads() -> set[str]:
    """The functions that READS call."""

    def names(code: CodeType) -> Iterator[tuple[str, ...]]:
        yield code.co_names
        for constant in code.co_consts:
            if isinstance(constant, CodeType):
                yield from names(constant)

    found = set()
    for read in READS.values():
        for used in names(read.__code__):
            for name in used:
                for where in (isolation, settling):
                    one = getattr(where, name, None)
                    if inspect.isfunction(one):
                        found.add(f"{one.__module__}.{one.__name__}")
    return found


READS_FIRST = {
    "governance.authority.countersigning.countersign": "looks for a checkpoint handed out before it asks who signs",
    "governance.catalogue.noticing.record_notices": "records nothing where no notice is handed in",
    "governance.lists.publishing.draft_list": "takes the digest of what is handed in before it asks by whom",
    "governance.personnel.recording.record_parties": "takes the digest of what is handed in before it asks by whom",
    "infra.deployments.applying.resuming": "a context: entered by apply_plan and plan_environment",
    "monitoring.sli.importing.import_probe_log": "reads the file handed in before it asks by whom",
    "billing.usage.closing.close_day": "one day of close_days",
    "billing.usage.closing.close_month": "nothing is left to close: says so of days, never of agencies",
    "billing.usage.closing.close_days": "nothing is handed in to close",
    "supervision.grades.service.draft_grade": "reads the dimensions handed in before it asks by whom",
    "takeover.service.import_machine_room": "reads the workbook handed in before it asks by whom",
    "tenants.register.correcting.propose_correction": "reads the correction handed in before it asks by whom",
}
"""Operations of those who manage or run that look at what is handed in before they ask who it is, and how."""
UNREAD = {
    "billing.packs.building.build_settlement_pack": "the inside of settlement_pack",
    "billing.packs.building.build_statement_pack": "the inside of statement_pack",
    "infra.landing_zone.grounds.ground_of": "the inside of planning, which hands it no reader's scope",
    "infra.landing_zone.grounds.joined_spec": "adds to a landing zone that an agency does not get to see",
}
"""Scoped functions that READS do not call, and why."""


def acts() -> Mapping[str, Callable[..., Any]]:
    """Operations that are no reads and no matter of the login alone."""
    reads = read_by_reads()
    return {name: one for name, one in operations().items() if name not in reads and name not in OWN_LOGIN}


def test_every_function_that_reads_for_a_login_is_among_the_reads() -> None:
    reads = read_by_reads()
    views = {name for name, one in operations().items() if "view" in inspect.signature(one).parameters}
    assert views - reads == set()
    assert set(scoped()) - reads == set(UNREAD)
    assert set(OWN_LOGIN) | set(MAKES) | set(READS_FIRST) <= set(operations())


# asking


def thing_of(name: str, parameter: str, ids: Ids) -> Any:
    """What the operation's ``number`` or ``id_`` is an id of."""
    rooms = {
        "governance.lists.appealing": ids.appeal
        if parameter == "id_"
        else AGENCIES.index(ids.agency) + 1
        if ids.agency in AGENCIES
        else 99,
        "governance.tasks": ids.task,
        "governance.projects": ids.project,
        "tenants.needs.rounds": ids.need if parameter == "number" else "R-1",
        "tenants.needs": ids.need,
        "tenants.requests": ids.request,
        "tenants.grants": ids.grant,
        "tenants.datasets": ids.dataset,
        "tenants.register": f"K-{ids.agency}",
        "billing.statements": ids.statement,
    }
    return next((thing for room, thing in rooms.items() if name.startswith(room)), "none")


def argument(city: City, name: str, parameter: inspect.Parameter, ids: Ids, now: datetime) -> Any:
    """What is given for a parameter: the thing of ``ids``, or anything that fits."""
    kind, word = str(parameter.annotation), parameter.name
    if word in {"number", "id_"}:
        return thing_of(name, word, ids)
    named = {
        "office": city.office,
        "deployer": city.deployer,
        "environment": ids.environment,
        "agency": ids.agency,
        "need": ids.need,
        "lead": ids.need,
        "others": [ids.need],
        "project": ids.project,
        "project_id": ids.project,
        "system": ids.system,
        "statement": ids.statement,
        "settlement": "S-C-2026-01-2026-03",
        "contract": "C-2026-01",
        "list_id": "standing",
        "holder": f"environment:{ids.environment}",
        "account": f"{ids.agency}-1",
        "person": f"p-{ids.agency}-1",
        "delegate": f"p-{ids.agency}-1",
        "subject": f"need:{ids.need}",
        "digest": "0" * 64,
        "expected": "0" * 64,
        "item_id": f"item-{ids.agency}",
        "to": ids.agency,
    }
    if word in named and (kind in {"str", "Sequence[str]"} or word in {"office", "deployer"}):
        return named[word]
    made: Mapping[str, Callable[[], Any]] = {
        "str": lambda: "words",
        "int": lambda: 1,
        "bytes": lambda: b"content\n",
        "datetime": lambda: now + timedelta(days=9),
        "BlobStore": lambda: blobs_of(city),
        "SubjectCheck": lambda: there,
        "Estimator": lambda: flat,
        "Estimator | Desk": lambda: flat,
        "ItemEstimator": lambda: no_items,
        "TemporaryQuota": QuotaLoan,
        "Terms": lambda: Terms(items=(ServiceItem("licence", "e-licence", "e-licence-standard"),)),
        "RequestKind": lambda: RequestKind.SUSPEND,
        "EnvironmentSpec": lambda: replace(SPECS["hrss"], environment=ids.environment, system=ids.system),
        "AccountCoding": lambda: AccountCoding(ids.project, "code", "finance", "finance-1", ()),
        "Project": lambda: stated(city, ids),
        "Questions": lambda: wish_of("mine", now.date()),
        "Powers": lambda: MagicMock(spec=Powers),
        "Wish": lambda: Wish(
            *(Offer.DATASET, ids.dataset, ids.system, "purpose", "basis", ("code",), 1, 5),
            *(now, now + timedelta(days=9)),
        ),
        "ExemptionWish": lambda: ExemptionWish("GR-ENC-002", "Volume/x", "reason", now + timedelta(days=9)),
        "LandingZoneSpec": example,
        "Managed": lambda: Managed.READ,
        "AgencyOf": lambda: agency_of,
        "Sequence[Description]": lambda: [described(ids)],
    }
    return made[kind]() if kind in made else MagicMock()


def stated(city: City, ids: Ids) -> Any:
    """A project as an agency would state it, under the id."""
    with city.store.reading() as transaction:
        known = project_of(transaction, machine_scope(), SPECS["hrss"].project)
    return replace(known, id=ids.project)


def described(ids: Ids) -> Description:
    """A dataset as an agency would describe it, under the id."""
    item = DataItem("code", "项", "Item", "文本", personal=False)
    return Description(
        *(ids.dataset, "数据", "Data", ids.system, "area", "cycle", Sharing.CONDITIONAL, "basis", "query-standard"),
        items=(item,),
    )


def call(city: City, name: str, token: str, ids: Ids, now: datetime) -> tuple[str, str]:
    """What came of the operation: ("done", what it gave) or (the error's type, all its words), ids of the question
    taken out."""
    operation = acts()[name]
    given: dict[str, Any] = {}
    for parameter in inspect.signature(operation).parameters.values():
        if parameter.name == "token":
            given["token"] = token
        elif parameter.default is inspect.Parameter.empty:
            given[parameter.name] = argument(city, name, parameter, ids, now)
    try:
        answer = operation(**given)
        kind, said = "done", repr(answer)
    except GuanyunError as error:
        facts = repr(sorted(map(str, error.facts.items())))
        kind, said = type(error).__name__, error.text("zh") + error.text("en") + facts
    except Exception as error:
        kind, said = "crash", repr(error)
    asked = {str(getattr(ids, field)) for field in isolation.ASKED}
    for one in sorted(asked, key=len, reverse=True):
        whole = rf"(?<!\d){one}(?!\d)" if one.isdigit() else f"{re.escape(one)}|{re.escape(one[:12])}"
        said = re.sub(whole, "?", said)
    return kind, said


def login(city: City, agency: str, duties: Collection[Duty]) -> str:
    """A login of a new person at the agency who has these duties."""
    name = f"{agency}-with-{'-'.join(sorted(duties))}"[:60]
    with city.store.transaction() as transaction:
        since = city.office.clocks.business(transaction)
        person = add_person(transaction, Person(f"p-{name}"[:60], sha256_hex(name.encode()), name))
        add_account(transaction, Account(name, person.id, agency, frozenset(duties), since, None), "-")
        return leave_session(transaction, name, f"token-of-{name}")


def tried(city: City, reader: str, token: str, names: Iterable[str]) -> tuple[list[str], list[str]]:
    """(what went wrong, which operations got past the door) of the reader's login and the other agency's ids."""
    theirs, now = ids_of(city, other_than(reader)), city.now()
    marks = re.compile("|".join(re.escape(mark) for mark in all_marks(city)[other_than(reader)]))
    wrong, inside = [], []
    for name in names:
        kind, said = call(city, name, token, theirs, now)
        if found := marks.findall(said):
            wrong.append(f"{name} of {token} tells {found[:3]}: {kind}")
        if kind == "Refused" or name in READS_FIRST:
            continue
        inside.append(name)
        if name in MAKES:
            continue
        alike = call(city, name, token, OF_NOTHING, now)
        if kind in {"done", "crash"} or alike != (kind, said):
            wrong.append(f"{name} of {token}: {kind} {said[:200]}, of nothing {alike[0]} {alike[1][:200]}")
    return wrong, inside


@pytest.mark.parametrize("reader", AGENCIES)
def test_no_operation_tells_of_another_agency_whatever_role_does_it(
    city_at: Callable[[str], City], reader: str
) -> None:
    """By somebody with every duty one person may have, and what got past the door then by each duty alone (who lacks
    the duties of somebody that was refused is refused as well). Half of the roles at each agency: the rules know kinds
    of party only."""
    city = city_at("paid")
    all_marks(city)
    place = AGENCIES.index(reader)
    wrong, inside = tried(city, reader, login(city, reader, ORDINARY | {sorted(ADMINISTRATORS)[place]}), acts())
    assert len(inside) > 25, "the test of the test: an agency's own operations are really tried"
    for duty in sorted(ORDINARY)[place::2]:
        wrong += tried(city, reader, login(city, reader, {duty}), inside)[0]
    wrong += tried(city, reader, login(city, reader, {sorted(ADMINISTRATORS)[2]}), list(acts())[place::2])[0]
    assert wrong == []


def test_a_transaction_bound_to_an_agency_holds_no_row_of_the_other_whatever_is_asked(city: City) -> None:
    """Each table of agencies' rows, read bare: by SQL that never went through a scope."""
    if city.store.engine.dialect.name != "postgresql":
        pytest.skip("the second wall is PostgreSQL's own")
    empty = set()
    for table in owned_tables():
        owner = table.info["guanyun_agency_column"]
        bare = text(f"SELECT {owner} AS owner FROM {table.name}")
        with city.store.reading() as transaction:
            everybody = {row["owner"] for row in transaction.rows(bare)}
        if not set(AGENCIES) <= everybody:
            empty.add(table.name)
        for agency in AGENCIES:
            with city.store.reading() as transaction:
                transaction.bind(Scope(frozenset({agency})))
                assert {row["owner"] for row in transaction.rows(bare)} == everybody & {agency}, table.name
    assert empty == ONE_SIDED


ONE_SIDED = {
    "data_grant_held",  # the bureau's
    "fleet_member",  # no fleet operation ran here
    "landing_zone",  # the operator's
    "region_enrolment",  # each level's own
    "guardrail_judgement",  # kept with real plans, the city's engine is a stand-in
    "need_likeness",  # the bureau's
    "need_conclusion",  # the bureau's
    "project_evaluation",
    "request_agreement",
    "request_opinion",
    "settlement_item_acceptance",
}
"""Tables in which the city holds no rows of both agencies."""
