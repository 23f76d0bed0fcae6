"""Writes the next migration from the difference between the newest one and the tables: review it, then commit it.

Usage: .venv/bin/python tools/new_migration.py "what changes". Then set ``wiring.database.HEAD``.

What to look at: a new column that may not be empty needs a value for the rows that stand (``server_default``, or fill
it and then forbid); a renamed one is written as dropped and added; a decimal of a table that ``downgrade`` makes again
is a text in SQLite: write ``Exact(…)``. What Alembic leaves out is written too: checks that come to a table that
stands, and the triggers of append-only tables, also where SQLite changes such a table by making it anew and loses them.
Walls (``foundation.store.walls``) need nothing: they are put up by themselves.
``tests/wiring/test_migrations.py`` runs it up and down on both databases with rows in every table.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, Connection, create_engine, inspect

from foundation.store import REASON, metadata

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "wiring" / "migrations"
RUFF = ROOT / ".venv" / "bin" / "ruff"


def main(message: str, folder: Path = FOLDER) -> Path:
    """Make the file in a folder of migrations; returns its path."""
    config = Config()
    config.set_main_option("script_location", str(folder))
    newest = ScriptDirectory.from_config(config).get_current_head()
    revision = f"{int(newest or 0) + 1:04d}"
    with TemporaryDirectory() as temporary:
        engine = create_engine(f"sqlite:///{temporary}/empty.db")
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            # Only a table that stands needs SQLite's copy-and-move; the first migration makes them all.
            config.attributes["batch"] = newest is not None
            if newest is not None:
                command.upgrade(config, "head")
            standing = checks_that_stand(connection)
            command.revision(config, message=message, autogenerate=True, rev_id=revision)
        engine.dispose()
    [path] = folder.glob(f"versions/{revision}_*.py")
    text = with_checks(plainer(path.read_text(encoding="utf-8")), standing)
    path.write_text(with_triggers(text), encoding="utf-8")
    for order in (["format"], ["check", "--fix"], ["format"]):
        subprocess.run([RUFF, *order, "--quiet", path], check=True)
    return path


def plainer(text: str) -> str:
    """Without Alembic's remarks, without what our tables note for the program, in types that both databases have."""
    text = re.sub(r"    # ### .* ###\n", "", text)
    text = re.sub(r",\n?\s*info=\{[^}]*\}", "", text)
    for digit, word in (("1", "true"), ("0", "false")):
        text = re.sub(rf"(sa\.Boolean\(\), server_default=)sa\.text\(['\"]{digit}['\"]\)", rf"\1sa.{word}()", text)
    up, marker, down = text.partition("def downgrade()")
    for found, ours in _TYPES.items():
        down = re.sub(rf"(sa\.Column\(['\"]\w+['\"], ){found}", rf"\1{ours}", down)
    return up + marker + down


_TYPES = {
    r"sa\.VARCHAR\(length=27\)": "Instant()",
    r"sa\.VARCHAR\(": "sa.String(",
    r"sa\.TEXT\(\)": "sa.Text()",
    r"sa\.BIGINT\(\)": "sa.BigInteger()",
    r"sa\.INTEGER\(\)": "sa.Integer()",
    r"sa\.BOOLEAN\(\)": "sa.Boolean()",
}
"""What SQLite says a column is → what it was made as."""


def checks_that_stand(connection: Connection) -> Mapping[str, frozenset[str]]:
    """Table of the newest migration → the names of its check constraints."""
    found = inspect(connection)
    return {
        table: frozenset(str(check["name"]) for check in found.get_check_constraints(table))
        for table in found.get_table_names()
    }


def with_checks(text: str, standing: Mapping[str, frozenset[str]]) -> str:
    """With every check constraint that comes to a table that stands, at the end of what else comes to it."""
    up, marker, down = text.partition("def downgrade()")
    for table in metadata.sorted_tables:
        if table.name not in standing:
            continue
        coming = {
            str(check.name): check
            for check in table.constraints
            if isinstance(check, CheckConstraint) and str(check.name) not in standing[table.name]
        }
        for name, check in sorted(coming.items()):
            sql = str(check.sqltext)
            up = _in_batch(up, table.name, f'create_check_constraint(batch_op.f("{name}"), "{sql}")', last=True)
            down = _in_batch(down, table.name, f'drop_constraint(batch_op.f("{name}"), type_="check")', last=False)
    return up + marker + down


def _in_batch(part: str, table: str, order: str, *, last: bool) -> str:
    """With one order more in the block that changes ``table``, which is made where there is none."""
    line = f"        batch_op.{order}\n"
    head = rf"    with op\.batch_alter_table\(['\"]{table}['\"], schema=None\) as batch_op:\n"
    found = re.search(head + r"(?:        .*\n)+", part)
    if found is None:
        block = f'    with op.batch_alter_table("{table}", schema=None) as batch_op:\n{line}\n'
        if last:
            return part.rstrip("\n") + f"\n\n{block}\n\n"
        return re.sub(r"(-> None:\n)", lambda begun: begun.group(0) + block, part, count=1)
    at = found.end() if last else re.search(head, part).end()  # type: ignore[union-attr]
    return part[:at] + line + part[at:]


def with_triggers(text: str) -> str:
    """With the triggers of every append-only table that a step makes, or that SQLite makes anew."""
    reasons = {table.name: table.info[REASON] for table in metadata.sorted_tables if REASON in table.info}
    up, marker, down = text.partition("def downgrade()")
    parts = []
    for part in (up, down):
        touched = re.findall(r"op\.(?:create_table|batch_alter_table)\(\s*['\"](\w+)", part)
        gone = re.findall(r"op\.drop_table\(\s*['\"](\w+)", part)
        names = [name for name in dict.fromkeys(touched) if name in reasons.keys() - gone]
        parts.append(part.rstrip("\n") + "\n" + _loop({name: reasons[name] for name in names}))
    text = f"\n\n{marker}".join(parts)
    if "append_only_statements" in text:
        text = text.replace("from alembic import op\n", "from alembic import op\n" + _IMPORT, 1)
    return text


_IMPORT = "from foundation.store import Instant, append_only_statements\n"


def _loop(reasons: Mapping[str, str]) -> str:
    if not reasons:
        return ""
    return (
        "    append_only = {\n"
        + "".join(f'        "{table}": "{reason}",\n' for table, reason in reasons.items())
        + "    }\n"
        "    for table, reason in append_only.items():\n"
        "        for statement in append_only_statements(table, reason, dialect=op.get_bind().dialect.name):\n"
        "            op.execute(statement)\n"
    )


if __name__ == "__main__":
    sys.stdout.write(f"{main(' '.join(sys.argv[1:]))}\n")
