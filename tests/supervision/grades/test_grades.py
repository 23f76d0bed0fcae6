"""A month's grade is drafted by one person of the bureau and published by another; then it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from foundation.values.month import Month
from governance import audit
from governance.audit import AuditEvent
from governance.authority import Office
from governance.contracts import record_contract
from governance.errors import NotFound, Refused
from supervision.errors import GradePublished, InvalidGrade, NoGrade
from supervision.grades import Dimension, draft_grade, grade_points, publish_grade, published_grade, read_grade
from supervision.grades.model import PublishedGrade
from supervision.grades.tables import grade_table
from tests import examples

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
MARCH = Month(2026, 3)
CONTRACT = "C-2026-01"
SUBJECT = f"grade:{CONTRACT}/2026-03"


@pytest.fixture
def desk(office: Office, people: dict[str, str]) -> Office:
    record_contract(office, people["bureau-1"], examples.contract())
    return office


@pytest.fixture
def dimensions() -> tuple[Dimension, ...]:
    read, findings = read_grade(EXAMPLES / "grade.yaml")
    assert findings == ()
    assert read is not None
    return read


def worse(dimensions: Sequence[Dimension]) -> tuple[Dimension, ...]:
    return (replace(dimensions[0], score=dimensions[0].score - 40), *dimensions[1:])


def published(desk: Office) -> PublishedGrade | None:
    with desk.store.reading() as transaction:
        return published_grade(transaction, CONTRACT, MARCH)


def test_what_one_drafts_another_publishes(
    desk: Office, people: dict[str, str], dimensions: tuple[Dimension, ...]
) -> None:
    grade = draft_grade(desk, people["bureau-1"], CONTRACT, MARCH, dimensions)
    assert published(desk) is None
    result = publish_grade(desk, people["bureau-2"], CONTRACT, MARCH, digest=grade.digest)
    assert (result.points, result.reasons, result.digest) == (grade_points(dimensions), dimensions, grade.digest)
    assert published(desk) == result


def test_nobody_publishes_what_they_drafted(
    desk: Office, people: dict[str, str], dimensions: tuple[Dimension, ...]
) -> None:
    draft_grade(desk, people["bureau-1"], CONTRACT, MARCH, dimensions)
    with pytest.raises(Refused, match="R21"):
        publish_grade(desk, people["bureau-1"], CONTRACT, MARCH)
    assert published(desk) is None
    with desk.store.reading() as transaction:
        events = [entry.event for entry in audit.entries(transaction, subject=SUBJECT)]
    assert events == [AuditEvent.GRADE_DRAFTED, AuditEvent.REFUSED]


def test_who_drafted_an_earlier_draft_cannot_publish_the_later_one(
    desk: Office, people: dict[str, str], dimensions: tuple[Dimension, ...]
) -> None:
    draft_grade(desk, people["bureau-1"], CONTRACT, MARCH, dimensions)
    draft_grade(desk, people["bureau-2"], CONTRACT, MARCH, worse(dimensions))
    for account in ("bureau-1", "bureau-2"):
        with pytest.raises(Refused, match="R21"):
            publish_grade(desk, people[account], CONTRACT, MARCH)


@pytest.mark.parametrize("account", ["operator-1", "hrss-1", "finance-1", "auditor-1"])
def test_only_the_bureau_judges(
    desk: Office, people: dict[str, str], dimensions: tuple[Dimension, ...], account: str
) -> None:
    with pytest.raises(Refused, match="R20"):
        draft_grade(desk, people[account], CONTRACT, MARCH, dimensions)
    draft_grade(desk, people["bureau-1"], CONTRACT, MARCH, dimensions)
    with pytest.raises(Refused, match="R21"):
        publish_grade(desk, people[account], CONTRACT, MARCH)


def test_the_database_itself_refuses_one_person_twice(
    desk: Office, people: dict[str, str], dimensions: tuple[Dimension, ...]
) -> None:
    draft_grade(desk, people["bureau-1"], CONTRACT, MARCH, dimensions)
    with pytest.raises(IntegrityError, match="two_persons"), desk.store.transaction() as transaction:
        transaction.write(update(grade_table).values(published_by=grade_table.c.drafted_by))


def test_the_publisher_publishes_what_they_read(
    desk: Office, people: dict[str, str], dimensions: tuple[Dimension, ...]
) -> None:
    read = draft_grade(desk, people["bureau-1"], CONTRACT, MARCH, dimensions)
    draft_grade(desk, people["bureau-1"], CONTRACT, MARCH, worse(dimensions))
    with pytest.raises(Refused, match="V01"):
        publish_grade(desk, people["bureau-2"], CONTRACT, MARCH, digest=read.digest)
    assert published(desk) is None


def test_a_published_grade_is_never_edited(
    desk: Office, people: dict[str, str], dimensions: tuple[Dimension, ...]
) -> None:
    draft_grade(desk, people["bureau-1"], CONTRACT, MARCH, dimensions)
    before = publish_grade(desk, people["bureau-2"], CONTRACT, MARCH)
    with pytest.raises(GradePublished):
        draft_grade(desk, people["bureau-1"], CONTRACT, MARCH, worse(dimensions))
    assert published(desk) == before


def test_drafting_and_publishing_again_change_nothing(
    desk: Office, people: dict[str, str], dimensions: tuple[Dimension, ...]
) -> None:
    draft_grade(desk, people["bureau-1"], CONTRACT, MARCH, dimensions)
    first = publish_grade(desk, people["bureau-2"], CONTRACT, MARCH)
    with desk.store.reading() as transaction:
        head = audit.head(transaction)
    draft_grade(desk, people["bureau-1"], CONTRACT, MARCH, dimensions)
    assert publish_grade(desk, people["bureau-2"], CONTRACT, MARCH) == first
    with desk.store.reading() as transaction:
        assert audit.head(transaction) == head


def test_there_is_no_grade_without_a_contract_or_a_draft(
    desk: Office, people: dict[str, str], dimensions: tuple[Dimension, ...]
) -> None:
    with pytest.raises(NotFound):
        draft_grade(desk, people["bureau-1"], "C-none", MARCH, dimensions)
    with pytest.raises(NoGrade):
        publish_grade(desk, people["bureau-2"], CONTRACT, MARCH)


@pytest.mark.parametrize(
    ("change", "first"),
    [
        ({"weight": 21}, "weights"),
        ({"weight": 0}, "building"),
        ({"score": 101}, "building"),
        ({"score": -1}, "building"),
        ({"reason": " "}, "building"),
        ({"code": "operation"}, "operation"),
    ],
)
def test_dimensions_that_are_no_whole_judgement_are_refused(
    desk: Office, people: dict[str, str], dimensions: tuple[Dimension, ...], change: dict[str, object], first: str
) -> None:
    changed = (replace(dimensions[0], **change), *dimensions[1:])  # type: ignore[arg-type]
    with pytest.raises(InvalidGrade) as caught:
        draft_grade(desk, people["bureau-1"], CONTRACT, MARCH, changed)
    assert caught.value.facts["first"] == first


def test_every_mistake_of_a_file_is_found_with_line_and_field(tmp_path: Path) -> None:
    path = tmp_path / "grade.yaml"
    text = (EXAMPLES / "grade.yaml").read_text(encoding="utf-8")
    path.write_text(text.replace("score: 92", "score: 92.5").replace("weight: 25", "weight: 0"), encoding="utf-8")
    read, findings = read_grade(path)
    assert read is None
    assert [(each.place.row, each.place.field) for each in findings] == [
        (4, "dimensions[0].score"),
        (5, "dimensions[1].weight"),
    ]
    path.write_text(text.replace("weight: 25", "weight: 26").replace("code: fees", "code: security"), encoding="utf-8")
    read, findings = read_grade(path)
    assert [each.place.field for each in findings] == ["dimensions", "dimensions[6].code"]


@given(st.lists(st.integers(0, 100), min_size=4, max_size=4), st.sampled_from([(25, 25, 25, 25), (97, 1, 1, 1)]))
def test_points_lie_between_the_lowest_and_the_highest_score(scores: list[int], weights: tuple[int, ...]) -> None:
    made = [
        Dimension(str(index), "维度", weight, score, "理由")
        for index, (weight, score) in enumerate(zip(weights, scores, strict=True))
    ]
    assert min(scores) <= grade_points(made) <= max(scores)


def test_a_grade_just_under_a_step_is_not_rounded_over_it() -> None:
    dimensions = [Dimension("aa", "甲", 50, 90, "理由"), Dimension("bb", "乙", 50, 89, "理由")]
    assert grade_points(dimensions) == 89
