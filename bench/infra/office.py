"""An installation's records as the bench needs them: one operator at work, and environments that stand approved."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from foundation.evidence import canonical_bytes, sha256_hex
from foundation.store import Transaction, open_store
from foundation.values.ids import random_ids
from governance import installation
from governance.authority import Clocks, Office
from governance.environments import EnvironmentSpec, spec_document
from governance.logins.model import Way
from governance.logins.sessions import add_session
from governance.parties import Account, Duty, Party, PartyKind, Person, add_account, add_party, add_person
from infra.deployments import ApprovedEnvironment, Deployer, ProviderCloud
from infra.engine import Driver
from infra.provider.clients import Clients
from wiring.database import upgrade

OPERATOR = "token-of-the-operator"
_LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def now() -> datetime:
    """The machine's clock."""
    return datetime.now(UTC)


def deployer(folder: Path, driver: Driver, clients: Clients, specs: Mapping[str, EnvironmentSpec]) -> Deployer:
    """Everything that deployments work with, on an SQLite of its own. ``OPERATOR`` may plan and apply."""
    folder.mkdir(parents=True, exist_ok=True)
    store = open_store(f"sqlite:///{folder}/records.db")
    upgrade(store)
    with store.transaction() as transaction:
        installation.create(transaction, demo=False, business_start=None, real=now)
        add_party(transaction, Party("operator", PartyKind.OPERATOR, "运营中心", "Operating centre"))
        add_party(transaction, Party("bench", PartyKind.AGENCY, "测量单位", "Bench"))
        person = add_person(transaction, Person("person-1", sha256_hex(b"person-1"), "person-1"))
        operator = Account("operator-1", person.id, "operator", frozenset({Duty.OPERATE}), _LONG_AGO, None)
        add_account(transaction, operator, "no password")
        way, hours = Way.BEHALF, timedelta(hours=12)
        add_session(transaction, operator.name, Duty.OPERATE, token=OPERATOR, way=way, now=now(), length=hours)

    def approvals(transaction: Transaction, environment: str) -> ApprovedEnvironment | None:
        spec = specs.get(environment)
        if spec is None:
            return None
        digest = sha256_hex(canonical_bytes(spec_document(spec)))
        return ApprovedEnvironment(f"request-of-{environment}", spec, digest, monthly=1, terminate=False)

    return Deployer(
        office=Office(store, Clocks(now), random_ids),
        engine=driver,
        cloud=ProviderCloud(clients, random_ids),
        approvals=approvals,
        cost=lambda transaction, spec, at: 1,
    )
