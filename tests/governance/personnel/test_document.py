"""A file of parties: read whole, or every finding at once."""

from __future__ import annotations

from pathlib import Path

from governance.parties import PartyKind
from governance.personnel import read_parties

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"


def test_the_example_is_read_with_all_kinds_of_party_and_five_levels() -> None:
    document, findings = read_parties(EXAMPLES / "parties.yaml")
    assert findings == ()
    assert document is not None
    assert {party.kind for party in document.parties} == set(PartyKind)
    assert [level.zh[0] for level in document.levels] == ["省", "市", "县", "乡", "村"]
    assert set(document.leaders) == {party.id for party in document.parties if party.kind is PartyKind.AGENCY}
    assert {party.level for party in document.parties} == {"city"}, "a party has the level of its place"


def test_superiors_stand_before_what_is_below(tmp_path: Path) -> None:
    file = tmp_path / "p.yaml"
    file.write_text(
        "places:\n"
        "  - {id: b, level: city, zh: b, en: b, superior: a}\n"
        "  - {id: a, level: province, zh: a, en: a}\n"
        "parties:\n"
        "  - {id: y, kind: bureau, zh: y, en: y, superior: x}\n"
        "  - {id: x, kind: leading-group, zh: x, en: x}\n"
    )
    document, findings = read_parties(file)
    assert document is not None, findings
    assert [place.id for place in document.places] == ["a", "b"]
    assert [party.id for party in document.parties] == ["x", "y"]


def test_every_finding_is_reported_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "p.yaml"
    file.write_text(
        "parties:\n"
        "  - {id: a, kind: agency, zh: a, en: a}\n"
        "  - {id: b, kind: bureau, zh: b, en: b, leader: {person: p, identity: '1'}}\n"
        "  - {id: c, kind: bureau, zh: c, en: c, superior: d}\n"
        "  - {id: d, kind: bureau, zh: d, en: d, superior: c}\n"
        "  - {id: s, kind: supplier, zh: s, en: s}\n"
        "engagements:\n"
        "  - {id: e, supplier: b, hirer: c, contract: k, scope: ['system:x'],\n"
        "     first_day: 2026-02-01, end_day: 2026-01-01}\n"
        "accounts:\n"
        "  - {name: one, person: p, identity: '1', party: b, duties: [administer-system]}\n"
        "  - {name: two, person: q, identity: '1', party: b, duties: [administer-audit]}\n"
        "  - {name: three, person: r, identity: '3', party: s}\n"
        "  - {name: three, person: r, identity: '3', party: b}\n"
    )
    document, findings = read_parties(file)
    assert document is None
    said = " / ".join(finding.en for finding in findings)
    for words in (
        "names its one responsible leader",
        "only an agency",
        "form a circle",
        "ends before it begins",
        "is no supplier",
        "works for the operator or an agency",
        "one identity with two names",
        "two of the three",
        "ends with its engagement",
        "a repeated id",
    ):
        assert words in said
    assert all(finding.place.row for finding in findings)
