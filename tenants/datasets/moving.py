"""Reviewing, aggregating, grading, masking, publishing; sending back and taking down."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from foundation.evidence import canonical_bytes, sha256_hex
from foundation.values.errors import InvalidValue
from governance.audit import AuditEvent
from governance.authority import Act, Mandate, Office, acting
from governance.errors import NotFound
from governance.lists import ListKind, entries_in_force
from governance.parties import Duty, PartyKind, parties
from governance.tasks import close_tasks, open_task
from tenants.datasets.model import Dataset, DatasetState, ItemGrade, Masking, Sharing
from tenants.datasets.steps import FOLLOWED_BY, STEPS
from tenants.datasets.tables import read_dataset, read_published, rewrite
from tenants.errors import DatasetUnfit, GradingUnfit, NotShared
from tenants.reasons import check_reason, reason_digest


def review_dataset(office: Office, token: str, id_: str, *, digest: str) -> tuple[Dataset, bool]:
    """The agency's bureau finds the description right: (dataset, whether that is new)."""
    return _step(office, token, Act.DATASET_REVIEW, id_, digest)


def aggregate_dataset(office: Office, token: str, id_: str, *, digest: str) -> tuple[Dataset, bool]:
    """The level above takes the dataset into its directory; from now on its holder may read it back there."""
    return _step(office, token, Act.DATASET_AGGREGATE, id_, digest)


def grade_dataset(
    office: Office, token: str, id_: str, *, digest: str, category: str, grades: Mapping[str, ItemGrade]
) -> tuple[Dataset, bool]:
    """Classify the dataset and grade every item of it. Raises ``GradingUnfit`` where items do not match, or where a
    personal item is to go out as it is."""
    with _turn(office, token, Act.DATASET_GRADE, id_, digest) as (mandate, dataset):
        _check_grades(dataset, grades)
        graded = replace(dataset, category=category, grades=dict(grades))
        if dataset.state is DatasetState.GRADED and (graded.category, graded.grades) != (
            dataset.category,
            dict(dataset.grades),
        ):
            raise DatasetUnfit(dataset=id_, state_zh=dataset.state.zh, state_en=dataset.state.value)
        return _moved(mandate, dataset, graded, {"category": category, "level": graded.level})


def mask_dataset(office: Office, token: str, id_: str, *, digest: str, evidence: bytes) -> tuple[Dataset, bool]:
    """The operator has masked what the grading asks for; ``evidence`` is a sample of what others will read, of which
    the digest is kept."""
    if not evidence:
        raise InvalidValue(field="evidence", found="nothing", expected="a sample of the masked data")
    with _turn(office, token, Act.DATASET_MASK, id_, digest) as (mandate, dataset):
        masked = sorted(code for code, one in dataset.grades.items() if one.masking is not Masking.NONE)
        return _moved(mandate, dataset, dataset, {"items": masked, "sample": sha256_hex(evidence)})


def publish_dataset(office: Office, token: str, id_: str, *, digest: str) -> tuple[Dataset, bool]:
    """Offer the dataset in the directory; the version before it is superseded at the same instant.

    Raises ``NotShared`` where a negative list in force holds it back, citing the entry.
    """
    with _turn(office, token, Act.DATASET_PUBLISH, id_, digest) as (mandate, dataset):
        hold_back(mandate, dataset)
        earlier = read_published(mandate.transaction, mandate.scope, id_)
        if earlier is not None and earlier.version != dataset.version:
            ended = replace(earlier, state=DatasetState.SUPERSEDED, moved_at=mandate.now)
            rewrite(mandate.transaction, mandate.scope, ended)
        return _moved(mandate, dataset, dataset, {"level": dataset.level, "sharing": dataset.description.sharing})


def return_dataset(office: Office, token: str, id_: str, *, digest: str, reason: str) -> tuple[Dataset, bool]:
    """Send a version back to its agency with a reason (1 to 500 characters): whoever's turn it is may."""
    check_reason(reason)
    with acting(office, token, Act.DATASET_RETURN, f"dataset:{id_}") as mandate:
        dataset = _found(mandate, id_, digest)
        if dataset.state is DatasetState.RETURNED and dataset.reason == reason:
            return dataset, False
        following = FOLLOWED_BY.get(dataset.state)
        step = None if following is None else STEPS[following]
        if step is None or not step.turn:
            raise DatasetUnfit(dataset=id_, state_zh=dataset.state.zh, state_en=dataset.state.value)
        mandate.decide(
            dataset.subject, digest=digest, owner=dataset.agency, decider=getattr(dataset, step.turn), note=reason
        )
        return _ended(mandate, dataset, DatasetState.RETURNED, AuditEvent.DATASET_RETURNED, reason)


def withdraw_dataset(office: Office, token: str, id_: str, *, digest: str, reason: str) -> tuple[Dataset, bool]:
    """Its holder takes a dataset down, published or on its way, with a reason. Grants on it end (``tenants.grants``
    hears of it by event)."""
    check_reason(reason)
    with acting(office, token, Act.DATASET_WITHDRAW, f"dataset:{id_}") as mandate:
        dataset = _found(mandate, id_, digest)
        if dataset.state is DatasetState.WITHDRAWN:
            return dataset, False
        if dataset.state in {DatasetState.RETURNED, DatasetState.SUPERSEDED}:
            raise DatasetUnfit(dataset=id_, state_zh=dataset.state.zh, state_en=dataset.state.value)
        mandate.decide(dataset.subject, digest=digest, note=reason)
        return _ended(mandate, dataset, DatasetState.WITHDRAWN, AuditEvent.DATASET_WITHDRAWN, reason)


