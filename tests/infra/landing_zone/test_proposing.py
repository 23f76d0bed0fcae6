"""Who proposes a landing zone, who decides on it, and how far a region is managed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy.exc import IntegrityError

from foundation.store import StoreError
from governance.authority import Office, machine_scope, viewing
from governance.environments import Protection, Zone, spec_from_document
from governance.environments.landing_zone import AgencySpec, Managed, NetworkSpec, PlaceSpec, RegionSpec
from governance.errors import NotFound, Refused
from governance.tasks import inbox
from infra.components import NO_GROUND, RegionNotApplied
from infra.deployments import apply_plan, plan_environment
from infra.landing_zone import (
    NoLandingZone,
    Proposal,
    ProposalState,
    ProposalUnfit,
    approve_landing_zone,
    approved_landing_zone,
    enrol_region,
    ground_of,
    list_proposals,
    managed_regions,
    propose_landing_zone,
    reject_landing_zone,
)
from infra.landing_zone.tables import settle_proposal
from tests.infra.deployments.conftest import SPEC, make_world
from tests.infra.landing_zone.conftest import REGION, environment, example
from wiring.cloud import grounds

People = dict[str, str]


def settle(office: Office, people: People, spec: object = None) -> Proposal:
    proposal, _ = propose_landing_zone(office, people["operator-1"], spec or example())  # type: ignore[arg-type]
    return approve_landing_zone(office, people["bureau-1"], proposal.id, digest=proposal.digest)[0]


def test_the_operator_proposes_and_the_bureau_approves_by_the_digest(office: Office, people: People) -> None:
    proposal, new = propose_landing_zone(office, people["operator-1"], example())
    assert (new, proposal.state) == (True, ProposalState.PROPOSED)
    assert propose_landing_zone(office, people["operator-2"], example()) == (proposal, False)
    with viewing(office, people["bureau-1"]) as view:
        (task,) = inbox(view)
    assert (task.kind, task.subject) == ("landing-zone.approve", proposal.subject)
    with pytest.raises(Refused, match="D02"):
        approve_landing_zone(office, people["bureau-1"], proposal.id, digest="0" * 64)
    approved, new = approve_landing_zone(office, people["bureau-1"], proposal.id, digest=proposal.digest)
    assert (new, approved.state, approved.decided) == (True, ProposalState.APPROVED, 1)
    assert not approve_landing_zone(office, people["bureau-2"], proposal.id, digest=proposal.digest)[1]
    with viewing(office, people["bureau-1"]) as view:
        assert list(inbox(view)) == []


@pytest.mark.parametrize("account", ["operator-1", "operator-2", "hrss-1", "finance-1", "auditor-1"])
def test_nobody_but_the_bureau_decides(office: Office, people: People, account: str) -> None:
    proposal, _ = propose_landing_zone(office, people["operator-1"], example())
    with pytest.raises((Refused, NotFound)):
        approve_landing_zone(office, people[account], proposal.id, digest=proposal.digest)


@pytest.mark.parametrize("account", ["bureau-1", "hrss-1", "finance-1", "auditor-1"])
def test_nobody_but_the_operator_proposes(office: Office, people: People, account: str) -> None:
    with pytest.raises(Refused):
        propose_landing_zone(office, people[account], example())


def test_the_database_holds_two_persons_too(office: Office, people: People) -> None:
    proposal, _ = propose_landing_zone(office, people["operator-1"], example())
    forged = replace(proposal, state=ProposalState.APPROVED, decided_by=proposal.proposed_by)
    with pytest.raises((StoreError, IntegrityError)), office.store.transaction() as transaction:
        settle_proposal(transaction, machine_scope(), forged)


def test_what_was_approved_last_stands_and_a_rejected_one_never(office: Office, people: People) -> None:
    first = settle(office, people)
    second = settle(office, people, example(peered=True))
    third, _ = propose_landing_zone(office, people["operator-1"], example(organisation=True))
    rejected, _ = reject_landing_zone(office, people["bureau-1"], third.id, digest=third.digest, because="暂不建组织")
    assert (first.decided, second.decided, rejected.decided) == (1, 2, 0)
    with pytest.raises(ProposalUnfit):
        approve_landing_zone(office, people["bureau-1"], third.id, digest=third.digest)
    with office.store.reading() as transaction:
        assert approved_landing_zone(transaction, machine_scope()) == second
    again = settle(office, people)  # back to what stood before
    assert (again.id != first.id, again.digest == first.digest, again.decided) == (True, True, 3)


def test_an_agency_sees_no_proposal(office: Office, people: People) -> None:
    settle(office, people)
    with viewing(office, people["hrss-1"]) as view:
        assert list(list_proposals(view)) == []
        assert list(managed_regions(view)) == []


def test_a_proposal_that_names_what_is_not_there_is_refused(office: Office, people: People) -> None:
    network = NetworkSpec("hrss-portal", "hrss", Zone.EXTRANET, "10.72.1.0/24", "tgw-attach-1")
    places = (PlaceSpec(Zone.EXTRANET, Protection.LEVEL_2),)
    wrong = {
        ProposalUnfit: [
            replace(example(), networks=(network,)),
            replace(example(), agency="hrss"),
            replace(example(), agencies=(AgencySpec("finance", "city", places),)),
        ],
        NotFound: [replace(example(), agencies=(AgencySpec("nobody", "city", places),))],
    }
    for error, specs in wrong.items():
        for spec in specs:
            with pytest.raises(error):
                propose_landing_zone(office, people["operator-1"], spec)


def test_no_environment_takes_the_landing_zones_name() -> None:
    document = {**environment_document(), "environment": "landing-zone"}
    spec, findings = spec_from_document(document)
    assert spec is None
    assert "landing zone" in findings[0].en


def environment_document() -> dict[str, object]:
    from governance.environments import spec_document

    return spec_document(environment("hrss", 1))


def layered(managed: Managed) -> object:
    """The layer with the city's own infrastructure in it, as far as the operator would like to manage it."""
    regions = (*example().regions[:1], RegionSpec("city-own", "bureau", "city", managed))
    return replace(example(), regions=regions)


