"""The month's grade 考核评分: drafted by one person of the bureau, published by another, never edited.

Owns points and reasons by dimension, and their sum. Source: DOMAIN §3 Assessment, C = Σ(w · s).
"""

from supervision.grades.model import Dimension, Grade, PublishedGrade, grade_points
from supervision.grades.reading import read_grade
from supervision.grades.service import draft_grade, publish_grade, published_grade

__all__ = [
    "Dimension",
    "Grade",
    "PublishedGrade",
    "draft_grade",
    "grade_points",
    "publish_grade",
    "published_grade",
    "read_grade",
]
