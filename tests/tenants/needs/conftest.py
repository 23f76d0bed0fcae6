"""Needs of two agencies, an operator who answers, a bureau that decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from foundation.documents.blobs import BlobStore
from foundation.store import Transaction
from foundation.work.outbox import outbox_table
from governance import audit
from governance.authority import Office, viewing
from governance.catalogue import Layer, Service, ServiceKind
from governance.catalogue.offers import add_services
from governance.environments import EnvironmentSpec, Protection
from governance.installation import set_business_clock
from governance.tasks import Task, inbox
from tenants.needs import (
    Alternative,
    ItemUse,
    Likeness,
    Need,
    Proposal,
    Questions,
    agree,
    approve_need,
    likenesses,
    need_of,
    propose,
    state_need,
)
from tenants.needs.model import DataKind, Effect, Urgency, Users
from tests.tenants.conftest import FlatEstimator

QUESTIONS = Questions(
    agency="hrss",
    zh="社保待遇网上申领",
    en="Benefits claimed online",
    system="portal",
    purpose="让参保人在网上申领养老、失业、工伤待遇,并查询办理进度,减少窗口排队",
    users=(Users("参保人", 2_000_000), Users("经办人员", 300)),
    data=(DataKind("参保登记", "sensitive", 800, 20),),
    capabilities=("待遇资格核验",),
    peak=5_000,
    service_hours="7×24",
    protection=Protection.LEVEL_2,
    deadline=date(2026, 9, 30),
    today="窗口受理,纸质材料,三台旧服务器",
    effects=(Effect("网上申领比例", "80%"),),
)
PERMITS = Questions(
    agency="housing",
    zh="施工许可在线审批",
    en="Building permits online",
    system="permits",
    purpose="建筑工程施工许可证的申报、踏勘、发证全部线上完成,监管工地安全",
    users=(Users("施工企业", 4_000),),
    data=(DataKind("工程档案", "internal", 300, 5),),
    capabilities=(),
    peak=400,
    service_hours="5×8",
    protection=Protection.LEVEL_2,
    deadline=date(2026, 12, 31),
    today="纸质申报",
    effects=(Effect("办理时限", "5 个工作日"),),
)
ALIKE = replace(
    PERMITS,
    zh="住房补贴网上申领",
    en="Housing benefits claimed online",
    purpose="让参保人在网上申领住房补贴,并查询办理进度,减少窗口排队",
    users=(Users("参保人", 100_000),),
    capabilities=("待遇资格核验",),
)
URGENT = replace(QUESTIONS, urgent=Urgency("emergency", "台风后集中受理失业补助", date(2026, 5, 1)))


class FlatItems:
    """Fifty yuan an item and month."""

    def __call__(
        self, transaction: Transaction, agency: str, items: Sequence[ItemUse], at: datetime
    ) -> tuple[int, Sequence[Mapping[str, Any]]]:
        return 5_000 * len(items), [{"service": one.service, "amount": 5_000} for one in items]


@dataclass
class LentQuota:
    """What is lent, by subject."""

    lent: dict[str, Mapping[str, int]] = field(default_factory=dict)

    def lend(
        self,
        transaction: Transaction,
        *,
        subject: str,
        agency: str,
        use: Mapping[str, int],
        at: datetime,
        until: datetime,
    ) -> None:
        self.lent[subject] = use

    def take_back(self, transaction: Transaction, *, subject: str, at: datetime) -> None:
        self.lent.pop(subject, None)


@dataclass
class City:
    """Everybody, and what each of them does."""

    office: Office
    people: dict[str, str]
    spec: EnvironmentSpec
    blobs: BlobStore
    quota: LentQuota = field(default_factory=LentQuota)

    def state(self, questions: Questions = QUESTIONS, account: str = "hrss-1", **how: Any) -> Need:
        return state_need(self.office, self.people[account], questions, **how)[0]

    def alternatives(self, agency: str) -> tuple[Alternative, ...]:
        spec = self.spec if agency == self.spec.agency else None
        items = (ItemUse("cloud-host", "vcpu", 1),) if spec is None else ()  # type: ignore[arg-type]
        small = Alternative("small", "小", "Small", "够用", spec, items)
        return (small, replace(small, id="large", zh="大", en="Large", reason="留有余量"))

    def propose(self, need: Need, account: str = "operator-1", **changed: Any) -> Proposal:
        alternatives = changed.pop("alternatives", self.alternatives(need.agency))
        return propose(
            self.office,
            self.people[account],
            need.number,
            alternatives,
            **{
                "recommended": "small",
                "estimator": FlatEstimator(),
                "item_estimator": FlatItems(),
                **changed,
            },
        )[0]

    def agree(self, need: Need, account: str = "") -> Need:
        proposal = self.propose(need)
        who = self.people[account or f"{need.agency}-1"]
        return agree(self.office, who, need.number, "small", digest=proposal.digest)[0]

    def approve(self, need: Need, account: str = "bureau-1") -> Need:
        agreed = need if need.state.value == "agreed" else self.agree(need)
        return approve_need(self.office, self.people[account], need.number, digest=agreed.decision_digest)[0]

    def now_of(self, need: Need | str, account: str = "bureau-1") -> Need:
        number = need if isinstance(need, str) else need.number
        with viewing(self.office, self.people[account]) as view:
            return need_of(view.transaction, view.scope, number)

    def pairs(self, *needs: Need, account: str = "bureau-1") -> list[Likeness]:
        with viewing(self.office, self.people[account]) as view:
            return list(likenesses(view, *(need.number for need in needs)))

    def inbox(self, account: str) -> list[Task]:
        with viewing(self.office, self.people[account]) as view:
            return list(inbox(view))

    def waits(self, account: str) -> list[str]:
        """The kinds of the tasks in an inbox, in order of their names."""
        return sorted(task.kind for task in self.inbox(account))

    def entries(self) -> list[str]:
        with self.office.store.reading() as transaction:
            return [entry.event for entry in audit.entries(transaction)]

    def topics(self) -> list[str]:
        with self.office.store.reading() as transaction:
            rows = transaction.rows(select(outbox_table.c.topic).order_by(outbox_table.c.number))
            return [row["topic"] for row in rows]

    def clock(self, instant: datetime) -> None:
        with self.office.store.transaction() as transaction:
            set_business_clock(transaction, instant, self.office.clocks.real)


@pytest.fixture
def city(governed: Office, people: dict[str, str], spec: EnvironmentSpec, tmp_path: Path) -> City:
    with governed.store.transaction() as transaction:
        licence = Service("e-licence", Layer.SUPPORT, ServiceKind.RESOURCE, "电子证照", "E-licence", (), ())
        add_services(transaction, [licence])
    return City(governed, people, spec, BlobStore(tmp_path))
