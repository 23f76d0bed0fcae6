"""Two agencies with systems, a data and an application-support service on offer, on either database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from governance.authority import Office
from governance.catalogue import Layer, Meter, MeterKind, Plan, Service, ServiceKind
from governance.catalogue.offers import add_services
from tenants.datasets import (
    DataItem,
    Dataset,
    Description,
    ItemGrade,
    Masking,
    Sharing,
    aggregate_dataset,
    compile_datasets,
    grade_dataset,
    mask_dataset,
    publish_dataset,
    review_dataset,
)

GRADES = {"identity": ItemGrade(3, Masking.HASH), "employer": ItemGrade(2, Masking.NONE)}


def described(**changed: Any) -> Description:
    """The employment register of hrss."""
    fields: dict[str, Any] = {
        "id": "employment",
        "zh": "就业登记",
        "en": "Employment",
        "system": "portal",
        "subject_area": "人社",
        "update_cycle": "每日",
        "sharing": Sharing.CONDITIONAL,
        "basis": "第十条",
        "plan": "query",
        "items": (
            DataItem("identity", "身份号码", "Identity", "文本", personal=True),
            DataItem("employer", "单位", "Employer", "文本", personal=False),
        ),
    }
    return Description(**{**fields, **changed})


@dataclass
class Directory:
    """Acts by account name."""

    office: Office
    tokens: dict[str, str]

    def compile(self, description: Description | None = None, account: str = "hrss-1") -> Dataset:
        return compile_datasets(self.office, self.tokens[account], [description or described()])[0][0]

    def go(self, dataset: Dataset, upto: str = "publish", *, other: str = "bureau-2") -> Dataset:
        """Through the steps, each by somebody who may, up to and with ``upto``."""
        office, at, digest = self.office, self.tokens, {"digest": dataset.digest}
        acts = {
            "review": lambda: review_dataset(office, at["bureau-1"], dataset.id, **digest),
            "aggregate": lambda: aggregate_dataset(office, at[other], dataset.id, **digest),
            "grade": lambda: grade_dataset(
                office, at["bureau-1"], dataset.id, **digest, category="就业", grades=GRADES
            ),
            "mask": lambda: mask_dataset(office, at["operator-1"], dataset.id, **digest, evidence=b"a,b"),
            "publish": lambda: publish_dataset(office, at[other], dataset.id, **digest),
        }
        done = dataset
        for name, act in acts.items():
            done, new = act()
            assert new, name
            assert act()[1] is False, f"{name} typed again changes nothing"
            if name == upto:
                return done
        return done


@pytest.fixture
def directory_of(governed: Office, people: dict[str, str]) -> Directory:
    calls = Meter("calls", MeterKind.COUNT, "次数", "Calls", "次", "call")
    offered = [
        Service(f"{code}-service", layer, ServiceKind.RESOURCE, code, code, (Plan(code, code, code, {}, {}),), (calls,))
        for code, layer in (("query", Layer.DATA), ("licence", Layer.SUPPORT))
    ]
    with governed.store.transaction() as transaction:
        add_services(transaction, offered)
    return Directory(governed, people)
