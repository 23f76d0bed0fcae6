"""A request form says what fits it, and every misfit by its question."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.catalogue import (
    Choice,
    FieldKind,
    FormField,
    Layer,
    Service,
    ServiceKind,
    check_form,
)

FORM = (
    FormField("name", FieldKind.TEXT, "名称", "Name", True, Decimal(2), Decimal(5)),
    FormField("users", FieldKind.INTEGER, "人数", "Users", False, Decimal(1), Decimal(1000)),
    FormField("share", FieldKind.DECIMAL, "比例", "Share", False, Decimal(0), Decimal("0.5")),
    FormField("zone", FieldKind.CHOICE, "区域", "Zone", choices=(Choice("in", "内", "in"), Choice("out", "外", "out"))),
    FormField("from", FieldKind.DATE, "日期", "From"),
    FormField("open", FieldKind.BOOLEAN, "公开", "Open"),
)
SERVICE = Service("s", Layer.DATA, ServiceKind.RESOURCE, "服务", "Service", (), (), form=FORM)


def wrong(**answers: object) -> list[str]:
    return [each.place.field for each in check_form(SERVICE, {"name": "好名字", **answers})]


@pytest.mark.parametrize(
    "answers",
    [
        {},
        {"users": 1, "share": "0.5", "zone": "in", "from": "2026-03-01", "open": True},
        {"users": "1000", "share": Decimal("0.25"), "zone": "out", "from": date(2026, 3, 1), "open": "false"},
        {"users": None, "zone": "", "from": "  "},
    ],
)
def test_answers_that_fit(answers: dict[str, object]) -> None:
    assert wrong(**answers) == []


@pytest.mark.parametrize(
    ("field", "answer"),
    [
        ("name", "一"),
        ("name", "一二三四五六"),
        ("name", 12),
        ("name", ""),
        ("name", None),
        ("users", 0),
        ("users", 1001),
        ("users", "1.5"),
        ("users", 1.0),
        ("users", True),
        ("users", "many"),
        ("users", "9" * 100),
        ("users", "1e999999999"),
        ("users", "NaN"),
        ("share", "0.51"),
        ("share", 0.25),
        ("zone", "up"),
        ("zone", ["in"]),
        ("from", "yesterday"),
        ("open", "yes"),
        ("other", "x"),
    ],
)
def test_an_answer_that_does_not_fit_is_found_at_its_question(field: str, answer: object) -> None:
    assert wrong(**{field: answer}) == [f"form.{field}"]


def test_every_misfit_is_told_in_both_languages() -> None:
    findings = check_form(SERVICE, {"users": -1, "zone": "up", "other": 1})
    assert [each.place.field for each in findings] == ["form.other", "form.name", "form.users", "form.zone"]
    assert all(each.zh and each.en for each in findings)
    assert "内" in findings[-1].zh


answers = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.decimals() | st.dates(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=3,
)


@given(st.dictionaries(st.sampled_from([field.code for field in FORM]) | st.text(), answers, max_size=6))
def test_no_answer_whatever_breaks_the_check(given_answers: dict[str, object]) -> None:
    check_form(SERVICE, given_answers)
