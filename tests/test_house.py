"""The rules of the house that a linter cannot hold. Each failure names file and line; each exception says why."""

from __future__ import annotations

import ast
import importlib
import json
import re
import string
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from configparser import ConfigParser
from functools import cache
from pathlib import Path

import grimp
import pytest

from foundation.values.errors import GuanyunError

ROOT = Path(__file__).resolve().parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PACKAGES: list[str] = PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]

CLOCKS_AND_CHANCE = re.compile(
    r"datetime\.datetime\.(now|utcnow|today)|datetime\.date\.today|time\.time(_ns)?|uuid\.uuid[14]"
    r"|random\.\w+|secrets\.\w+|os\.urandom|foundation\.values\.ids\.random_ids"
)
EDGES = {
    "cli/": "a door: it reads the wall clock for its own process",
    "wiring/": "binds the clock, the identifiers and the randomness",
    "foundation/values/ids.py": "defines the random identifiers that wiring binds",
    "infra/program.py": "the seed of first passwords, made once where an engine's home has none: also by hand",
    "infra/provider/clients.py": "the default jitter between retries, which a test replaces",
    "infra/sandbox/": "stands in for a cloud, which has its own clock and chance; its journal records both",
}
NO_PACKAGES = {"wiring/migrations": "Alembic runs these files by path; importing them would run them"}
MODULES_OVER_400_LINES: dict[str, str] = {
    "wiring/migrations/versions/0001_the_first_story.py": "written by Alembic: every table of the first story",
    "wiring/migrations/versions/0003_governance_and_agencies.py": "written by Alembic, and the rows it moves",
}
FLOATS: dict[str, str] = {}
HEAVY = {
    *("alembic", "boto3", "botocore", "duckdb", "moto", "pulumi", "pyarrow", "pydantic_settings"),
    *("sqlalchemy", "typst", "xlsxwriter"),
    *("apscheduler", "dbos", "fastapi", "prometheus_client", "structlog", "uvicorn"),
}
REACHES_ONLY = {
    # A room, and everything it may reach by any chain of imports; every other package is refused, ours or not.
    "billing.verification": frozenset(
        {
            *("billing.verification", "billing.rating", "billing.statements.model", "billing.statements.recompute"),
            *("billing.errors", "billing.items.errors", "billing.items.model", "billing.items.pricing"),
            *(f"billing.settlement.{pure}" for pure in ("breakdown", "computing", "errors", "lines", "model", "parts")),
            *("foundation.evidence", "foundation.values", "governance.sla"),
            "cryptography",
        }
    ),
}
IMPORTS_ONLY = {
    # A room, and all of ours that its own modules may import.
    "infra.provider": frozenset({"infra.provider", "foundation.values"}),
}


def sources() -> list[Path]:
    """Every module of ours, tests and set-up left out."""
    return sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def inside(module: str, prefixes: frozenset[str]) -> bool:
    return any(module == prefix or module.startswith(f"{prefix}.") for prefix in prefixes)


def origins(module: ast.Module) -> dict[str, str]:
    """Local name → dotted origin, for every import of the module."""
    found: dict[str, str] = {}
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            for alias in node.names:
                local = alias.asname or alias.name.partition(".")[0]
                found[local] = alias.name if alias.asname else local
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return found


def references(module: ast.Module) -> Iterator[tuple[ast.expr, str]]:
    """Every expression that is an imported name, or an attribute of one, with its dotted origin."""
    known = origins(module)
    for node in ast.walk(module):
        parts: list[str] = []
        inner: ast.AST = node
        while isinstance(inner, ast.Attribute):
            parts.append(inner.attr)
            inner = inner.value
        if isinstance(node, ast.expr) and isinstance(inner, ast.Name) and inner.id in known:
            yield node, ".".join([known[inner.id], *reversed(parts)])


def run(*command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=60, check=False)