def hold_back(mandate: Mandate, dataset: Dataset) -> None:
    """Raise ``NotShared`` where the dataset is not shared: by its own sharing condition, or by a negative list."""
    if dataset.description.sharing is Sharing.NONE:
        basis = dataset.description.basis
        raise NotShared(dataset=dataset.id, because_zh=f"不予共享:{basis}", because_en=f"not shared: {basis}")
    facts = {
        "datasets": {dataset.id},
        "data_levels": {str(dataset.level)},
        "agencies": {dataset.agency},
        "systems": {dataset.description.system},
    }
    for entry in entries_in_force(mandate.transaction, ListKind.NEGATIVE, mandate.now):
        if entry.matches.hold(facts):
            raise NotShared(dataset=dataset.id, because_zh=entry.cite("zh"), because_en=entry.cite("en"))


def _step(office: Office, token: str, act: Act, id_: str, digest: str) -> tuple[Dataset, bool]:
    with _turn(office, token, act, id_, digest) as (mandate, dataset):
        return _moved(mandate, dataset, dataset, {})


@contextmanager
def _turn(office: Office, token: str, act: Act, id_: str, digest: str) -> Iterator[tuple[Mandate, Dataset]]:
    """The version whose description has ``digest``, where it is this act's turn, or the act was done before."""
    with acting(office, token, act, f"dataset:{id_}") as mandate:
        dataset, step = _found(mandate, id_, digest), STEPS[act]
        if dataset.state not in {step.before, step.after}:
            raise DatasetUnfit(dataset=id_, state_zh=dataset.state.zh, state_en=dataset.state.value)
        yield mandate, dataset


def _found(mandate: Mandate, id_: str, digest: str) -> Dataset:
    dataset = read_dataset(mandate.transaction, mandate.scope, id_)
    if dataset is None:
        raise NotFound(what_zh="这个数据集:", what_en="dataset", key=id_)
    if dataset.digest != digest:
        raise mandate.refuse(
            "D01",
            dataset.subject,
            f"处理的是 {digest[:12]},编制的是 {dataset.digest[:12]}",
            f"this is about {digest[:12]}, what was compiled is {dataset.digest[:12]}",
        )
    return dataset


def _moved(mandate: Mandate, dataset: Dataset, changed: Dataset, facts: Mapping[str, Any]) -> tuple[Dataset, bool]:
    step = STEPS[mandate.act]
    decider = getattr(dataset, step.turn) if step.turn else None
    owner = dataset.agency if step.turn else None
    mandate.decide(
        dataset.subject, digest=dataset.digest, owner=owner, decider=decider, note=canonical_bytes(facts).decode()[:500]
    )
    if dataset.state is step.after:
        return dataset, False
    moved = replace(changed, state=step.after, moved_at=mandate.now)
    rewrite(mandate.transaction, mandate.scope, moved)
    mandate.audit(step.event, dataset.subject, {"digest": dataset.digest, **facts})
    mandate.announce(step.event.value, dataset.subject, {"agency": dataset.agency, "state": moved.state.value})
    close_tasks(mandate.transaction, dataset.subject, closed_at=mandate.now)
    _ask_next(mandate, moved)
    return moved, True


def _ask_next(mandate: Mandate, dataset: Dataset) -> None:
    following = FOLLOWED_BY.get(dataset.state)
    if following is None:
        return
    step = STEPS[following]
    operators = [party.id for party in parties(mandate.transaction, PartyKind.OPERATOR) if party.exists_at(mandate.now)]
    for party in [getattr(dataset, step.turn)] if step.turn else operators:
        open_task(
            mandate.transaction,
            party=party,
            duty=step.duty,
            kind=following.value,
            subject=dataset.subject,
            agency=dataset.agency,
            zh=f"{step.zh}数据集:{dataset.description.zh}",
            en=f"{step.en} the dataset {dataset.description.en}",
            opened_at=mandate.now,
            recorded_at=mandate.recorded_at,
        )


def _ended(
    mandate: Mandate, dataset: Dataset, state: DatasetState, event: AuditEvent, reason: str
) -> tuple[Dataset, bool]:
    ended = replace(dataset, state=state, reason=reason, moved_at=mandate.now)
    rewrite(mandate.transaction, mandate.scope, ended)
    mandate.audit(event, dataset.subject, {"digest": dataset.digest, "reason_digest": reason_digest(reason)})
    mandate.announce(event.value, dataset.subject, {"agency": dataset.agency, "dataset": dataset.id})
    close_tasks(mandate.transaction, dataset.subject, closed_at=mandate.now)
    if state is DatasetState.RETURNED:
        open_task(
            mandate.transaction,
            party=dataset.agency,
            duty=Duty.REQUEST,
            kind="dataset.compile",
            subject=dataset.subject,
            agency=dataset.agency,
            zh=f"数据集 {dataset.description.zh} 被退回:{reason[:100]}",
            en=f"the dataset {dataset.description.en} was sent back: {reason[:100]}",
            opened_at=mandate.now,
            recorded_at=mandate.recorded_at,
        )
    return ended, True


def _check_grades(dataset: Dataset, grades: Mapping[str, ItemGrade]) -> None:
    codes = {item.code for item in dataset.description.items}
    missing, unknown = sorted(codes - grades.keys()), sorted(grades.keys() - codes)
    bare = sorted(
        item.code
        for item in dataset.description.items
        if item.personal and item.code in grades and grades[item.code].masking is Masking.NONE
    )
    for words, found in (
        (("未分级", "not graded"), missing),
        (("不在数据集中", "not in the dataset"), unknown),
        (("属个人信息,须脱敏", "personal, and not masked"), bare),
    ):
        if found:
            raise GradingUnfit(dataset=dataset.id, items=", ".join(found), because_zh=words[0], because_en=words[1])
