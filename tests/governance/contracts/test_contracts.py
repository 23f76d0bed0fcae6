"""A contract file is read whole or not at all; what is recorded is never edited, and systems are read in a scope."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from foundation.store import AlreadyThere, UnscopedQuery
from foundation.values.instant import format_instant
from governance import audit
from governance.authority import Office, machine_scope, viewing
from governance.contracts import ContractDocument, contract_of, read_contract, record_contract
from governance.errors import InvalidDocument, NotFound, Refused
from governance.projects import BusinessSystem, add_system, project_of, system_of, systems
from governance.projects.tables import system_table

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "contract.yaml"


def test_the_example_says_what_the_demo_needs(document: ContractDocument) -> None:
    contract = document.contract
    assert (contract.buyer, contract.operator, contract.payer) == ("bureau", "operator", "finance")
    assert format_instant(contract.term.start) == "2025-12-31T16:00:00Z"
    assert contract.ceiling == 3_600_000_000
    assert [tier.deduction for tier in contract.scheme.tiers] == [Decimal(1), Decimal("0.3"), Decimal("0.1")]
    assert {system.agency for system in document.systems} == {"hrss", "housing"}


def test_what_is_read_back_is_what_was_recorded(
    office: Office, people: dict[str, str], document: ContractDocument
) -> None:
    assert record_contract(office, people["bureau-1"], document)
    with office.store.reading() as transaction:
        assert contract_of(transaction, "C-2026-01") == document.contract
        assert {each.id: each for each in systems(transaction, machine_scope())} == {
            each.id: each for each in document.systems
        }


def test_recording_again_changes_nothing_and_writes_nothing(
    office: Office, people: dict[str, str], document: ContractDocument
) -> None:
    record_contract(office, people["bureau-1"], document)
    with office.store.reading() as transaction:
        before = audit.head(transaction)
    assert not record_contract(office, people["bureau-2"], document)
    with office.store.reading() as transaction:
        assert audit.head(transaction) == before


def test_a_recorded_contract_is_never_edited(
    office: Office, people: dict[str, str], document: ContractDocument
) -> None:
    record_contract(office, people["bureau-1"], document)
    edited = replace(document, contract=replace(document.contract, ceiling=document.contract.ceiling + 1))
    with pytest.raises(AlreadyThere):
        record_contract(office, people["bureau-1"], edited)


def test_the_operator_cannot_record_the_contract_it_is_paid_under(
    office: Office, people: dict[str, str], document: ContractDocument
) -> None:
    with pytest.raises(Refused, match="R02"):
        record_contract(office, people["operator-1"], document)


def test_parties_on_the_wrong_side_are_all_found(
    office: Office, people: dict[str, str], document: ContractDocument
) -> None:
    wrong = replace(document, contract=replace(document.contract, buyer="operator", payer="nobody"))
    with pytest.raises(InvalidDocument) as caught:
        record_contract(office, people["bureau-1"], wrong)
    findings = caught.value.facts["findings"]
    assert [finding.place.field for finding in findings] == ["contract.buyer", "contract.payer"]  # type: ignore[attr-defined]


def test_an_agency_sees_its_own_systems_and_no_other(
    office: Office, people: dict[str, str], document: ContractDocument
) -> None:
    record_contract(office, people["bureau-1"], document)
    with viewing(office, people["hrss-1"]) as view:
        assert {each.agency for each in systems(view.transaction, view.scope)} == {"hrss"}
        assert project_of(view.transaction, view.scope, "P-HRSS-2026-01").lead == "hrss"
        with pytest.raises(NotFound):
            system_of(view.transaction, view.scope, "property-registration")
        with pytest.raises(NotFound):
            project_of(view.transaction, view.scope, "housing-2026-01")
        with pytest.raises(UnscopedQuery):
            view.transaction.rows(system_table.table.select())


def test_a_system_is_added_once(office: Office, people: dict[str, str], document: ContractDocument) -> None:
    record_contract(office, people["bureau-1"], document)
    added = BusinessSystem("talent", "人才服务", "Talent", "hrss", "P-HRSS-2026-01", "general-budget")
    with office.store.transaction() as transaction:
        assert add_system(transaction, added)
        assert not add_system(transaction, added)
        with pytest.raises(AlreadyThere):
            add_system(transaction, replace(added, agency="housing"))


def test_every_mistake_of_a_file_is_found_with_line_and_field(tmp_path: Path) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    for right, wrong in [
        ('grace: "0.001"', "grace: 0.001"),
        ("payer: finance", "paye: finance"),
        ('{below: "0.99", deduction: "0.30"}', '{below: "0.94", deduction: "0.30"}'),
        ("at_least: 60", "at_least: high"),
    ]:
        assert text.count(right) == 1
        text = text.replace(right, wrong)
    path = tmp_path / "contract.yaml"
    path.write_text(text, encoding="utf-8")
    read, findings = read_contract(path)
    assert read is None
    assert sorted(each.place.field for each in findings) == [
        "contract.paye",
        "contract.payer",
        "contract.scheme.grace",
        "contract.scheme.grades[2].at_least",
    ]
    assert all(each.place.file == "contract.yaml" and each.place.row for each in findings)


def test_tiers_out_of_order_are_found(tmp_path: Path) -> None:
    path = tmp_path / "contract.yaml"
    text = EXAMPLE.read_text(encoding="utf-8").replace('below: "0.99"', 'below: "0.94"')
    path.write_text(text, encoding="utf-8")
    _, findings = read_contract(path)
    assert [each.place.field for each in findings] == ["contract.scheme.tiers"]
