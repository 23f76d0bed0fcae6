"""Writes the next migration from the difference between the newest one and the tables: review it, then commit it.

Usage: .venv/bin/python tools/new_migration.py "what changes". Then set ``wiring.database.HEAD``.

What to look at: a new column that may not be empty needs a value for the rows that stand (``server_default``, or fill
it and then forbid); a renamed one is written as dropped and added; what ``downgrade`` makes again has SQLite's types:
write ours (``Instant()``, ``Document()``, ``Exact(…)``, ``BigInteger``), or PostgreSQL gets texts. The triggers of
append-only tables are written too: also where SQLite changes such a table by making it anew, and loses them.
``tests/wiring/test_migrations.py`` runs it up and down on both databases with rows in every table.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

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
            command.revision(config, message=message, autogenerate=True, rev_id=revision)
        engine.dispose()
    [path] = folder.glob(f"versions/{revision}_*.py")
    path.write_text(with_triggers(plainer(path.read_text(encoding="utf-8"))), encoding="utf-8")
    for order in (["format"], ["check", "--fix"], ["format"]):
        subprocess.run([RUFF, *order, "--quiet", path], check=True)
    return path


def plainer(text: str) -> str:
    """Without Alembic's remarks, and without what our tables note for the program."""
    text = re.sub(r"    # ### .* ###\n", "", text)
    return re.sub(r",\n?\s*info=\{[^}]*\}", "", text)


def with_triggers(text: str) -> str:
    """With the triggers of every append-only table that a step makes, or that SQLite makes anew."""
    reasons = {table.name: table.info[REASON] for table in metadata.sorted_tables if REASON in table.info}
    up, marker, down = text.partition("def downgrade()")
    parts = []
    for part in (up, down):
        touched = re.findall(r"op\.(?:create_table|batch_alter_table)\(\s*['\"](\w+)", part)
        gone = re.findall(r"op\.drop_table\(\s*['\"](\w+)", part)
        lines = [_statements(name, reasons[name]) for name in dict.fromkeys(touched) if name in reasons.keys() - gone]
        parts.append(part.rstrip("\n") + "\n" + "".join(lines) + ("\n\n" if part is up else ""))
    text = marker.join(parts)
    if "append_only_statements" in text:
        text = text.replace("from alembic import op\n", "from alembic import op\n" + _IMPORT, 1)
    return text


_IMPORT = "from foundation.store import append_only_statements\n"


def _statements(table: str, reason: str) -> str:
    return (
        f'    for statement in append_only_statements("{table}", "{reason}", dialect=op.get_bind().dialect.name):\n'
        "        op.execute(statement)\n"
    )


if __name__ == "__main__":
    sys.stdout.write(f"{main(' '.join(sys.argv[1:]))}\n")