@cache
def files_of_the_repository() -> list[Path]:
    """Tracked files, and those that would be added next."""
    listed = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=ROOT)
    if listed.returncode:
        pytest.skip("not a git checkout, so no list of tracked files")
    return [path for path in (ROOT / part for part in sorted(set(listed.stdout.split("\0"))) if part) if path.is_file()]


@cache
def import_graph() -> grimp.ImportGraph:
    return grimp.build_graph(*PACKAGES, include_external_packages=True, cache_dir=None)


# One list of packages


def test_every_list_of_packages_names_the_folders_that_are_there() -> None:
    linter = ConfigParser()
    linter.read(ROOT / ".importlinter", encoding="utf-8")
    folders = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert folders == set(PACKAGES)
    assert folders == set(PYPROJECT["tool"]["mypy"]["packages"])
    assert folders == set(linter["importlinter"]["root_packages"].split())


def test_each_package_resolves_to_this_checkout(tmp_path: Path) -> None:
    """The public index has packages of some of these names; from any other folder, ours must win."""
    program = (
        "import importlib.util, json, sys;"
        "print(json.dumps({name: importlib.util.find_spec(name).origin for name in sys.argv[1:]}))"
    )
    found = run(sys.executable, "-c", program, *PACKAGES, cwd=tmp_path)
    assert found.returncode == 0, found.stderr
    assert json.loads(found.stdout) == {package: str(ROOT / package / "__init__.py") for package in PACKAGES}


# What rooms may import (the floors themselves are in .importlinter)


def not_yet(room: str) -> bool:
    return room not in import_graph().modules


@pytest.mark.parametrize("room", REACHES_ONLY)
def test_a_pure_room_reaches_nothing_else_by_any_way(room: str) -> None:
    if not_yet(room):
        pytest.skip(f"{room} is not built yet")
    graph = import_graph()
    allowed = REACHES_ONLY[room] | sys.stdlib_module_names
    wrong = [module for module in graph.find_upstream_modules(room, as_package=True) if not inside(module, allowed)]
    chains = [" → ".join(graph.find_shortest_chain(room, module, as_packages=True) or (module,)) for module in wrong]
    assert sorted(chains) == []


@pytest.mark.parametrize("room", IMPORTS_ONLY)
def test_a_guarded_room_imports_nothing_else_of_ours(room: str) -> None:
    if not_yet(room):
        pytest.skip(f"{room} is not built yet")
    graph = import_graph()
    wrong = {
        f"{module} → {imported}"
        for module in graph.find_descendants(room) | {room}
        for imported in graph.find_modules_directly_imported_by(module)
        if imported.partition(".")[0] in PACKAGES and not inside(imported, IMPORTS_ONLY[room])
    }
    assert wrong == set()


def test_verification_loads_no_database_and_no_cloud(tmp_path: Path) -> None:
    """Also through the ``__init__`` of the packages above it, which a graph of imports does not count."""
    if not_yet("billing.verification"):
        pytest.skip("billing.verification is not built yet")
    program = "import json, sys, billing.verification; print(json.dumps(sorted(sys.modules)))"
    found = run(sys.executable, "-c", program, cwd=tmp_path)
    assert found.returncode == 0, found.stderr
    assert sorted(HEAVY & set(json.loads(found.stdout))) == []


def test_help_loads_nothing_heavy(tmp_path: Path) -> None:
    command = Path(sys.executable).with_name("guanyun")
    found = run(sys.executable, "-X", "importtime", str(command), "--help", cwd=tmp_path)
    assert found.returncode == 0, found.stdout + found.stderr[-800:]
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in found.stderr.splitlines() if "|" in line}
    assert "cli" in loaded
    assert sorted(HEAVY & loaded) == []


# What modules look like


def test_every_module_starts_with_a_docstring() -> None:
    assert [
        name(path) for path in [*sources(), *(ROOT / "bench").glob("*.py")] if not ast.get_docstring(tree(path))
    ] == []


