"""The first run: three persons, each with a secret of their own; killed anywhere it goes on; never a second time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from foundation.evidence import sha256_hex
from foundation.store import Store
from governance import audit, installation
from governance.authority import RULES
from governance.ceremony import (
    Administrator,
    CeremonyDocument,
    Founding,
    begin,
    confirm,
    holding,
    progress,
    read_ceremony,
)
from governance.ceremony.errors import CeremonyClosed, CeremonyNotBegun, CeremonyOther, ConfirmLocked, ConfirmRefused
from governance.ceremony.tables import ceremony_table, seal_table, waiting_table
from governance.errors import NotEmpty
from governance.logins import published_policy
from governance.parties import ADMINISTRATORS, Duty, Party, PartyKind, accounts
from governance.parties.tables import account_table
from tests.conftest import CountingIds

NOW = datetime(2026, 3, 1, tzinfo=UTC)
QUICK = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
THREE = {
    "ma.chao": Duty.ADMINISTER_SECURITY,
    "sun.wei": Duty.ADMINISTER_SYSTEM,
    "zhu.lin": Duty.ADMINISTER_AUDIT,
}
DOCUMENT = CeremonyDocument(
    Party("bureau", PartyKind.BUREAU, "主管部门", "Bureau"),
    tuple(Administrator(name, name, f"id-{name}", duty, QUICK.hash(f"of {name}")) for name, duty in THREE.items()),
    ("operator.billing", "bureau.audit"),
)


def started(store: Store) -> None:
    begin(store, DOCUMENT, identity=lambda number: sha256_hex(number.encode()), real=lambda: NOW)


class Keys:
    """Keys as files would be: made once, found afterwards."""

    def __init__(self) -> None:
        self.made: dict[str, str] = {}

    def __call__(self, owners: tuple[str, ...]) -> Mapping[str, str]:
        for owner in owners:
            self.made.setdefault(owner, f"key-{owner}-{len(self.made)}")
        return {owner: self.made[owner] for owner in owners}


@pytest.fixture
def founding() -> Founding:
    """What the closing needs."""
    return Founding(CountingIds(), lambda: NOW, Keys())


def whole(store: Store, founding: Founding) -> None:
    started(store)
    for name in THREE:
        confirm(store, name, f"of {name}", founding)


def test_the_third_confirmation_makes_the_three_the_keys_and_the_genesis_entry(
    store: Store, founding: Founding
) -> None:
    started(store)
    for number, name in enumerate(THREE, start=1):
        with store.reading() as transaction:
            assert not installation.exists(transaction)
            assert list(audit.entries(transaction)) == []
        found = confirm(store, name, f"of {name}", founding)
        assert (found.closed_at is not None) is (number == 3)
    with store.reading() as transaction:
        genesis = next(iter(audit.entries(transaction)))
        held = {account.name: account for account in accounts(transaction)}
        assert installation.exists(transaction)
    assert (genesis.number, genesis.event, found.genesis) == (1, "installation.created", genesis.hash)
    assert genesis.facts["administrators"] == {duty.value: held[name].person for name, duty in THREE.items()}
    assert set(genesis.facts["keys"]) == set(DOCUMENT.keys)


def test_nobody_is_a_superuser(store: Store, founding: Founding) -> None:
    """Each holds one administrator's duty and nothing else; no act is anybody's without a duty."""
    whole(store, founding)
    with store.reading() as transaction:
        held = {account.name: account.duties for account in accounts(transaction)}
    assert held == {name: frozenset({duty}) for name, duty in THREE.items()}
    assert all(rule.duty in set(Duty) for rule in RULES.values())
    for duty in ADMINISTRATORS:
        mine = {act for act, rule in RULES.items() if rule.duty is duty}
        assert not any(act.value.endswith((".approve", ".pay", ".publish", ".accept")) for act in mine)


def test_a_second_ceremony_is_refused_for_good(store: Store, founding: Founding) -> None:
    whole(store, founding)
    with pytest.raises(CeremonyClosed):
        started(store)
    with pytest.raises(CeremonyClosed):
        confirm(store, "sun.wei", "of sun.wei", founding)
    for table in (ceremony_table, seal_table):
        for statement in (delete(table), update(table).values(digest="x")):
            with pytest.raises(IntegrityError), store.transaction() as transaction:
                transaction.write(statement)


@pytest.mark.parametrize(("account", "secret"), [("sun.wei", "of ma.chao"), ("nobody", "of nobody"), ("sun.wei", "")])
def test_only_the_named_with_their_own_secret_confirm(
    store: Store, founding: Founding, account: str, secret: str
) -> None:
    started(store)
    with pytest.raises(ConfirmRefused):
        confirm(store, account, secret, founding)
    with store.reading() as transaction:
        assert progress(transaction).confirmed == ()


def at(founding: Founding, minutes: float) -> Founding:
    return replace(founding, real=lambda: NOW + timedelta(minutes=minutes))


@pytest.mark.parametrize("account", ["sun.wei", "nobody"])
def test_wrong_secrets_lock_as_wrong_passwords_do(store: Store, founding: Founding, account: str) -> None:
    """Also for a name that takes no part, so that nobody learns who does; the others go on meanwhile."""
    started(store)
    policy = published_policy()
    for _ in range(policy.account_failures):
        with pytest.raises(ConfirmRefused):
            confirm(store, account, "wrong", founding)
    with pytest.raises(ConfirmLocked, match="2026-03-01T00:15:00Z"):
        confirm(store, account, f"of {account}", founding)
    assert confirm(store, "ma.chao", "of ma.chao", founding).confirmed == ("ma.chao",)
    after = at(founding, policy.lock_minutes)
    if account == "sun.wei":
        assert confirm(store, account, "of sun.wei", after).confirmed == ("ma.chao", "sun.wei")


def test_from_one_place_nobody_guesses_at_all_three(
    store: Store, founding: Founding, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holding, "fits", lambda secret, hashed: hashed is not None and secret != "wrong")
    started(store)
    refused = 0
    for number in range(published_policy().source_failures + 5):
        with pytest.raises((ConfirmRefused, ConfirmLocked)) as caught:
            confirm(store, f"name-{number}", "wrong", founding)
        refused += isinstance(caught.value, ConfirmRefused)
    assert refused == published_policy().source_failures
    with pytest.raises(ConfirmLocked):
        confirm(store, "sun.wei", "of sun.wei", founding)
    assert confirm(store, "sun.wei", "of sun.wei", replace(founding, source="elsewhere")).confirmed == ("sun.wei",)


def test_a_right_secret_forgets_the_wrong_ones_before_it(store: Store, founding: Founding) -> None:
    started(store)
    for _ in range(3):
        for _ in range(published_policy().account_failures - 1):
            with pytest.raises(ConfirmRefused):
                confirm(store, "sun.wei", "wrong", founding)
        confirm(store, "sun.wei", "of sun.wei", founding)


def test_one_person_confirming_three_times_is_one_confirmation(store: Store, founding: Founding) -> None:
    started(store)
    for _ in range(3):
        found = confirm(store, "sun.wei", "of sun.wei", founding)
    assert (found.confirmed, found.closed_at) == (("sun.wei",), None)


@pytest.mark.parametrize("point", ["keys", "persons", "people", "clock"])
def test_killed_anywhere_the_same_command_goes_on(store: Store, founding: Founding, point: str) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    broken = {
        "keys": replace(founding, keys=killed),  # type: ignore[arg-type]
        "persons": replace(founding, ids=killed),  # type: ignore[arg-type]
        "people": replace(founding, more=killed),
        "clock": replace(founding, real=killed),  # type: ignore[arg-type]
    }[point]
    started(store)
    for name in list(THREE)[:2]:
        confirm(store, name, f"of {name}", founding)
    with pytest.raises(KeyboardInterrupt):
        confirm(store, "zhu.lin", "of zhu.lin", broken)
    with store.reading() as transaction:
        assert not installation.exists(transaction)
        assert progress(transaction).missing == ("zhu.lin",)
        assert list(audit.entries(transaction)) == []
    assert confirm(store, "zhu.lin", "of zhu.lin", founding).closed_at is not None


def test_begun_again_with_the_same_file_nothing_changes_and_another_file_is_refused(store: Store) -> None:
    started(store)
    started(store)
    with pytest.raises(CeremonyOther):
        begin(store, replace(DOCUMENT, keys=()), identity=str, real=lambda: NOW)


def test_without_a_ceremony_there_is_nothing_to_confirm(store: Store, founding: Founding) -> None:
    with pytest.raises(CeremonyNotBegun):
        confirm(store, "sun.wei", "of sun.wei", founding)


def test_an_installation_that_exists_is_not_founded_again(store: Store) -> None:
    with store.transaction() as transaction:
        installation.create(transaction, demo=False, business_start=None, real=lambda: NOW)
    with pytest.raises(NotEmpty):
        started(store)


def test_no_secret_and_no_name_stays_with_the_ceremony(store: Store, founding: Founding) -> None:
    whole(store, founding)
    with store.reading() as transaction:
        assert transaction.rows(select(waiting_table)) == []
        told = str([dict(row) for row in transaction.rows(select(ceremony_table))])
    assert "sun.wei" not in told


def test_the_database_keeps_the_three_apart_for_ever_after(store: Store, founding: Founding) -> None:
    whole(store, founding)
    both = sorted({Duty.ADMINISTER_SYSTEM.value, Duty.ADMINISTER_AUDIT.value})
    with pytest.raises(IntegrityError, match="administrators"), store.transaction() as transaction:
        transaction.write(update(account_table).where(account_table.c.name == "sun.wei").values(duties=both))


FILE = """
party: {{id: bureau, kind: {kind}, zh: 主管部门, en: Bureau}}
administrators:
  - {{account: sun.wei, person: 孙伟, identity: {one}, duty: administer-system, secret: "{hash}a"}}
  - {{account: ma.chao, person: 马超, identity: "2", duty: {duty}, secret: "{hash}b"}}
  - {{account: zhu.lin, person: 朱琳, identity: "3", duty: administer-audit, secret: "{hash}c"}}
keys: [operator.billing]
"""
HASH = "$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHQ$aGFzaGhhc2g"
RIGHT = {"kind": "bureau", "one": '"1"', "duty": "administer-security", "hash": HASH}


def test_a_file_as_it_should_be_is_read(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text(FILE.format(**RIGHT), encoding="utf-8")
    document, findings = read_ceremony(tmp_path / "c.yaml")
    assert findings == ()
    assert document is not None
    assert {one.duty for one in document.administrators} == ADMINISTRATORS


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"kind": "operator"}, "party.kind"),
        ({"one": '"3"'}, "administrators[2].identity"),
        ({"duty": "administer-system"}, "administrators"),
        ({"hash": "secret"}, "administrators[0].secret"),
    ],
)
def test_every_finding_of_a_file_names_its_field(tmp_path: Path, wrong: dict[str, str], field: str) -> None:
    (tmp_path / "c.yaml").write_text(FILE.format(**{**RIGHT, **wrong}), encoding="utf-8")
    document, findings = read_ceremony(tmp_path / "c.yaml")
    assert document is None
    assert field in {finding.place.field for finding in findings}