def test_a_region_is_managed_as_far_as_its_own_level_says(office: Office, people: People) -> None:
    with pytest.raises(NoLandingZone):
        enrol_region(office, people["bureau-1"], "city-own", Managed.READ)
    settle(office, people, layered(Managed.APPLIED))

    def managed() -> dict[str, str]:
        with viewing(office, people["operator-1"]) as view:
            return {one.region: one.managed.value for one in managed_regions(view)}

    assert managed() == {REGION: "applied", "city-own": "registered"}
    with pytest.raises(Refused):
        enrol_region(office, people["operator-1"], "city-own", Managed.APPLIED)
    with pytest.raises(NotFound):
        enrol_region(office, people["bureau-1"], "nowhere", Managed.APPLIED)
    assert enrol_region(office, people["bureau-1"], "city-own", Managed.READ)[1]
    assert not enrol_region(office, people["bureau-2"], "city-own", Managed.READ)[1]
    assert managed()["city-own"] == "read"
    enrol_region(office, people["bureau-1"], "city-own", Managed.APPLIED)
    assert managed()["city-own"] == "applied"
    enrol_region(office, people["bureau-1"], "city-own", Managed.REGISTERED)
    assert managed()["city-own"] == "registered"


def test_a_levels_word_goes_no_further_than_the_landing_zone_names(office: Office, people: People) -> None:
    settle(office, people, layered(Managed.READ))
    found, _ = enrol_region(office, people["bureau-1"], "city-own", Managed.APPLIED)
    assert (found.named, found.word, found.managed) == (Managed.READ, Managed.APPLIED, Managed.READ)


def test_nothing_is_planned_in_a_region_that_is_not_applied(office: Office, people: People) -> None:
    here, there = environment("hrss", 1), environment("hrss", 1, region="city-own")

    def ground(spec: object) -> object:
        with office.store.reading() as transaction:
            return ground_of(transaction, machine_scope(), spec, region=REGION, partition="aws-cn")  # type: ignore[arg-type]

    assert ground(here) == ground(there) == NO_GROUND  # without a landing zone nothing is asked
    settle(office, people, layered(Managed.APPLIED))
    assert ground(here) == NO_GROUND
    with pytest.raises(RegionNotApplied):
        ground(there)
    with pytest.raises(RegionNotApplied):
        ground(environment("hrss", 1, region="elsewhere"))
    enrol_region(office, people["bureau-1"], "city-own", Managed.APPLIED)
    assert ground(there) == NO_GROUND


def test_a_proposal_reads_back_as_it_was_written(office: Office, people: People) -> None:
    proposal, _ = propose_landing_zone(office, people["operator-1"], example(peered=True))
    with viewing(office, people["bureau-1"]) as view:
        assert list(list_proposals(view)) == [proposal]


def test_planning_asks_how_far_the_region_is_managed(office: Office, people: People) -> None:
    world = make_world(office, people)
    deployer = replace(world.deployer, grounds=grounds(REGION, "aws-cn"))
    settle(office, people, layered(Managed.APPLIED))
    there = replace(SPEC, region="city-own")
    world.approve(there)
    with pytest.raises(RegionNotApplied) as refused:
        plan_environment(deployer, people["operator-1"], there.environment)
    assert refused.value.code == "infra.region-not-applied"
    enrol_region(office, people["bureau-1"], "city-own", Managed.APPLIED)
    planned = plan_environment(deployer, people["operator-1"], there.environment)

    # Taken back before the apply: nothing is built.
    enrol_region(office, people["bureau-1"], "city-own", Managed.READ)
    with pytest.raises(RegionNotApplied):
        apply_plan(deployer, people["operator-1"], there.environment, planned.plan.digest)
    assert world.cloud.made == {}
