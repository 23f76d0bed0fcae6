"""Every way past a reader's scope is known by name, with the reason why it may be there; a new one fails until listed.

Modules that call ``machine_scope()`` are listed, with their reasons, in ``tests/promises/test_isolation.py``
(``WHOLE_SCOPES``); here is what could be used in its place, and that it is called in no way that list would miss.
"""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from foundation.store.row_security import WIDE as MARK

ROOT = Path(__file__).resolve().parents[3]

AS_MACHINE = {
    "governance/projects/tables.py": "an id is taken or not, whoever has it",
    "governance/projects/versions.py": "whoever writes a version writes the copies of all who take part",
    "tenants/grants/turning.py": "the asker's register entry opens and closes by the holder's decision, or by the day",
    "tenants/requests/registering.py": "another's acceptance or decision opens and closes the asking agency's lines",
}
"""Modules that call ``Transaction.as_machine()``, and why."""
WIDE = {
    "foundation/store/scope.py": "says of each statement whether its scope is the whole one",
    "governance/tasks/opening.py": "an inbox takes tasks from whoever acts, also from who may not look into it",
    "tenants/needs/likeness_tables.py": "a new need is laid beside others'; only the bureau reads the pairs",
    "tenants/needs/tables.py": "a step of a need is told by whoever took it: operator, bureau, lead",
    "tenants/requests/evidence_tables.py": "checks and opinions on a request are written by who checks, not who asked",
}
"""Modules that mark a statement as nobody's own, and why."""
WHOLE = {"governance/authority/policy.py"}
"""Where a scope over everything is made: ``scope_of`` for who sees all agencies, ``machine_scope`` for nobody."""


SPOKEN = ("as_machine", "machine_scope", "WIDE", MARK, "Scope(")


@cache
def modules() -> tuple[tuple[str, ast.Module], ...]:
    """Every module of every package that is shipped, the doors among them, which says one of these words at all."""
    told = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages: list[str] = told["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    paths = sorted(path for package in packages for path in (ROOT / package).rglob("*.py"))
    texts = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in paths}
    return tuple((name, ast.parse(text)) for name, text in texts.items() if any(word in text for word in SPOKEN))


def where(wanted: Callable[[ast.AST], bool]) -> set[str]:
    """The modules with a node that is ``wanted``."""
    return {path for path, tree in modules() if any(wanted(node) for node in ast.walk(tree))}


def named(node: ast.AST) -> str:
    """The name a node speaks, with or without something before a dot."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def test_who_steps_out_of_a_readers_scope_is_known() -> None:
    assert where(lambda node: isinstance(node, ast.Attribute) and node.attr == "as_machine") == set(AS_MACHINE)


def test_who_writes_a_row_that_is_not_the_readers_is_known() -> None:
    found = where(lambda node: named(node) == "WIDE" or (isinstance(node, ast.Constant) and node.value == MARK))
    assert found - {"foundation/store/row_security.py"} == set(WIDE)


def test_a_scope_over_everything_is_made_in_one_place() -> None:
    """``Scope(None)``, ``Scope(agencies=None)``, and whatever gives it another value than agencies' names."""

    def makes(node: ast.AST) -> bool:
        if not isinstance(node, ast.Call) or named(node.func) != "Scope":
            return False
        given = [*node.args, *(keyword.value for keyword in node.keywords)]
        return any(isinstance(part, ast.Constant) and part.value is None for one in given for part in ast.walk(one))

    assert where(makes) == WHOLE


def test_the_machines_scope_is_called_by_its_own_name_and_never_handed_on() -> None:
    """Renamed, reached through its package or passed as a function, its use would be on nobody's list."""
    wrong = []
    for path, tree in modules():
        called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        for node in ast.walk(tree):
            renamed = isinstance(node, ast.alias) and node.name == "machine_scope" and node.asname
            reached = isinstance(node, ast.Attribute) and node.attr == "machine_scope"
            handed = isinstance(node, ast.Name) and node.id == "machine_scope" and id(node) not in called
            if renamed or reached or handed:
                wrong.append(f"{path}:{getattr(node, 'lineno', 0)}")
    assert wrong == []


@pytest.mark.parametrize("door", ["portal", "cli"])
def test_no_door_acts_for_nobody(door: str) -> None:
    """Whoever comes in through a door is somebody."""
    found = where(lambda node: named(node) in {"machine_scope", "as_machine"})
    assert [path for path in found if path.startswith(f"{door}/")] == []
