"""A room's systems are registered once, and its batch is drawn the same however often."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from ipaddress import IPv4Network
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foundation.evidence import canonical_bytes, sha256_hex
from foundation.store import AlreadyThere
from foundation.values.findings import Severity
from governance import audit
from governance.audit import AuditEvent
from governance.authority import Office, viewing
from governance.catalogue import draft_catalogue, publish_catalogue
from governance.contracts import record_contract
from governance.environments import spec_document
from governance.errors import NotFound, NotLoggedIn, Refused
from governance.projects import BusinessSystem, add_system, systems
from takeover import confirm_systems, import_machine_room
from takeover.batches import BatchRule, EnvironmentDraft
from takeover.drawing import DrawingRule, draw_batch, register_systems
from takeover.errors import RoomWithoutSystems
from takeover.systems import Owner
from tenants.errors import AddressesUsedUp
from tests import examples

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
POOL = IPv4Network("10.64.0.0/12")
RULE = DrawingRule(BatchRule(), "cloud-host", POOL, "ami-0")
CODES = {"social-insurance", "employment", "housing-fund", "property-registration"}
Tokens = dict[str, str]


@pytest.fixture
def taken_over(office: Office, people: Tokens) -> Office:
    """The example room, its systems confirmed; contract, projects and catalogue on record."""
    catalogue, contract = examples.catalogue(), examples.contract()
    draft_catalogue(office, people["bureau-1"], catalogue)
    publish_catalogue(office, people["bureau-2"], catalogue.id)
    record_contract(office, people["bureau-1"], replace(contract, systems=()))
    import_machine_room(office, people["operator-1"], "city", EXAMPLES / "room.xlsx")
    confirm_systems(office, people["operator-1"], "city", EXAMPLES / "systems.yaml")
    return office


@pytest.fixture
def registered(taken_over: Office, people: Tokens) -> Office:
    """The same with its systems registered."""
    register_systems(taken_over, people["bureau-1"], "city", fund_source="一般公共预算")
    return taken_over


def events(office: Office, event: AuditEvent) -> int:
    with office.store.reading() as transaction:
        return [entry.event for entry in audit.entries(transaction)].count(event)


def on_record(office: Office, token: str) -> dict[str, BusinessSystem]:
    with viewing(office, token) as view:
        return {each.id: each for each in systems(view.transaction, view.scope)}


def drawn(drafts: Sequence[EnvironmentDraft]) -> dict[str, tuple[str, str]]:
    return {
        draft.spec.environment: (draft.spec.cidr, sha256_hex(canonical_bytes(spec_document(draft.spec))))
        for draft in drafts
    }


# Registering


def test_a_rooms_systems_are_registered_once(taken_over: Office, people: Tokens) -> None:
    new = register_systems(taken_over, people["bureau-1"], "city", fund_source="一般公共预算")
    assert {each.id for each in new} == CODES
    assert {each.fund_source for each in new} == {"一般公共预算"}
    before = on_record(taken_over, people["bureau-1"])
    assert register_systems(taken_over, people["bureau-2"], "city", fund_source="另一来源") == ()
    assert on_record(taken_over, people["bureau-1"]) == before
    assert events(taken_over, AuditEvent.SYSTEM_RECORDED) == len(CODES)
    assert set(on_record(taken_over, people["hrss-1"])) == {"social-insurance", "employment"}


def test_a_system_on_record_keeps_its_own_fund_source(office: Office, people: Tokens, taken_over: Office) -> None:
    contract = examples.contract()
    other = replace(contract, contract=replace(contract.contract, id="C-2"), projects=())
    record_contract(office, people["bureau-1"], other)
    before = on_record(office, people["bureau-1"])
    assert register_systems(office, people["bureau-1"], "city", fund_source="另一来源") == ()
    assert on_record(office, people["bureau-1"]) == before


def test_a_code_another_agency_holds_is_refused_and_nothing_is_registered(taken_over: Office, people: Tokens) -> None:
    with taken_over.store.transaction() as transaction:
        other = BusinessSystem("property-registration", "别的", "other", "hrss", "P-HRSS-2026-01", "一般公共预算")
        add_system(transaction, other)
    with pytest.raises(AlreadyThere) as refused:
        register_systems(taken_over, people["bureau-1"], "city", fund_source="一般公共预算")
    assert "property-registration" in refused.value.text("en")
    assert set(on_record(taken_over, people["bureau-1"])) == {"property-registration"}
    assert events(taken_over, AuditEvent.SYSTEM_RECORDED) == 0


def test_a_project_nobody_approved_is_refused(office: Office, people: Tokens) -> None:
    import_machine_room(office, people["operator-1"], "city", EXAMPLES / "room.xlsx")
    confirm_systems(office, people["operator-1"], "city", accept=Owner("hrss", "P-NONE"))
    with pytest.raises(NotFound):
        register_systems(office, people["bureau-1"], "city", fund_source="一般公共预算")
    assert on_record(office, people["bureau-1"]) == {}


def test_systems_are_registered_by_the_bureau_alone(taken_over: Office, people: Tokens) -> None:
    for account in ("operator-1", "hrss-1", "finance-1", "auditor-1"):
        with pytest.raises(Refused):
            register_systems(taken_over, people[account], "city", fund_source="x")
    with pytest.raises(NotLoggedIn):
        register_systems(taken_over, "", "city", fund_source="x")
    assert on_record(taken_over, people["bureau-1"]) == {}
    assert events(taken_over, AuditEvent.REFUSED) == 4


# Drawing


def test_a_batch_is_drawn_the_same_however_often(registered: Office, people: Tokens) -> None:
    first, findings = draw_batch(registered, people["operator-1"], "city", RULE)
    assert {draft.spec.system for draft in first} == CODES
    assert not [each for each in findings if each.severity is Severity.ERROR]
    second, again = draw_batch(registered, people["operator-1"], "city", RULE)
    assert (second, again) == (first, findings)
    other, _ = draw_batch(registered, people["operator-2"], "city", RULE)
    assert other == first
    assert events(registered, AuditEvent.BATCH_DRAWN) == 2  # once by each person


def test_no_two_environments_share_an_address(registered: Office, people: Tokens) -> None:
    drafts, _ = draw_batch(registered, people["operator-1"], "city", RULE)
    blocks = [IPv4Network(draft.spec.cidr) for draft in drafts]
    assert all(block.subnet_of(POOL) for block in blocks)
    assert not any(a.overlaps(b) for i, a in enumerate(blocks) for b in blocks[:i])


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.lists(st.sampled_from(["", "hrss", "housing"]), min_size=1, max_size=5))
def test_in_whatever_order_agencies_are_drawn_a_block_stays_where_it_is(
    registered: Office, people: Tokens, order: list[str]
) -> None:
    held: dict[str, tuple[str, str]] = {}
    for agency in order:
        drafts, _ = draw_batch(registered, people["operator-1"], "city", replace(RULE, agency=agency))
        for environment, what in drawn(drafts).items():
            assert held.setdefault(environment, what) == what


@pytest.mark.parametrize("agency", ["hrss", "housing"])
def test_only_the_agency_asked_for_is_drawn(registered: Office, people: Tokens, agency: str) -> None:
    drafts, findings = draw_batch(registered, people["operator-1"], "city", replace(RULE, agency=agency))
    assert len(drafts) == 2
    assert {draft.spec.agency for draft in drafts} == {agency}
    others = CODES - {draft.spec.system for draft in drafts}
    assert not [each for each in findings if each.found in others]
    everything, _ = draw_batch(registered, people["operator-1"], "city", RULE)
    assert drawn(drafts).items() <= drawn(everything).items()


def test_an_agency_without_systems_draws_nothing(registered: Office, people: Tokens) -> None:
    drafts, _ = draw_batch(registered, people["operator-1"], "city", replace(RULE, agency="finance"))
    assert drafts == ()
    assert events(registered, AuditEvent.BATCH_DRAWN) == 0


def test_an_unregistered_system_is_a_finding_and_takes_no_address(taken_over: Office, people: Tokens) -> None:
    drafts, findings = draw_batch(taken_over, people["operator-1"], "city", RULE)
    assert drafts == ()
    errors = [each for each in findings if each.severity is Severity.ERROR]
    assert {each.found for each in errors} == CODES
    assert {each.code for each in errors} == {"takeover.system-unregistered"}
    assert events(taken_over, AuditEvent.BATCH_DRAWN) == 0
    register_systems(taken_over, people["bureau-1"], "city", fund_source="一般公共预算")
    narrow = replace(RULE, pool=IPv4Network("10.64.0.0/16"))
    assert len(draw_batch(taken_over, people["operator-1"], "city", narrow)[0]) == len(CODES)


def test_every_environment_is_paid_from_its_systems_fund_source(registered: Office, people: Tokens) -> None:
    drafts, _ = draw_batch(registered, people["operator-1"], "city", RULE)
    record = on_record(registered, people["bureau-1"])
    for draft in drafts:
        system = record[draft.spec.system]
        assert (draft.spec.fund_source, draft.spec.project) == (system.fund_source, system.project)


def test_a_pool_that_is_used_up_draws_nothing_at_all(registered: Office, people: Tokens) -> None:
    with pytest.raises(AddressesUsedUp):
        draw_batch(registered, people["operator-1"], "city", replace(RULE, pool=IPv4Network("10.64.0.0/27")))
    # what the failed draw had allotted was given back with it
    drafts, _ = draw_batch(registered, people["operator-1"], "city", RULE)
    assert {IPv4Network(draft.spec.cidr).network_address for draft in drafts} >= {POOL.network_address}


def test_a_batch_is_drawn_by_the_operator_alone(registered: Office, people: Tokens) -> None:
    for account in ("bureau-1", "hrss-1", "finance-1", "auditor-1"):
        with pytest.raises(Refused):
            draw_batch(registered, people[account], "city", RULE)
    assert events(registered, AuditEvent.REFUSED) == 4
    assert events(registered, AuditEvent.BATCH_DRAWN) == 0


def test_a_room_without_systems_says_what_to_do(office: Office, people: Tokens) -> None:
    import_machine_room(office, people["operator-1"], "city", EXAMPLES / "room.xlsx")
    with pytest.raises(RoomWithoutSystems):
        draw_batch(office, people["operator-1"], "city", RULE)
    with pytest.raises(RoomWithoutSystems):
        register_systems(office, people["bureau-1"], "city", fund_source="x")
