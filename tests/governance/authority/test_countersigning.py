"""Bureau and auditor countersign what they walked themselves; nobody else, and nothing that differs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from foundation.evidence import FileSigner, KeyRing, create_key, read_key_ring, sha256_hex
from governance import audit
from governance.audit import AuditEvent, CheckpointPolicy, Digest, audit_head_table, make_checkpoints
from governance.authority import (
    Office,
    choose_audit_digest,
    countersign,
    countersigned,
    export_audit,
    search_audit,
    viewing,
    walk,
)
from governance.errors import AuditDiffers, NothingToCountersign, Refused
from governance.parties import Account, Duty, Person, add_account, add_person
from tests.conftest import MARCH
from tests.logins import leave_session

Heads = Mapping[str, Mapping[str, Any]]


@dataclass
class Keys:
    """Everybody's keys in one folder."""

    folder: Path

    def signer(self, owner: str) -> FileSigner:
        create_key(self.folder / f"{owner}.pem", self.folder / f"{owner}.pub.pem")
        return FileSigner(self.folder / f"{owner}.pem")

    @property
    def ring(self) -> KeyRing:
        return read_key_ring(self.folder)


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys(tmp_path)


def checkpoint(office: Office, keys: Keys) -> Heads:
    """The operator signs the head; what the readers then hold, by name."""
    signer, clock = keys.signer("operator.evidence"), office.clocks.real
    with office.store.transaction() as transaction:
        now = clock()
        audit.append(transaction, AuditEvent.DECIDED, subject="s", facts={}, recorded_at=now, business_at=now)
        make_checkpoints(transaction, signer, clock=clock, policy=CheckpointPolicy(), at_once=True)
    with office.store.reading() as transaction:
        return {f"audit-{one.number}": one.signed.body for one in audit.checkpoints(transaction)}


def test_bureau_and_auditor_put_their_name_under_what_holds(office: Office, people: dict[str, str], keys: Keys) -> None:
    heads = checkpoint(office, keys)
    for account, party in (("bureau-1", "bureau"), ("auditor-1", "auditor")):
        signer = keys.signer(f"{party}.audit")
        assert countersign(office, people[account], signer, handed_out=heads) == (1, True)
        assert countersign(office, people[account], signer, handed_out=heads) == (1, False)
    heads = checkpoint(office, keys)
    with office.store.reading() as transaction:
        verdict = walk(transaction, heads)
        assert (verdict.holds, verdict.anchored, verdict.tail) == (True, 4, 0)
        assert countersigned(transaction, keys.ring, verdict) == {"auditor": 1, "bureau": 1}


@pytest.mark.parametrize("account", ["operator-1", "hrss-1", "finance-1"])
def test_nobody_else_countersigns(office: Office, people: dict[str, str], keys: Keys, account: str) -> None:
    heads = checkpoint(office, keys)
    with pytest.raises(Refused):
        countersign(office, people[account], keys.signer("operator.audit"), handed_out=heads)


def test_nobody_countersigns_a_log_that_differs_or_nothing(office: Office, people: dict[str, str], keys: Keys) -> None:
    signer = keys.signer("bureau.audit")
    with pytest.raises(NothingToCountersign):
        countersign(office, people["bureau-1"], signer, handed_out={})
    heads = checkpoint(office, keys)
    forged = {name: {**body, "hash": "0" * 64} for name, body in heads.items()}
    with pytest.raises(AuditDiffers, match="does not lead to audit-1"):
        countersign(office, people["bureau-1"], signer, handed_out=forged)
    with office.store.transaction() as transaction:
        transaction.write(update(audit_head_table).values(number=9))
    with pytest.raises(AuditDiffers, match="cut off"):
        countersign(office, people["bureau-1"], signer, handed_out=heads)


def test_a_countersignature_by_another_key_counts_for_nobody(
    office: Office, people: dict[str, str], keys: Keys
) -> None:
    heads = checkpoint(office, keys)
    countersign(office, people["bureau-1"], keys.signer("operator.evidence"), handed_out=heads)
    countersign(office, people["auditor-1"], keys.signer("auditor.audit"), handed_out=heads)
    with office.store.reading() as transaction:
        assert countersigned(transaction, keys.ring, walk(transaction, heads)) == {"auditor": 1}


def test_the_digest_goes_over_to_sm3_and_the_log_still_holds(office: Office, people: dict[str, str]) -> None:
    with office.store.transaction() as transaction:
        person = add_person(transaction, Person("person-keeper", sha256_hex(b"keeper"), "keeper"))
        duties = frozenset({Duty.ADMINISTER_AUDIT})
        add_account(transaction, Account("keeper", person.id, "bureau", duties, MARCH, None), "-")
        keeper = leave_session(transaction, "keeper", "token-of-keeper")
    with pytest.raises(Refused):
        choose_audit_digest(office, people["bureau-1"], Digest.SM3)
    assert choose_audit_digest(office, keeper, Digest.SM3)
    assert not choose_audit_digest(office, keeper, Digest.SM3)
    with office.store.reading() as transaction:
        chain = list(audit.entries(transaction))
        assert chain[-1].event == AuditEvent.AUDIT_DIGEST_CHOSEN
        assert chain[-1].hash.startswith("sm3:")
        assert walk(transaction, {}).holds


def test_the_auditor_takes_the_whole_log_away_and_that_is_its_last_entry(
    office: Office, people: dict[str, str], keys: Keys
) -> None:
    checkpoint(office, keys)
    taken = list(export_audit(office, people["auditor-1"]))
    assert audit.first_break(taken) is None
    assert taken[-1].event == AuditEvent.AUDIT_EXPORTED
    with pytest.raises(Refused):
        export_audit(office, people["operator-1"])


def test_a_search_finds_by_subject_event_account_and_words_inside_the_scope(
    office: Office, people: dict[str, str]
) -> None:
    now = office.clocks.real()
    with office.store.transaction() as transaction:
        for number, account in enumerate(("hrss-1", "housing-1", "hrss-2", "bureau-1")):
            audit.append(
                transaction,
                AuditEvent.DECIDED if number % 2 else AuditEvent.REFUSED,
                subject=f"request:{number}",
                facts={"because": f"理由{number}"},
                recorded_at=now,
                business_at=now,
                account=account,
            )

    def found(reader: str, **asked: Any) -> list[str]:
        with viewing(office, people[reader]) as view:
            return [entry.subject for entry in search_audit(view, audit.Search(**asked), limit=10)]

    assert found("bureau-1", subject="request:*") == ["request:0", "request:1", "request:2", "request:3"]
    assert found("hrss-1", subject="request:*") == ["request:0", "request:2"]
    assert found("hrss-1", account="housing-1") == []
    assert found("bureau-1", event="act.refused", text="理由2") == ["request:2"]
    assert found("bureau-1", subject="request:_") == []
    with viewing(office, people["bureau-1"]) as view:
        page = search_audit(view, audit.Search(subject="request:*"), limit=2)
        earlier = search_audit(view, audit.Search(subject="request:*"), before=page[0].number, limit=2)
    assert [entry.subject for entry in (*earlier, *page)] == [f"request:{number}" for number in range(4)]
