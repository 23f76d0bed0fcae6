"""What an agency may ask, who decides it, and what the decision binds to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from foundation.evidence import canonical_bytes, sha256_hex
from foundation.store import AlreadyThere
from governance import audit
from governance.authority import Office, viewing
from governance.environments import EnvironmentSpec, InstanceSpec, spec_document
from governance.errors import NotFound, Refused
from tenants.environments import EnvironmentState, find_environment
from tenants.errors import AddressTaken, InvalidRequest, RequestDecided, RequestPending
from tenants.errors import EnvironmentState as WrongState
from tenants.ports import Estimator
from tenants.requests import (
    Request,
    RequestKind,
    RequestState,
    approve_request,
    approved_environment,
    create_request,
    reject_request,
    request_of,
    request_termination,
    requests,
)

Ask = Callable[..., Request]


@pytest.fixture
def ask(governed: Office, people: dict[str, str], estimator: Estimator, spec: EnvironmentSpec) -> Ask:
    """Make a request as hrss-1 unless told otherwise."""

    def make(**changed: Any) -> Request:
        arguments: dict[str, Any] = {"kind": RequestKind.CREATE, "spec": spec, "number": "REQ-2026-0001", **changed}
        account = arguments.pop("account", "hrss-1")
        return create_request(governed, people[account], estimator=estimator, **arguments)[0]

    return make


def events(office: Office) -> list[str]:
    with office.store.reading() as transaction:
        return [entry.event for entry in audit.entries(transaction)]


def test_a_request_carries_the_digest_of_its_spec_and_its_estimate(ask: Ask, spec: EnvironmentSpec) -> None:
    request = ask()
    assert request.spec_digest == sha256_hex(canonical_bytes(spec_document(spec)))
    assert request.estimate.monthly == 10_000
    assert request.estimate.breakdown == ({"plan": "general-2c4g", "amount": 10_000},)
    assert request.state is RequestState.REQUESTED


def test_the_same_request_again_changes_nothing(
    ask: Ask, governed: Office, people: dict[str, str], estimator: Estimator, spec: EnvironmentSpec
) -> None:
    first = ask()
    before = events(governed)
    again, new = create_request(
        governed, people["hrss-1"], kind=RequestKind.CREATE, spec=spec, number="REQ-2026-0001", estimator=estimator
    )
    assert (again, new) == (first, False)
    assert events(governed) == before


def test_the_same_number_for_something_else_is_refused(ask: Ask, spec: EnvironmentSpec) -> None:
    ask()
    with pytest.raises(AlreadyThere):
        ask(spec=replace(spec, buckets=()), kind=RequestKind.CHANGE)


def test_a_number_of_another_agency_is_taken_and_tells_nothing_of_it(ask: Ask, housing_spec: EnvironmentSpec) -> None:
    ask()
    with pytest.raises(AlreadyThere) as refusal:
        ask(spec=housing_spec, account="housing-1")
    assert "hrss" not in str(refusal.value)


def test_numbers_are_allotted_in_order_by_year(ask: Ask, housing_spec: EnvironmentSpec) -> None:
    assert ask(number="").number == "REQ-2026-0001"
    assert ask(number="", spec=housing_spec, account="housing-1").number == "REQ-2026-0002"
    assert ask(number="").number == "REQ-2026-0001"


def test_nobody_asks_for_another_agency(ask: Ask, governed: Office) -> None:
    with pytest.raises(Refused) as refusal:
        ask(account="housing-1")
    assert refusal.value.facts["rule"] == "T01"
    assert events(governed)[-1] == "act.refused"


def test_every_finding_of_a_request_is_named(ask: Ask, spec: EnvironmentSpec) -> None:
    wrong = replace(
        spec,
        project="P-9",
        fund_source="上级资金",
        instances=(InstanceSpec("web-1", "huge", "c5.large", "ami-1", "front"),),
    )
    with pytest.raises(InvalidRequest) as refusal:
        ask(spec=wrong)
    findings = refusal.value.facts["findings"]
    assert isinstance(findings, tuple)
    fields = [finding.place.field for finding in findings]
    assert fields == ["project", "fund_source", "instances.0.plan"]


def test_another_agencys_system_does_not_exist_for_it(ask: Ask, spec: EnvironmentSpec) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        ask(spec=replace(spec, system="permits"))
    assert refusal.value.facts["count"] == 1


def test_an_environments_id_belongs_to_one_agency(
    ask: Ask, spec: EnvironmentSpec, housing_spec: EnvironmentSpec
) -> None:
    ask()
    with pytest.raises(Refused) as refusal:
        ask(spec=replace(housing_spec, environment=spec.environment), number="REQ-2", account="housing-1")
    assert refusal.value.facts["rule"] == "T02"


def test_an_address_block_belongs_to_one_environment(
    ask: Ask, housing_spec: EnvironmentSpec, spec: EnvironmentSpec
) -> None:
    ask()
    with pytest.raises(AddressTaken):
        ask(spec=replace(housing_spec, cidr=spec.cidr, subnets=spec.subnets), number="REQ-2", account="housing-1")


def test_the_bureau_approves_and_the_environment_gets_the_spec(
    ask: Ask, governed: Office, people: dict[str, str], spec: EnvironmentSpec
) -> None:
    request = ask()
    approved, new = approve_request(governed, people["bureau-1"], request.number, digest=request.spec_digest)
    assert new
    assert approved.decided == approved.requested
    with viewing(governed, people["operator-1"]) as view:
        environment = find_environment(view.transaction, view.scope, spec.environment)
        standing = approved_environment(view.transaction, spec.environment)
    assert (environment.state, environment.spec) == (EnvironmentState.APPROVED, spec)
    assert standing is not None
    assert (standing.request, standing.monthly, standing.spec) == (request.number, 10_000, spec)


def test_approving_again_changes_nothing(ask: Ask, governed: Office, people: dict[str, str]) -> None:
    request = ask()
    first, _ = approve_request(governed, people["bureau-1"], request.number, digest=request.spec_digest)
    before = events(governed)
    again, new = approve_request(governed, people["bureau-1"], request.number, digest=request.spec_digest)
    assert (again, new) == (first, False)
    assert events(governed) == before
    with pytest.raises(RequestDecided):
        approve_request(governed, people["bureau-2"], request.number, digest=request.spec_digest)
    with pytest.raises(RequestDecided):
        reject_request(governed, people["bureau-2"], request.number, digest=request.spec_digest, reason="late")
    assert events(governed) == before


def test_an_approval_of_another_digest_is_refused(ask: Ask, governed: Office, people: dict[str, str]) -> None:
    request = ask()
    with pytest.raises(Refused) as refusal:
        approve_request(governed, people["bureau-1"], request.number, digest="0" * 64)
    assert refusal.value.facts["rule"] == "T03"


def test_the_asker_cannot_approve_through_a_second_account(
    ask: Ask, governed: Office, log_in_also: Callable[[str, str], str]
) -> None:
    request = ask()
    with pytest.raises(Refused) as refusal:
        approve_request(governed, log_in_also("hrss-1", "bureau"), request.number, digest=request.spec_digest)
    assert refusal.value.facts["rule"] == "R09"
    assert events(governed)[-1] == "act.refused"
    with governed.store.reading() as transaction:
        assert approved_environment(transaction, request.environment) is None


def test_a_rejection_has_a_reason_and_frees_the_environment(ask: Ask, governed: Office, people: dict[str, str]) -> None:
    request = ask()
    rejected, _ = reject_request(
        governed, people["bureau-1"], request.number, digest=request.spec_digest, reason="与现有系统重复"
    )
    assert (rejected.state, rejected.reason) == (RequestState.REJECTED, "与现有系统重复")
    assert reject_request(
        governed, people["bureau-1"], request.number, digest=request.spec_digest, reason="与现有系统重复"
    ) == (rejected, False)
    assert ask(number="REQ-2026-0002").state is RequestState.REQUESTED


def test_one_request_at_a_time_waits_on_an_environment(ask: Ask, spec: EnvironmentSpec) -> None:
    ask()
    with pytest.raises(RequestPending):
        ask(number="REQ-2026-0002", kind=RequestKind.CHANGE, spec=replace(spec, buckets=()))


def test_a_change_keeps_the_spec_it_changes(
    ask: Ask, governed: Office, people: dict[str, str], spec: EnvironmentSpec
) -> None:
    request = ask()
    approve_request(governed, people["bureau-1"], request.number, digest=request.spec_digest)
    smaller = replace(spec, instances=())
    change = ask(number="REQ-2026-0002", kind=RequestKind.CHANGE, spec=smaller)
    assert change.original == spec_document(spec)
    with governed.store.reading() as transaction:
        standing = approved_environment(transaction, spec.environment)
    assert standing is not None
    assert standing.request == request.number
    with pytest.raises(WrongState):
        approve_request(governed, people["bureau-1"], change.number, digest=change.spec_digest)
        ask(number="REQ-2026-0003", kind=RequestKind.CREATE, spec=replace(spec, buckets=(), ingress=(), instances=()))


def test_a_termination_asks_for_the_environment_as_it_is(
    ask: Ask, governed: Office, people: dict[str, str], estimator: Estimator, spec: EnvironmentSpec
) -> None:
    with pytest.raises(NotFound):
        request_termination(governed, people["hrss-1"], spec.environment, estimator=estimator)
    request = ask()
    approve_request(governed, people["bureau-1"], request.number, digest=request.spec_digest)
    ending, new = request_termination(governed, people["hrss-1"], spec.environment, estimator=estimator)
    assert new
    assert (ending.kind, ending.spec, ending.estimate.monthly) == (RequestKind.TERMINATE, spec, 0)
    assert request_termination(governed, people["hrss-1"], spec.environment, estimator=estimator) == (ending, False)


def test_an_agency_reads_its_own_requests_only(
    ask: Ask, governed: Office, people: dict[str, str], housing_spec: EnvironmentSpec
) -> None:
    ask()
    ask(spec=housing_spec, number="REQ-2026-0002", account="housing-1")
    with viewing(governed, people["hrss-2"]) as view:
        assert [one.number for one in requests(view.transaction, view.scope)] == ["REQ-2026-0001"]
        with pytest.raises(NotFound):
            request_of(view.transaction, view.scope, "REQ-2026-0002")
    with viewing(governed, people["bureau-1"]) as view:
        assert len(requests(view.transaction, view.scope)) == 2
