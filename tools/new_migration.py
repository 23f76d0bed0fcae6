"""Writes the next migration from the difference between the newest one and the tables: review it, then commit it.

Usage: .venv/bin/python tools/new_migration.py "what changes". Triggers are no tables: add their statements by hand
(``governance.audit.tables``, ``billing.ledger.tables`` say them), and set ``wiring.database.HEAD``.
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

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "wiring" / "migrations"


def main(message: str) -> Path:
    """Make the file; returns its path."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    newest = ScriptDirectory.from_config(config).get_current_head()
    revision = f"{int(newest or 0) + 1:04d}"
    with TemporaryDirectory() as folder:
        engine = create_engine(f"sqlite:///{folder}/empty.db")
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            # Only a table that stands needs SQLite's copy-and-move; the first migration makes them all.
            config.attributes["batch"] = newest is not None
            if newest is not None:
                command.upgrade(config, "head")
            command.revision(config, message=message, autogenerate=True, rev_id=revision)
    [path] = FOLDER.glob(f"versions/{revision}_*.py")
    text = path.read_text(encoding="utf-8")
    text = re.sub(r"    # ### .* ###\n", "", text)
    text = re.sub(r",\n    info=\{'guanyun_agency_column': '\w+'\}", "", text)
    path.write_text(text, encoding="utf-8")
    ruff = ROOT / ".venv" / "bin" / "ruff"
    subprocess.run([ruff, "check", "--fix", "--quiet", path], check=False)
    subprocess.run([ruff, "format", "--quiet", path], check=True)
    return path


if __name__ == "__main__":
    sys.stdout.write(f"{main(' '.join(sys.argv[1:]))}\n")
