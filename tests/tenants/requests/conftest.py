"""People beyond the usual ones, a policy of approval, and a request asked for as an agency would."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from foundation.evidence import sha256_hex
from foundation.store import Transaction
from foundation.values.instant import Interval
from foundation.work import Event, deliver, publish
from governance import audit
from governance.authority import Office, viewing
from governance.environments import EnvironmentSpec
from governance.installation import set_business_clock
from governance.parties import Account, Party, PartyKind, Person, add_account, add_party, add_person
from tenants.environments.service import spec_digest
from tenants.hearing import subscribers
from tenants.ports import Desk, MeasuredUse
from tenants.quotas import draft_quotas, publish_quotas, read_quotas
from tenants.requests import Request, RequestKind, approve_request, create_request, request_of
from tenants.requests.policy import AutomaticRule, Band, By, GrowthRule, Policy, Weight
from tenants.requests.policy_publishing import draft_policy, publish_policy
from tests.duties import duties_of
from tests.logins import leave_session
from tests.tenants.conftest import FlatEstimator

MARCH = datetime(2026, 2, 28, 16, tzinfo=UTC)
Ask = Callable[..., Request]

EVERY_CHECK_ADVISORY = dict.fromkeys(
    ("project", "contract-line", "negative-list", "idle", "growth", "placement", "price"), Weight.ADVISORY
)


@dataclass
class Measured:
    """What monitoring would say; None is no evidence."""

    idle_holdings: Sequence[str] | None = None
    share: Decimal | None = None

    def idle(self, transaction: Transaction, agency: str, at: datetime) -> Sequence[str] | None:
        return self.idle_holdings

    def use(self, transaction: Transaction, environment: str, interval: Interval) -> MeasuredUse | None:
        return None if self.share is None else MeasuredUse(self.share, interval, ("usage-root:1",))


@dataclass
class Bench:
    """One installation with its people, and a shortcut for each act."""

    office: Office
    people: dict[str, str]
    spec: EnvironmentSpec
    measured: Measured = field(default_factory=Measured)

    @property
    def desk(self) -> Desk:
        return Desk(FlatEstimator(), measurements=self.measured)

    def token(self, account: str) -> str:
        return self.people[account]

    def join(self, account: str, party: str, person: str = "") -> str:
        """Give a natural person an account at a party."""
        with self.office.store.transaction() as transaction:
            identity = person or account
            found = add_person(transaction, Person(f"person-{identity}", sha256_hex(identity.encode()), identity))
            add_account(transaction, Account(account, found.id, party, duties_of(account), MARCH, None), "none")
            self.people[account] = leave_session(transaction, account, f"token-of-{account}")
        return account

    def party(self, id_: str, kind: PartyKind, **more: Any) -> None:
        with self.office.store.transaction() as transaction:
            add_party(transaction, Party(id_, kind, id_, id_, **more))

    def ask(self, **changed: Any) -> Request:
        arguments: dict[str, Any] = {"kind": RequestKind.CREATE, "spec": self.spec, "account": "hrss-1", **changed}
        account = arguments.pop("account")
        return create_request(self.office, self.token(account), estimator=self.desk, **arguments)[0]

    def approve(self, request: Request, account: str = "bureau-1", **more: Any) -> Request:
        return approve_request(
            self.office, self.token(account), request.number, digest=request.digest, desk=self.desk, **more
        )[0]

    def now(self, request: Request | str) -> Request:
        number = request if isinstance(request, str) else request.number
        with viewing(self.office, self.token("bureau-1")) as view:
            return request_of(view.transaction, view.scope, number)

    def clock(self, instant: datetime) -> None:
        with self.office.store.transaction() as transaction:
            set_business_clock(transaction, instant, real=self.office.clocks.real)

    def deployed(
        self,
        request: Request,
        *,
        terminated: bool = False,
        instant: str = "2026-03-03T02:00:00Z",
        resources: Sequence[dict[str, Any]] = (),
    ) -> None:
        """A deployment of what was decided ends."""
        spec = request.now_asked.specs[0]
        payload = {
            "deployment": f"deployment-{request.number}-{instant}",
            "environment": spec.environment,
            "agency": spec.agency,
            "system": spec.system,
            "project": spec.project,
            "fund_source": spec.fund_source,
            "request": request.number,
            "spec_digest": spec_digest(spec),
            "terminated": terminated,
            "instant": instant,
            "resources": list(resources),
        }
        real = self.office.clocks.real
        with self.office.store.transaction() as transaction:
            publish(transaction, Event("deployment.ended", f"environment:{spec.environment}", payload), clock=real)
        deliver(self.office.store, subscribers(real), clock=real)

    def draft(self, **fields: Any) -> Policy:
        """Draft a policy of the bureau."""
        policy = replace(
            Policy(
                id="RP-1",
                party="bureau",
                cites="市政数〔2026〕3号",
                start=MARCH,
                bands=(Band(0, (By.DECIDER,)),),
                checks=EVERY_CHECK_ADVISORY,
            ),
            **fields,
        )
        draft_policy(self.office, self.token("bureau-1"), policy)
        return policy

    def publish(self, **fields: Any) -> Policy:
        """Draft a policy of the bureau, and publish it."""
        return publish_policy(self.office, self.token("bureau-2"), self.draft(**fields).id)[0]

    def events(self) -> list[str]:
        with self.office.store.reading() as transaction:
            return [entry.event for entry in audit.entries(transaction)]


@pytest.fixture
def bench(governed: Office, people: dict[str, str], spec: EnvironmentSpec) -> Bench:
    """Ready to work."""
    return Bench(governed, people, spec)


SMALL = AutomaticRule("small", frozenset({RequestKind.CREATE, RequestKind.CHANGE}), 20_000)
GROWTH = GrowthRule("growth-50", most_percent=50, use_percent=35, days=14, at_most=100_000)


@pytest.fixture
def publish_quota(bench: Bench, tmp_path: Path) -> Callable[..., None]:
    """Publish these quotas and budgets: drafted by one person of the bureau, published by another."""

    def put(*quotas: dict[str, Any], budgets: Sequence[dict[str, Any]] = ()) -> None:
        fields: dict[str, Any] = {"id": "Q-1", "basis": "市政数〔2026〕7号", "first_day": "2026-01-01"}
        fields |= {"quotas": list(quotas), "budgets": list(budgets)}
        file = tmp_path / "quotas.yaml"
        file.write_text(yaml.safe_dump(fields, allow_unicode=True), encoding="utf-8")
        document, findings = read_quotas(file)
        assert findings == ()
        assert document is not None
        draft_quotas(bench.office, bench.token("bureau-1"), document)
        publish_quotas(bench.office, bench.token("bureau-2"), "Q-1")

    return put