def test_every_package_says_what_it_owns() -> None:
    """In more than a line: what it owns, and what it leaves to others. A folder without ``__init__`` is no package."""
    bare = {name(path.parent) for path in sources() if not (path.parent / "__init__.py").exists()}
    assert {folder for folder in bare if not folder.startswith(tuple(NO_PACKAGES))} == set()
    thin = [
        name(path)
        for path in sources()
        if path.name == "__init__.py" and len((ast.get_docstring(tree(path)) or "").splitlines()) < 2
    ]
    assert thin == []


def test_modules_over_400_lines_have_a_reason() -> None:
    long = {name(path) for path in sources() if len(path.read_text(encoding="utf-8").splitlines()) > 400}
    assert long == set(MODULES_OVER_400_LINES)


# Money, time, chance, scope


def test_no_float_touches_money() -> None:
    """No float literal and no ``float``, but to refuse one: ``isinstance(value, float)``."""
    wrong = []
    for path in sources():
        where = name(path)
        if where in FLOATS or not where.startswith(("billing/", "governance/", "foundation/values/money.py")):
            continue
        refusals = {
            id(part)
            for node in ast.walk(tree(path))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "isinstance"
            for part in ast.walk(node)
        }
        for node in ast.walk(tree(path)):
            literal = isinstance(node, ast.Constant) and isinstance(node.value, float | complex)
            called = isinstance(node, ast.Name) and node.id == "float" and id(node) not in refusals
            if literal or called:
                wrong.append(f"{where}:{node.lineno}")  # type: ignore[attr-defined]
    assert wrong == []


def test_clock_ids_and_chance_come_in_as_arguments() -> None:
    wrong = sorted(
        f"{name(path)}:{node.lineno} {origin}"
        for path in sources()
        if not name(path).startswith(tuple(EDGES))
        for node, origin in references(tree(path))
        if CLOCKS_AND_CHANCE.fullmatch(origin)
    )
    assert wrong == []
    assert [edge for edge in EDGES if not (ROOT / edge).exists()] == []


def test_only_the_policy_makes_a_scope() -> None:
    wrong = []
    for path in sources():
        if name(path).startswith("governance/authority"):
            continue
        known = origins(tree(path))
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
                called = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
                if known.get(called, called).rpartition(".")[2] == "Scope":
                    wrong.append(f"{name(path)}:{node.lineno}")
    assert wrong == []


# Errors


def errors_of_ours() -> list[type[GuanyunError]]:
    for path in sources():
        if path.name == "errors.py":
            importlib.import_module(name(path).removesuffix(".py").replace("/", "."))

    def below(cls: type[GuanyunError]) -> Iterator[type[GuanyunError]]:
        for child in cls.__subclasses__():
            yield child
            yield from below(child)

    return sorted(
        {cls for cls in below(GuanyunError) if cls.__module__.split(".")[0] in PACKAGES}, key=lambda c: c.code
    )


def placeholders(text: str) -> set[str]:
    """The facts a text uses; ``what_zh`` and ``what_en`` are one fact in its two languages."""
    fields = (field for _, field, _, _ in string.Formatter().parse(text) if field is not None)
    return {re.sub(r"_(zh|en)$", "", field) for field in fields}


def test_every_error_has_its_own_code() -> None:
    own = [cls for cls in errors_of_ours() if "code" not in vars(cls)]
    codes = Counter(cls.code for cls in errors_of_ours())
    assert own == []
    assert [code for code, count in codes.items() if count > 1] == []
    assert [code for code in codes if not re.fullmatch(r"[a-z]+(\.[a-z0-9]+(-[a-z0-9]+)*)+", code)] == []


def test_every_error_speaks_both_languages_with_the_same_facts() -> None:
    wrong = []
    for cls in errors_of_ours():
        if not {"zh", "en"} & set(vars(cls)) and cls.__subclasses__():
            continue  # a base, never raised itself
        if not {"zh", "en"} <= set(vars(cls)):
            wrong.append(f"{cls.__qualname__}: lacks a language")
        elif not re.search(r"[一-鿿]", cls.zh) or re.search(r"[一-鿿]", cls.en):
            wrong.append(f"{cls.__qualname__}: a text is in the wrong language")
        elif placeholders(cls.zh) != placeholders(cls.en):
            wrong.append(f"{cls.__qualname__}: {placeholders(cls.zh) ^ placeholders(cls.en)} is in one text only")
    assert wrong == []


