"""Need, proposal and terms files: the examples are read whole, and every mistake is named with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from foundation.evidence import plain, read_canonical
from foundation.evidence.canonical import canonical_text
from tenants.needs import read_need, read_proposal, read_terms
from tenants.needs.documents import alternative_from, questions_from
from tenants.needs.model import alternative_document
from tenants.needs.terms import shipped_terms

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
NEED = (EXAMPLES / "need.yaml").read_text(encoding="utf-8")
PROPOSAL = (EXAMPLES / "need-proposal.yaml").read_text(encoding="utf-8")
TERMS = (EXAMPLES / "need-terms.yaml").read_text(encoding="utf-8")


def fields(path: Path, text: str, read: object) -> list[tuple[str, bool]]:
    """Field and whether a line is known, of every finding."""
    path.write_text(text, encoding="utf-8")
    value, findings = read(path)  # type: ignore[operator]
    assert value is None
    return [(finding.place.field, finding.place.row is not None) for finding in findings]


def test_the_example_need_is_read_and_comes_back_from_its_document() -> None:
    questions, findings = read_need(EXAMPLES / "need.yaml")
    assert findings == ()
    assert questions is not None
    kept = read_canonical(canonical_text(plain(questions)), what="questions")
    assert questions_from(kept) == questions
    assert questions_from(kept).digest == questions.digest


def test_the_example_proposal_is_read_and_comes_back_from_its_document() -> None:
    read, findings = read_proposal(EXAMPLES / "need-proposal.yaml")
    assert findings == ()
    assert read is not None
    recommended, alternatives = read
    assert recommended == "basic"
    for each in alternatives:
        kept = read_canonical(canonical_text(alternative_document(each)), what="alternative")
        assert alternative_from(kept) == each


def test_the_example_terms_are_those_that_are_shipped_under_another_name() -> None:
    terms, findings = read_terms(EXAMPLES / "need-terms.yaml")
    assert findings == ()
    assert terms is not None
    assert terms.cites != shipped_terms().cites
    assert terms.decision_working_days == shipped_terms().decision_working_days


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("减少窗口排队", "减少窗口排队,需 8 核 16G 内存", "need.purpose"),
        ("电子证照调用", "3台服务器", "need.capabilities[1]"),
        ("target: 80%", "target: 16 vCPU", "need.effects[0].target"),
        ("protection: level-2", "protection: level-4", "need.protection"),
        ("deadline: 2026-12-31", "deadline: soon", "need.deadline"),
        ("peak: 600", "peak: 0", "need.peak"),
        ("  peak: 600", "  peak: 600\n  vcpu: 8", "need.vcpu"),
    ],
)
def test_a_wrong_need_is_refused_where_it_is_wrong(tmp_path: Path, old: str, new: str, field: str) -> None:
    assert old in NEED
    assert fields(tmp_path / "need.yaml", NEED.replace(old, new, 1), read_need) == [(field, True)]


def test_a_proposal_has_two_alternatives_at_least_and_recommends_one_of_them(tmp_path: Path) -> None:
    path = tmp_path / "proposal.yaml"
    one = PROPOSAL[: PROPOSAL.index("    - id: shared")]
    assert [field for field, _ in fields(path, one, read_proposal)] == ["proposal.alternatives"]
    wrong = PROPOSAL.replace("recommended: basic", "recommended: best").replace("id: shared", "id: basic")
    assert [field for field, _ in fields(path, wrong, read_proposal)] == [
        "proposal.recommended",
        "proposal.alternatives[1].id",
    ]
    broken = PROPOSAL.replace("cidr: 10.60.0.0/25", "cidr: 10.61.0.0/25")
    assert [field for field, _ in fields(path, broken, read_proposal)] == [
        "proposal.alternatives[0].environment.subnets.0.cidr"
    ]


def test_terms_that_contradict_themselves_are_refused(tmp_path: Path) -> None:
    text = TERMS.replace("alike_permille: 550", "alike_permille: 100").replace("id: statutory", "id: emergency")
    found = [field for field, _ in fields(tmp_path / "terms.yaml", text, read_terms)]
    assert found == ["terms.reasons[1].id", "terms.alike_permille"]
