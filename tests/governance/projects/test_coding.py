"""An account coding bears money only while it is signed by the officer it names and fits the project as it stands."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from governance.authority import viewing
from governance.errors import Refused
from governance.projects import (
    AccountCoding,
    FundSource,
    coding_in_force,
    codings_of,
    draft_coding,
    file_project,
    project_digest,
    review_project,
    sign_coding,
)
from governance.projects.errors import CodingUnsigned, InvalidProject
from tests.governance.projects.conftest import CODING, STATED, Walk


def in_force(walk: Walk) -> AccountCoding:
    with viewing(walk.office, walk.people["bureau-1"]) as view:
        return coding_in_force(view.transaction, view.scope, walk.now())


def test_a_signed_coding_is_in_force_and_a_changed_one_is_not(walk: Walk) -> None:
    walk.to_approved()
    with pytest.raises(CodingUnsigned):
        in_force(walk)
    walk.code()
    assert in_force(walk).number == 1
    changed = replace(CODING, lines=(*CODING.lines[1:], replace(CODING.lines[0], subject_code="30299")))
    drafted = draft_coding(walk.office, walk.people["hrss-1"], changed)
    with pytest.raises(CodingUnsigned, match="waits for the signature"):
        in_force(walk)
    sign_coding(walk.office, walk.people["finance-1"], "P-NEW-1", digest=drafted.digest)
    assert in_force(walk).number == 2
    with viewing(walk.office, walk.people["hrss-1"]) as view:
        assert [each.number for each in codings_of(view.transaction, view.scope, "P-NEW-1")] == [1, 2]


def test_only_the_named_officer_signs(walk: Walk) -> None:
    walk.to_approved()
    drafted = draft_coding(walk.office, walk.people["hrss-1"], CODING)
    for other in ("finance-2", "bureau-1", "hrss-2"):
        with pytest.raises(Refused):
            sign_coding(walk.office, walk.people[other], "P-NEW-1", digest=drafted.digest)
    with pytest.raises(Refused):
        sign_coding(walk.office, walk.people["finance-1"], "P-NEW-1", digest="0" * 64)


def test_new_fund_sources_need_a_new_signature(walk: Walk) -> None:
    walk.to_approved()
    walk.code()
    other = replace(STATED, funds=(FundSource("自筹", Decimal(1)),))
    walk.state(other)
    digest = project_digest(other)
    review_project(walk.office, walk.people["bureau-1"], "P-NEW-1", digest=digest, opinion="")
    file_project(walk.office, walk.people["bureau-2"], "P-NEW-1", digest=digest, document_number="4号")
    with pytest.raises(CodingUnsigned, match="changed since"):
        in_force(walk)


def test_a_coding_covers_every_source_once(walk: Walk) -> None:
    walk.to_approved()
    wrong = replace(CODING, officer="hrss-1", lines=(*CODING.lines[:2], replace(CODING.lines[0], fund="别的")))
    with pytest.raises(InvalidProject) as caught:
        draft_coding(walk.office, walk.people["hrss-1"], wrong)
    findings = caught.value.facts["findings"]
    assert {finding.found for finding in findings} == {"专项资金", "别的", "hrss-1"}  # type: ignore[attr-defined]
