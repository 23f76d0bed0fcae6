"""Draws docs/demo.svg from a demo that was told: the settlement and its proof, as the terminal shows them.

Usage: .venv/bin/python tools/demo_picture.py HOME
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main(home: Path) -> None:
    """Type the commands in ``home`` and keep what they print."""
    os.environ.update(GUANYUN_HOME=str(home), GUANYUN_SESSION=str(home / "sessions" / "li.qiang.json"))
    os.chdir(home)
    from rich.console import Console

    import cli.output
    from cli.main import run

    recording = Console(record=True, width=112, highlight=False, emoji=False, file=Path(os.devnull).open("w"))
    cli.output.console = recording
    import cli.bills

    cli.bills.console = recording  # type: ignore[attr-defined]
    settlement = "S-C-2026-01-2026-03"
    keys = ("--handed-out", "handed-out", "--keys", "public-keys")
    for words in (
        ("settlement", "show", settlement),
        ("verify", f"out/{settlement}.pack", *keys),
    ):
        recording.print(f"[bold cyan]$[/] guanyun {' '.join(words)}")
        run(list(words))
    svg = recording.export_svg(title="make demo · 管运 Guanyun")
    svg = re.sub(r"@font-face \{.*?\}\n", "", svg, flags=re.DOTALL)  # no font from somebody's server
    (ROOT / "docs" / "demo.svg").write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
