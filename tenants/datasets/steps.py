"""The way of a dataset from compiled to published: which act leads from which state to which, and whose turn is next.

One table, read by the use cases and checked by the tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from governance.audit import AuditEvent
from governance.authority import Act
from governance.parties import Duty
from tenants.datasets.model import DatasetState


@dataclass(frozen=True, slots=True)
class Step:
    """One act: from ``before`` to ``after``; ``turn`` says which of a dataset's parties acts, with which duty.

    ``turn`` is ``reviewer``, ``aggregator`` or empty: the operator's.
    """

    before: DatasetState
    after: DatasetState
    event: AuditEvent
    turn: str
    duty: Duty
    zh: str
    en: str


STEPS: Mapping[Act, Step] = {
    Act.DATASET_REVIEW: Step(
        DatasetState.COMPILED,
        DatasetState.REVIEWED,
        AuditEvent.DATASET_REVIEWED,
        "reviewer",
        Duty.APPROVE,
        "审核",
        "review",
    ),
    Act.DATASET_AGGREGATE: Step(
        DatasetState.REVIEWED,
        DatasetState.AGGREGATED,
        AuditEvent.DATASET_AGGREGATED,
        "aggregator",
        Duty.APPROVE,
        "汇集",
        "aggregate",
    ),
    Act.DATASET_GRADE: Step(
        DatasetState.AGGREGATED,
        DatasetState.GRADED,
        AuditEvent.DATASET_GRADED,
        "aggregator",
        Duty.DRAFT,
        "分类分级",
        "classify and grade",
    ),
    Act.DATASET_MASK: Step(
        DatasetState.GRADED, DatasetState.MASKED, AuditEvent.DATASET_MASKED, "", Duty.OPERATE, "脱敏", "mask"
    ),
    Act.DATASET_PUBLISH: Step(
        DatasetState.MASKED,
        DatasetState.PUBLISHED,
        AuditEvent.DATASET_PUBLISHED,
        "aggregator",
        Duty.PUBLISH,
        "发布",
        "publish",
    ),
}

FOLLOWED_BY: Mapping[DatasetState, Act] = {step.before: act for act, step in STEPS.items()}
"""Whoever's turn is next, by the state a version stands in."""
