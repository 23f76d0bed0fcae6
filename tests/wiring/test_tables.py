"""One list of tables: a room that makes a table and is not on it would be missing from every database."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

from wiring.tables import ROOMS_WITH_TABLES, gather

ROOT = Path(__file__).resolve().parents[2]


def modules_that_make_a_table() -> set[str]:
    """Every module of ours that calls SQLAlchemy's ``Table``."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = settings["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for package in packages
        for path in sorted((ROOT / package).rglob("*.py"))
        if "migrations" not in path.parts and _makes_a_table(ast.parse(path.read_text(encoding="utf-8")))
    }


def _makes_a_table(tree: ast.Module) -> bool:
    names = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "sqlalchemy"
        for alias in node.names
        if alias.name == "Table"
    }
    modules = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
        if alias.name == "sqlalchemy"
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        if isinstance(called, ast.Name) and called.id in names:
            return True
        if (
            isinstance(called, ast.Attribute)
            and called.attr == "Table"
            and isinstance(called.value, ast.Name)
            and called.value.id in modules
        ):
            return True
    return False


def test_every_module_that_makes_a_table_is_gathered() -> None:
    assert modules_that_make_a_table() == set(ROOMS_WITH_TABLES)


def test_the_list_is_sorted_and_names_nothing_twice() -> None:
    assert list(ROOMS_WITH_TABLES) == sorted(set(ROOMS_WITH_TABLES))


def test_every_table_has_a_key() -> None:
    assert [table.name for table in gather().tables.values() if not table.primary_key.columns] == []