# What is tracked, and the commands

# Written in parts, so that this file does not name what it forbids.
REGISTRY_HOSTS = re.compile(
    "|".join(
        rf"\b{host}\.{end}\b"
        for host, end in [
            (r"pypi|pythonhosted|proxy\.golang|sum\.golang|deb\.debian|ftp\.debian|goproxy", r"(org|io|cn|com)"),
            (r"registry\.npmjs|registry\.yarnpkg|unpkg|crates|static\.crates|index\.crates", r"(org|com|io)"),
            (r"ghcr|quay|docker|rubygems|repo1?\.maven|anaconda|get\.pulumi", r"(io|com|org)"),
            (r"mirrors?\.[a-z.]+", r"(edu\.cn|com|cn|org)"),
        ]
        for host in [f"({host})"]
    )
)
MACHINE_PATHS = re.compile(r"(?<![\w./$}-])/(?:work|root|home/\w+|Users/\w+)/")


@pytest.mark.parametrize("forbidden", [REGISTRY_HOSTS, MACHINE_PATHS], ids=["registry host", "path of one machine"])
def test_no_tracked_file_is_tied_to_one_place(forbidden: re.Pattern[str]) -> None:
    wrong = []
    for path in files_of_the_repository():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a picture or a workbook
        for number, line in enumerate(text.splitlines(), 1):
            if match := forbidden.search(line):
                wrong.append(f"{name(path)}:{number} {match[0]}")
    assert wrong == []


def test_the_patterns_of_places_find_what_they_should() -> None:
    assert REGISTRY_HOSTS.search("--index-url https://py" + "pi.org/simple")
    assert REGISTRY_HOSTS.search("https://files.python" + "hosted.org/packages")
    assert REGISTRY_HOSTS.search("GOPROXY=https://proxy.go" + "lang.org")
    assert not REGISTRY_HOSTS.search("golang.org/x/net v0.1.0 h1:abc")
    assert MACHINE_PATHS.search("see /wo" + "rk/main/x")
    assert MACHINE_PATHS.search('"/ho' + 'me/someone/x"')
    assert not MACHINE_PATHS.search("../work/x https://host/work/x $HOME/work/")


def test_the_engine_has_one_version_everywhere() -> None:
    module = (ROOT / "tools/pulumi-cli/go.mod").read_text(encoding="utf-8")
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    versions = set(re.findall(r"github\.com/pulumi/pulumi/(?:pkg|sdk)/v3 v(\S+)", module))
    assert len(versions) == 1
    (version,) = versions
    assert f"pulumi=={version}" in PYPROJECT["project"]["dependencies"]
    assert re.search(rf"^pulumi=={re.escape(version)} ", lock, re.MULTILINE)


def test_continuous_integration_runs_the_test_command_of_the_readme() -> None:
    steps = [
        line
        for line in (ROOT / ".ci/run").read_text(encoding="utf-8").splitlines()
        if line and not line.startswith(("#", "set ", "cd "))
    ]
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert steps == ["make test"]
    assert re.search(r"^\s*make test\b", readme, re.MULTILINE)
    assert re.search(r"^\s*make demo\b", readme, re.MULTILINE)


def test_decision_records_are_numbered_and_complete() -> None:
    records = sorted((ROOT / "docs/decisions").glob("*.md"))
    assert [path.name[:4] for path in records] == [f"{number:04d}" for number in range(1, len(records) + 1)]
    parts = ["Context", "Options", "Decision", "Consequences"]
    wrong = [
        path.name
        for path in records
        if re.findall(r"^## (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE) != parts
    ]
    assert wrong == []
