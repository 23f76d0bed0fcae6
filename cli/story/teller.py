"""Types the story's lines, one login a person, and remembers which are done."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from cli.output import console
from cli.story.model import Chapter, Line


class StoryBroken(Exception):
    """A line ended otherwise than the story says: the line and its exit code."""

    def __init__(self, line: Line, code: int) -> None:
        super().__init__(line.name)
        self.line = line
        self.code = code


@dataclass
class Teller:
    """``progress`` is a file of the lines that are done; a killed run goes on behind the last of them."""

    home: Path
    passwords: dict[str, str]
    progress: Path
    done: list[str] = field(default_factory=list)
    typed: int = 0

    def __post_init__(self) -> None:
        if self.progress.exists():
            self.done = json.loads(self.progress.read_text(encoding="utf-8"))

    def tell(self, lines: Iterable[Chapter | Line], *, once: bool) -> None:
        """Type every line; with ``once`` those already done are passed over. Raises ``StoryBroken``."""
        heading: Chapter | None = None
        seen: Counter[str] = Counter()
        for each in lines:
            if isinstance(each, Chapter):
                heading = each
                continue
            seen[each.name] += 1
            name = f"{each.name} #{seen[each.name]}"  # the same words may be typed twice in a story
            if once and name in self.done:
                continue
            if heading is not None:
                console.rule(f"{heading.zh} · {heading.en}", align="left")
                heading = None
            self._type(each)
            if once:
                self._remember(name)

    def _type(self, line: Line) -> None:
        from cli.main import run

        if line.zh:
            console.print(f"# {line.zh} · {line.en}", style="dim", markup=False)
        shown = " ".join(self._short(word) for word in line.words)
        console.print(f"[bold cyan]{line.account or '任何人 anyone'}[/] $ guanyun {shown}", highlight=False)
        started = time.monotonic()
        self._log_in(line.account)
        code = run(list(line.words))
        self.typed += 1
        if code != line.expected:
            raise StoryBroken(line, code)
        console.print(f"  {time.monotonic() - started:.1f} s", style="dim")

    def _short(self, word: str) -> str:
        return word.replace(f"{self.home}/", "").replace(f"{Path.cwd()}/", "")

    def _log_in(self, account: str) -> None:
        """Point the session at this person's own token, logging in where there is none or it has expired."""
        from datetime import UTC, datetime

        from cli.main import run

        folder = self.home / "sessions"
        session = folder / f"{account or 'nobody'}.json"
        os.environ["GUANYUN_SESSION"] = str(session)
        if not account:
            return
        if session.exists():
            kept = json.loads(session.read_text(encoding="utf-8"))
            if datetime.fromisoformat(kept["expires"]) > datetime.now(UTC):
                return
        reading, writing = os.pipe()
        os.write(writing, self.passwords[account].encode() + b"\n")
        os.close(writing)
        console.quiet = True  # the line that follows says who types it
        code = run(["login", account, "--password-fd", str(reading)])
        console.quiet = False
        if code != 0:
            raise StoryBroken(Line(account, ("login", account)), code)

    def _remember(self, name: str) -> None:
        self.done.append(name)
        partial = self.progress.with_name(self.progress.name + ".part")
        partial.write_text(json.dumps(self.done, ensure_ascii=False, indent=0), encoding="utf-8")
        partial.replace(self.progress)
