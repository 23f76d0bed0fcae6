"""Asking to use a dataset or application support: purpose, legal basis, items, level, term."""

from __future__ import annotations

from datetime import timedelta

from foundation.evidence import canonical_bytes, sha256_hex
from governance.audit import AuditEvent
from governance.authority import Act, Mandate, Office, acting, machine_scope
from governance.catalogue import Layer, services
from governance.errors import NotFound
from governance.parties import Duty, decider_for
from governance.projects import systems
from governance.tasks import open_task
from tenants.datasets import hold_back, published_dataset
from tenants.errors import InvalidGrant
from tenants.grants.model import Grant, GrantState, Offer, Wish
from tenants.grants.tables import asked_by, by_numbers, insert_grant
from tenants.numbering import Series, next_number

_LONGEST_TERM = timedelta(days=3 * 366)


def ask_grant(office: Office, token: str, wish: Wish) -> tuple[Grant, bool]:
    """Ask: (grant, whether it is new). The same wish asked again while it waits or holds gives the same grant.

    Raises ``InvalidGrant`` naming the field, ``NotShared`` where a list holds the dataset back, ``NotFound``.
    """
    with acting(office, token, Act.GRANT_ASK, f"{wish.offer}:{wish.thing}") as mandate:
        transaction, agency = mandate.transaction, mandate.actor.party
        _check_words(mandate, wish)
        holder, version, plan = (_dataset if wish.offer is Offer.DATASET else _support)(mandate, wish)
        digest = sha256_hex(canonical_bytes({"wish": wish, "version": version, "agency": agency}))
        for earlier in asked_by(transaction, mandate.scope, thing=wish.thing):
            if earlier.digest == digest and earlier.state in {GrantState.ASKED, GrantState.APPROVED}:
                return earlier, False
        grant = Grant(
            number=_next_number(mandate),
            agency=agency,
            wish=wish,
            version=version,
            plan=plan,
            holder=holder,
            digest=digest,
            state=GrantState.ASKED,
            reason="",
            asked_at=mandate.now,
            decided_at=None,
            began=None,
            ended=None,
        )
        insert_grant(transaction, machine_scope(), grant)
        mandate.decide(grant.subject, digest=digest)
        mandate.audit(AuditEvent.GRANT_ASKED, grant.subject, {"digest": digest, "thing": wish.thing, "holder": holder})
        mandate.announce("grant.asked", grant.subject, {"agency": agency, "holder": holder, "thing": wish.thing})
        open_task(
            transaction,
            party=holder,
            duty=Duty.APPROVE,
            kind=Act.GRANT_APPROVE.value,
            subject=grant.subject,
            agency=agency,
            zh=f"{agency} 申请使用{wish.offer.zh} {wish.thing}",
            en=f"{agency} asks to use the {wish.offer} {wish.thing}",
            opened_at=mandate.now,
            recorded_at=mandate.recorded_at,
        )
        return grant, True


def _check_words(mandate: Mandate, wish: Wish) -> None:
    for field, text in (("purpose", wish.purpose), ("basis", wish.basis)):
        if not 1 <= len(text.strip()) <= 1000:
            raise InvalidGrant(field=field, because_zh="须写明,1 至 1000 字", because_en="1 to 1000 characters")
    if not wish.start < wish.end <= wish.start + _LONGEST_TERM or wish.end <= mandate.now:
        raise InvalidGrant(
            field="term",
            because_zh="期限须在将来结束,且不超过三年",
            because_en="the term ends in the future and lasts three years at most",
        )
    if wish.calls_a_day < 1:
        raise InvalidGrant(field="calls", because_zh="每日至少一次", because_en="at least one call a day")
    if wish.system not in {system.id for system in systems(mandate.transaction, mandate.scope)}:
        raise InvalidGrant(
            field="system",
            because_zh=f"本单位没有业务系统 {wish.system}",
            because_en=f"the agency has no business system {wish.system}",
        )


def _dataset(mandate: Mandate, wish: Wish) -> tuple[str, int, str]:
    """(holder, version, plan) of the published dataset, whose items and level must hold what is wished."""
    dataset = published_dataset(mandate.transaction, wish.thing)
    hold_back(mandate, dataset)
    if dataset.agency == mandate.actor.party:
        raise InvalidGrant(
            field="dataset",
            because_zh="是本单位自己的数据,可直接回流",
            because_en="its own: read it back",
        )
    unknown = sorted(set(wish.items) - dataset.grades.keys())
    if unknown or not wish.items:
        named = ", ".join(unknown) or "—"
        raise InvalidGrant(
            field="items", because_zh=f"目录中没有数据项:{named}", because_en=f"not items of the dataset: {named}"
        )
    highest = max(dataset.grades[code].level for code in wish.items)
    if wish.level != highest:
        raise InvalidGrant(
            field="level",
            because_zh=f"所选数据项的最高级别为 {highest},申请为 {wish.level}",
            because_en=f"the items go up to level {highest}, asked is {wish.level}",
        )
    return dataset.agency, dataset.version, dataset.description.plan


def _support(mandate: Mandate, wish: Wish) -> tuple[str, int, str]:
    """(who decides for the agency, 0, the plan) of an application-support plan on offer."""
    offered = [one for one in services(mandate.transaction) if one.layer is Layer.SUPPORT]
    if wish.thing not in {plan.code for service in offered for plan in service.plans}:
        raise NotFound(what_zh="应用支撑层的规格:", what_en="plan of application support", key=wish.thing)
    if wish.items:
        raise InvalidGrant(field="items", because_zh="应用支撑没有数据项", because_en="support has no items")
    return decider_for(mandate.transaction, mandate.actor.party, mandate.now).id, 0, wish.thing


def _next_number(mandate: Mandate) -> str:
    def taken(number: str) -> bool:
        return bool(by_numbers(mandate.transaction, machine_scope(), [number]))

    return next_number(mandate.transaction, Series.GRANT, mandate.now, taken)
