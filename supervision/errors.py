"""What can be wrong with a judgement.

SupervisionError
├── NoGrade          nothing was drafted for the month
├── GradePublished   what is published is never edited
└── InvalidGrade     the dimensions are no whole judgement
"""

from __future__ import annotations

from foundation.values.errors import GuanyunError


class SupervisionError(GuanyunError):
    """Base of this package's errors."""

    code = "supervision.error"


class NoGrade(SupervisionError):
    """``contract`` has no drafted grade for ``month``."""

    code = "supervision.no-grade"
    exit_status = 2
    zh = "合同 {contract} 的 {month} 还没有起草考核评分"
    en = "no grade was drafted for {month} of contract {contract}"


class GradePublished(SupervisionError):
    """The grade of ``contract`` and ``month`` is published with other content."""

    code = "supervision.grade-published"
    zh = "合同 {contract} 的 {month} 考核评分已发布,不得修改"
    en = "the grade for {month} of contract {contract} is published and never edited"


class InvalidGrade(SupervisionError):
    """``count`` dimensions are at fault; ``first`` names the first, or ``weights`` where they do not sum to 100."""

    code = "supervision.invalid-grade"
    exit_status = 2
    zh = "考核评分有 {count} 处不合要求,第一处:{first}"
    en = "the grade is at fault in {count} places, the first: {first}"
