"""Compiling 编目: an agency describes what it holds, and says how much that is."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from foundation.evidence import canonical_bytes, sha256_hex
from foundation.store import Transaction
from foundation.values.errors import InvalidValue
from foundation.values.findings import Finding, Place, Severity
from governance.audit import AuditEvent
from governance.authority import Act, Mandate, Office, acting, machine_scope
from governance.catalogue import Layer, services
from governance.errors import NotFound
from governance.parties import Duty, PartyKind, decider_for
from governance.projects import systems
from governance.tasks import open_task
from tenants.datasets.model import ON_ITS_WAY, Dataset, DatasetState, Description
from tenants.datasets.tables import insert_dataset, read_dataset, record_holding
from tenants.errors import DatasetUnfit, InvalidDatasets


def compile_datasets(office: Office, token: str, descriptions: Sequence[Description]) -> Sequence[tuple[Dataset, bool]]:
    """Hand datasets in for review, all or none: (version, whether it is new) of each.

    A description that stands already (on its way or published) is given back; a changed one becomes the next version.
    Raises ``InvalidDatasets`` with every finding, ``DatasetUnfit`` where a version is on its way already.
    """
    with acting(office, token, Act.DATASET_COMPILE, "dataset:list") as mandate:
        own = {system.id for system in systems(mandate.transaction, mandate.scope)}
        offered = [service for service in services(mandate.transaction) if service.layer is Layer.DATA]
        plans = {plan.code for service in offered for plan in service.plans}
        findings = [one for each in descriptions for one in _check(mandate, each, own, plans)]
        if findings:
            raise InvalidDatasets(
                count=len(findings), first_zh=findings[0].zh, first_en=findings[0].en, findings=tuple(findings)
            )
        return [_compile(mandate, each) for each in descriptions]


def count_holdings(office: Office, token: str, held: int) -> None:
    """Say how many datasets the agency holds in all, listed or not: what its coverage is measured against."""
    if not 0 <= held <= 10**6:
        raise InvalidValue(field="held", found=str(held), expected="0 to 1000000")
    with acting(office, token, Act.DATASET_COUNT, "dataset:held") as mandate:
        record_holding(mandate.transaction, mandate.actor.party, held, mandate.now)
        mandate.audit(AuditEvent.DATASETS_COUNTED, f"datasets-of:{mandate.actor.party}", {"held": held})


def _check(
    mandate: Mandate, description: Description, own: Collection[str], plans: Collection[str]
) -> Iterator[Finding]:
    transaction, agency = mandate.transaction, mandate.actor.party
    if description.system not in own:
        yield _finding(
            description,
            "system",
            description.system,
            f"a business system of {agency}",
            f"{agency} 没有业务系统 {description.system}",
            f"{agency} has no business system {description.system}",
        )
    if description.plan not in plans:
        yield _finding(
            description,
            "plan",
            description.plan,
            "a plan of the catalogue's data layer",
            f"目录的数据资源层没有规格 {description.plan}",
            f"the catalogue's data layer offers no plan {description.plan}",
        )
    standing = read_dataset(transaction, machine_scope(), description.id)
    if standing is not None and standing.agency != agency:
        # Whose it is stays unsaid: an id is only taken.
        yield _finding(description, "id", description.id, "an id nobody uses", "编号已被占用", "the id is taken")


def _finding(description: Description, field: str, found: str, expected: str, zh: str, en: str) -> Finding:
    place = Place(field=f"{description.id}.{field}")
    return Finding("dataset.invalid", Severity.ERROR, place, found=found, expected=expected, zh=zh, en=en)


def _compile(mandate: Mandate, description: Description) -> tuple[Dataset, bool]:
    digest = sha256_hex(canonical_bytes(description))
    standing = read_dataset(mandate.transaction, mandate.scope, description.id)
    if standing is not None:
        if standing.digest == digest and standing.state in ON_ITS_WAY | {DatasetState.PUBLISHED}:
            return standing, False
        if standing.state in ON_ITS_WAY:
            raise DatasetUnfit(dataset=description.id, state_zh=standing.state.zh, state_en=standing.state.value)
    agency = mandate.actor.party
    reviewer = decider_for(mandate.transaction, agency, mandate.now)
    dataset = Dataset(
        id=description.id,
        version=1 if standing is None else standing.version + 1,
        agency=agency,
        description=description,
        digest=digest,
        state=DatasetState.COMPILED,
        reviewer=reviewer.id,
        aggregator=_aggregator(mandate.transaction, mandate, reviewer.id),
        category="",
        grades={},
        reason="",
        compiled_at=mandate.now,
        moved_at=mandate.now,
    )
    insert_dataset(mandate.transaction, dataset)
    mandate.decide(dataset.subject, digest=digest)
    mandate.audit(AuditEvent.DATASET_COMPILED, dataset.subject, {"digest": digest, "agency": agency})
    mandate.announce("dataset.compiled", dataset.subject, {"agency": agency, "reviewer": reviewer.id})
    open_task(
        mandate.transaction,
        party=reviewer.id,
        duty=Duty.APPROVE,
        kind="dataset.review",
        subject=dataset.subject,
        agency=agency,
        zh=f"审核 {agency} 的数据目录:{description.zh}",
        en=f"review {agency}'s dataset: {description.en}",
        opened_at=mandate.now,
        recorded_at=mandate.recorded_at,
    )
    return dataset, True


def _aggregator(transaction: Transaction, mandate: Mandate, reviewer: str) -> str:
    """The bureau one level above the reviewer; where there is none, the reviewer's own party (by another person)."""
    try:
        above = decider_for(transaction, reviewer, mandate.now)
    except NotFound:
        return reviewer
    return above.id if above.kind is PartyKind.BUREAU else reviewer
