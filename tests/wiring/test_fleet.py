"""What stands approved is read of many environments as of one, by as many statements however many there are."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from foundation.store import Transaction
from governance.authority import Act, decisions_on, machine_scope
from governance.authority.decisions import record
from governance.environments import spec_document
from infra.fleet import Selection
from tenants.environments import environments
from tenants.environments.model import Environment, EnvironmentState
from tenants.environments.service import spec_digest
from tenants.environments.tables import save_environment
from tenants.requests import (
    Content,
    Request,
    RequestKind,
    RequestState,
    approved_environment,
    approved_environments,
)
from tenants.requests.content import content_digest, content_document
from tenants.requests.deciding_by_rule import BY_RULE
from tenants.requests.evidence_tables import StepTaken, keep_step
from tenants.requests.model import Estimate
from tenants.requests.tables import insert_request, read_request
from tests.databases import counted
from tests.tenants.conftest import governed, spec
from tests.tenants.requests.conftest import MARCH, Bench, bench
from wiring.cloud import approvals
from wiring.fleet import approved_of, candidates
from wiring.tables import gather

gather()
__all__ = ["bench", "governed", "spec"]
SCOPE = machine_scope()


@dataclass
class Register:
    """Requests on environments of their own, each a copy of one that was decided by a person."""

    bench: Bench
    first: Request
    made: list[str] = field(default_factory=list)

    def add(
        self,
        *,
        decided: bool = True,
        by_rule: str = "",
        smaller: bool = False,
        runs: bool = True,
        **changed: Any,
    ) -> str:
        """One more environment with its request: ``decided`` by a person, ``by_rule`` named so, ``smaller`` than asked;
        it ``runs`` if it is deployed as decided."""
        name = f"env-{len(self.made):03}"
        self.made.append(name)
        spec = replace(self.bench.spec, environment=name)
        content = Content((spec,))
        if smaller:
            content = Content((replace(spec, instances=()),))
        request = replace(
            self.first,
            number=f"R-{name}",
            environment=name,
            first=f"R-{name}",
            spec_digest=spec_digest(spec),
            requested=spec_document(spec),
            decided=content_document(content) if smaller or self.first.decided is not None else None,
            decided_estimate=Estimate(7_000, ()) if smaller else self.first.decided_estimate,
            **changed,
        )
        digest = content_digest(content, until=request.until, counterpart=request.counterpart)
        with self.bench.office.store.transaction() as transaction:
            insert_request(transaction, request)
            own = spec_digest(content.specs[0])
            row = Environment(
                name, "hrss", "portal", EnvironmentState.DEPLOYED, request.number, spec, own, own if runs else ""
            )
            save_environment(transaction, SCOPE, row)
            if decided:
                self.decide(transaction, request, {digest, own})
            if by_rule:
                step = StepTaken(1, BY_RULE, digest, "bureau", "", by_rule, {}, "", MARCH)
                keep_step(transaction, request.number, "hrss", step)
        return name

    def decide(self, transaction: Transaction, request: Request, digests: set[str]) -> None:
        """As whoever decided the first one."""
        (word,) = [one for one in decisions_on(transaction, self.first.subject) if one.act is Act.REQUEST_APPROVE]
        for digest in digests:
            assert record(transaction, replace(word, subject=request.subject, digest=digest, number=0))


@pytest.fixture
def register(bench: Bench) -> Register:
    request = bench.approve(bench.ask())
    with bench.office.store.reading() as transaction:
        found = read_request(transaction, SCOPE, request.number)
    assert found is not None
    return Register(bench, found)


def test_what_stands_approved_of_many_is_what_stands_approved_of_each(register: Register) -> None:
    bench = register.bench
    bench.publish()
    bench.draft(id="RP-3")  # which nobody publishes
    standing = {
        "by a person": register.add(),
        "smaller than asked": register.add(smaller=True),
        "ended by request": register.add(kind=RequestKind.TERMINATE),
        "until a day": register.add(until=MARCH + timedelta(days=9)),
        "to another agency": register.add(counterpart="housing"),
        "delivered": register.add(state=RequestState.DELIVERED),
        "expired, and runs": register.add(state=RequestState.EXPIRED),
        "by a published rule": register.add(decided=False, by_rule="RP-1/small"),
    }
    nothing = {
        "nobody decided": register.add(decided=False),
        "still asked for": register.add(state=RequestState.REQUESTED),
        "rejected": register.add(state=RequestState.REJECTED),
        "expired before it was built": register.add(state=RequestState.EXPIRED, runs=False),
        "by a rule nobody published": register.add(decided=False, by_rule="RP-3/small"),
        "by a rule nobody knows": register.add(decided=False, by_rule="RP-9/small"),
    }
    with bench.office.store.reading() as transaction:
        records = environments(transaction, SCOPE)
        names = [one.id for one in records]
        found = approved_of(transaction, names)
        for name in names:
            assert found.get(name) == approvals(transaction, name), name
        some = approved_environments(transaction, names, at_once=4)
        assert some == {name: approved_environment(transaction, name) for name in found}
    assert {why for why, name in standing.items() if name not in found} == set()
    assert {why for why, name in nothing.items() if name in found} == set()
    assert found[standing["smaller than asked"]].monthly == 7_000
    assert found[standing["ended by request"]].terminate


def test_candidates_are_read_by_as_many_statements_over_sixty_as_over_three(register: Register) -> None:
    sent = []
    for count in (3, 60):
        while len(register.made) < count:
            register.add()
        with register.bench.office.store.reading() as transaction, counted(register.bench.office.store) as statements:
            found = candidates(transaction, SCOPE, Selection(names=tuple(register.made)))
        assert [one.environment for one in found if one.approved is not None] == register.made
        sent.append(len(statements))
    assert sent[0] == sent[1], sent


def test_what_stands_approved_of_one_costs_three_statements_and_five_where_a_rule_decided(register: Register) -> None:
    register.bench.publish()
    asked = {
        register.add(): 3,
        register.add(decided=False): 4,
        register.add(decided=False, by_rule="RP-1/small"): 5,
        register.add(state=RequestState.REJECTED): 2,
        "nowhere": 1,
    }
    sent = {}
    with register.bench.office.store.reading() as transaction:
        for name in asked:
            with counted(register.bench.office.store) as statements:
                approved_environment(transaction, name)
            sent[name] = len(statements)
    assert sent == asked


def test_a_spec_of_another_environment_is_no_approval(register: Register) -> None:
    name = register.add()
    other = replace(register.bench.spec, environment="elsewhere")
    with register.bench.office.store.transaction() as transaction:
        request = read_request(transaction, SCOPE, f"R-{name}")
        assert request is not None
        row = Environment("elsewhere", "hrss", "portal", EnvironmentState.APPROVED, request.number, other, "", "")
        save_environment(transaction, SCOPE, row)
        records = environments(transaction, SCOPE)
        assert "elsewhere" not in approved_of(transaction, [one.id for one in records])
        assert approvals(transaction, "elsewhere") is None
