"""Whatever is in a file, reading it ends in findings with a place, never in a traceback."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.yaml_documents import ExactDecimal, Form, Problems, Text, read_form


class Example(Form):
    name: Text
    price: ExactDecimal


def no_check(form: Example, problems: Problems) -> None:
    pass


def read(folder: Path, data: bytes) -> tuple[Example | None, list[tuple[int | None, str]]]:
    path = folder / "example.yaml"
    path.write_bytes(data)
    form, findings = read_form(path, Example, no_check)
    assert (form is None) == bool(findings)
    assert all(each.zh and each.en and each.place.file == "example.yaml" for each in findings)
    return form, [(each.place.row, each.place.field) for each in findings]


def test_a_quoted_decimal_is_kept_to_the_last_digit(tmp_path: Path) -> None:
    form, _ = read(tmp_path, b'name: a\nprice: "0.10000000000001"')
    assert form is not None
    assert form.price == Decimal("0.10000000000001")


@pytest.mark.parametrize("number", ["0.1", "1e3", "1.0", ".5", ".inf", ".nan"])
def test_a_bare_decimal_is_a_finding(tmp_path: Path, number: str) -> None:
    form, places = read(tmp_path, f"name: a\nprice: {number}".encode())
    assert form is None
    assert places == [(2, "price")]


@pytest.mark.parametrize(
    ("data", "places"),
    [
        (b"", [(None, "")]),
        (b"!", [(None, "")]),
        (b"null", [(None, "")]),
        (b"\xff\xfe\x00", [(None, "")]),
        (b"name: [", [(1, "")]),
        (b"- a\n- b", [(1, "")]),
        (b"name: a\nname: b\nprice: 1", [(1, "name")]),
        (b"name: &x a\nprice: 1\nother: *x", [(3, "other")]),
        (b"name: a\nprice: yes", [(2, "price")]),
        (b"name: a\nprice: '1e400'", [(2, "price")]),
        (b"name: a\nprice: " + b"[" * 3000, [(1, "")]),
        (b"name: a\nprice: " + b"[" * 30 + b"]" * 30, [(2, "price[0][0]"), (2, "price")]),
        (b"name: a\nprice: !!python/object/apply:os.system ['true']", [(2, "price")]),
        (b"name: a\nprice: 1\n" + b"#" * 2**20, [(None, "")]),
    ],
)
def test_a_bad_file_is_findings(tmp_path: Path, data: bytes, places: list[tuple[int | None, str]]) -> None:
    form, found = read(tmp_path, data)
    assert form is None
    assert [field for _, field in found] == [field for _, field in places]
    assert all(row is not None for row, field in found if field)


def test_a_file_that_is_not_there_is_a_finding(tmp_path: Path) -> None:
    form, findings = read_form(tmp_path / "absent.yaml", Example, no_check)
    assert form is None
    assert [each.code for each in findings] == ["governance.document.unreadable"]


@given(st.binary(max_size=200))
def test_any_bytes_end_in_a_form_or_in_findings(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    read(tmp_path_factory.mktemp("bytes"), data)
