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
from cli.story.duties import duty_of
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
    _held: dict[str, tuple[str, ...]] = field(default_factory=dict)

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
        self._log_in(line)
        code = run(list(line.words))
        self.typed += 1
        if code != line.expected:
            raise StoryBroken(line, code)
        console.print(f"  {time.monotonic() - started:.1f} s", style="dim")

    def _short(self, word: str) -> str:
        return word.replace(f"{self.home}/", "").replace(f"{Path.cwd()}/", "")

    def _log_in(self, line: Line) -> None:
        """Point the session at this person's own token, serving the duty that the line needs.

        Logs in where there is no login or it has ended; where it serves another duty, changes that.
        """
        from cli.context import served_duty

        session = self.home / "sessions" / f"{line.account or 'nobody'}.json"
        os.environ["GUANYUN_SESSION"] = str(session)
        if not line.account:
            return
        held = self._duties_of(line.account)
        needed, served = duty_of(line.words, held), served_duty()
        if served is None:
            self._say("login", line.account, "--duty", needed or held[0], password=self.passwords[line.account])
        elif needed not in {"", served}:
            self._say("login", "--switch", needed)

    def _duties_of(self, account: str) -> tuple[str, ...]:
        from cli.context import settings
        from governance.parties import account_of
        from wiring.application import open_application

        if account not in self._held:
            opened = open_application(settings())
            with opened.store.reading() as transaction:
                found = account_of(transaction, account)
            opened.store.close()
            self._held[account] = () if found is None else tuple(sorted(found.duties))
        return self._held[account]

    def _say(self, *words: str, password: str = "") -> None:
        """Type a line about the login itself; the line that follows says who types it."""
        from cli.main import run

        more: tuple[str, ...] = ()
        if password:
            reading, writing = os.pipe()
            os.write(writing, password.encode() + b"\n")
            os.close(writing)
            more = ("--password-fd", str(reading))
        console.quiet = True
        code = run([*words, *more])
        console.quiet = False
        if code != 0:
            raise StoryBroken(Line("", words), code)

    def _remember(self, name: str) -> None:
        self.done.append(name)
        partial = self.progress.with_name(self.progress.name + ".part")
        partial.write_text(json.dumps(self.done, ensure_ascii=False, indent=0), encoding="utf-8")
        partial.replace(self.progress)
