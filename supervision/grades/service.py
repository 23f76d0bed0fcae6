"""Drafting and publishing a grade: two acts of two persons of the bureau, bound to one digest."""

from __future__ import annotations

from collections.abc import Sequence

from foundation.evidence import plain
from foundation.store import Transaction
from foundation.values.month import Month
from governance.audit import AuditEvent
from governance.authority import Act, Office, acting
from governance.contracts import contract_of
from supervision.errors import GradePublished, InvalidGrade, NoGrade
from supervision.grades.model import Dimension, Grade, PublishedGrade, grade_points, unfit_dimensions
from supervision.grades.tables import grade_row, write_draft, write_publication


def draft_grade(office: Office, token: str, contract: str, month: Month, dimensions: Sequence[Dimension]) -> Grade:
    """Draft the month's grade, or draw the draft anew; the same draft again changes nothing.

    Raises ``InvalidGrade`` where the dimensions are not a whole, ``GradePublished`` where another content is
    published, ``NotFound`` for no such contract, ``Refused``.
    """
    wrong = unfit_dimensions(dimensions)
    if wrong:
        raise InvalidGrade(count=len(wrong), first=wrong[0])
    grade = Grade(contract, month, tuple(dimensions), grade_points(dimensions))
    subject = _subject(contract, month)
    with acting(office, token, Act.GRADE_DRAFT, subject) as mandate:
        contract_of(mandate.transaction, contract)
        standing = grade_row(mandate.transaction, contract, month)
        if standing is not None and standing["digest"] == grade.digest:
            return grade
        if standing is not None and standing["published_at"] is not None:
            raise GradePublished(contract=contract, month=month)
        mandate.decide(subject, digest=grade.digest)
        row = {
            "contract": contract,
            "month": str(month),
            "points": grade.points,
            "document": plain(grade),
            "digest": grade.digest,
            "drafted_by": mandate.actor.person,
            "drafted_at": mandate.now,
        }
        write_draft(mandate.transaction, row, standing=standing is not None)
        mandate.audit(AuditEvent.GRADE_DRAFTED, subject, {"digest": grade.digest, "points": grade.points})
        return grade


def publish_grade(
    office: Office, token: str, contract: str, month: Month, *, digest: str | None = None
) -> PublishedGrade:
    """Publish the drafted grade; published before, it is given back. ``digest``, where given, must be the draft's.

    Raises ``NoGrade``, and ``Refused`` for the drafter and for another digest.
    """
    subject = _subject(contract, month)
    with acting(office, token, Act.GRADE_PUBLISH, subject) as mandate:
        row = grade_row(mandate.transaction, contract, month)
        if row is None:
            raise NoGrade(contract=contract, month=month)
        if digest not in {None, row["digest"]}:
            raise mandate.refuse("V01", subject, "评分与所审阅的不一致", "the grade is not the one that was read")
        if row["published_at"] is None:
            mandate.decide(subject, digest=row["digest"])
            values = {"published_by": mandate.actor.person, "published_at": mandate.now}
            write_publication(mandate.transaction, contract, month, values)
            facts = {"digest": row["digest"], "points": row["points"]}
            mandate.audit(AuditEvent.GRADE_PUBLISHED, subject, facts)
        published = published_grade(mandate.transaction, contract, month)
        if published is None:
            raise NoGrade(contract=contract, month=month)
        return published


def published_grade(transaction: Transaction, contract: str, month: Month) -> PublishedGrade | None:
    """The published grade of a contract-month; None while there is only a draft, or nothing."""
    row = grade_row(transaction, contract, month)
    if row is None or row["published_at"] is None:
        return None
    dimensions = tuple(Dimension(**each) for each in row["document"]["dimensions"])
    return PublishedGrade(contract, month, row["points"], dimensions, row["digest"], row["published_at"])


def _subject(contract: str, month: Month) -> str:
    return f"grade:{contract}/{month}"
