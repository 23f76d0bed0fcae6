"""``guanyun demo``: an installation to try, and the story of its first month."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from cyclopts import App

from cli.context import settings
from cli.output import console, errors, say

if TYPE_CHECKING:
    from cli.story.model import RoomFile, Stage

app = App(name="demo", help="Make and run the demo 演示")

START = "2026-02-24T09:00:00+08:00"


@app.command
def init(*, start: str = START) -> None:
    """Make parties, persons, accounts and keys in an empty database, its business clock at ``start``.

    Example: guanyun demo init
    """
    from foundation.values.instant import parse_instant
    from wiring.demo import init_demo

    made = init_demo(settings(), start=parse_instant(start, field="start"))
    say(
        f"已建立演示:{made.parties} 个单位,{made.persons} 个自然人,{made.accounts} 个账号,{made.keys} 把密钥",
        f"demo made: {made.parties} parties, {made.persons} persons, {made.accounts} accounts, {made.keys} keys",
    )
    say(f"各账号的密码在 {made.passwords}", f"the accounts' passwords are in {made.passwords}")


@app.command
def run(  # noqa: PLR0913 - every input of the story can be another file
    *,
    home: Path | None = None,
    room: Path | None = None,
    systems: Path | None = None,
    agency: str = "hrss",
    project: str = "P-HRSS-2026-01",
    fund_source: str = "一般公共预算",
    at_least: int = 25,
    fewest: int = 8,
    most: int = 16,
    traces: list[Path] | None = None,
) -> int:
    """Tell two agencies' March 2026 from contract to paid settlement, through every real part.

    Run again, it goes on where it stopped; when all is done it changes nothing and checks everything once more.

    Example: guanyun demo run --room ../shared/data/rvtools/sizing-workshop.xlsx --traces day1.tar.gz

    Parameters
    ----------
    home: where the demo lives (default .guanyun/demo)
    room: another RVTools workbook for ``agency``, beside the example's other agency
    systems: the systems.yaml of that workbook; without one the proposed systems are accepted
    agency: whose room it is
    project: the project its systems belong to
    fund_source: what they are paid from
    at_least: its first batch takes systems until there are so many machines
    fewest: only systems with at least so many machines
    most: only systems with at most so many machines
    traces: CPU traces (planetlab archives, one a day) replayed on the consumption meter
    """
    chosen = (home or Path(os.environ.get("GUANYUN_HOME") or Path.cwd() / ".guanyun" / "demo")).resolve()
    os.environ["GUANYUN_HOME"] = str(chosen)
    from cli.story.model import RoomFile
    from wiring.demo import EXAMPLES

    shipped = RoomFile("example-room", EXAMPLES / "room.xlsx", EXAMPLES / "systems.yaml")
    rooms: tuple[RoomFile, ...] = (shipped,)
    if room is not None:
        own = RoomFile(
            "own-room",
            room.resolve(),
            systems.resolve() if systems else None,
            agency=agency,
            project=project,
            fund_source=fund_source,
            at_least=at_least,
            fewest=fewest,
            most=most,
        )
        rooms = (own, replace(shipped, only_agency="housing" if agency == "hrss" else "hrss"))
    return _tell(chosen, EXAMPLES, rooms, tuple(path.resolve() for path in traces or ()))


def _tell(home: Path, examples: Path, rooms: tuple[RoomFile, ...], traces: tuple[Path, ...]) -> int:
    from cli.story.lines import closing, story
    from cli.story.model import Stage
    from cli.story.teller import StoryBroken, Teller
    from infra.sandbox import up
    from wiring.demo import demo_passwords

    started = time.monotonic()
    stage = Stage(home, examples, rooms, traces)
    if not _made():
        init()
    sandbox = up(settings().sandbox_folder)
    say(f"沙箱云在 {sandbox.endpoint}", f"the sandbox cloud is at {sandbox.endpoint}")
    before = _audit_length()
    teller = Teller(home, demo_passwords(settings()), home / "demo-progress.json")
    try:
        teller.tell(story(stage), once=True)
        told = teller.typed
        teller.tell(closing(stage), once=False)
    except StoryBroken as broken:
        errors.print(
            f"故事停在:{broken.line.name}(退出码 {broken.code},应为 {broken.line.expected}) · "
            f"the story stopped at this line with exit code {broken.code}, expected {broken.line.expected}",
            markup=False,
            style="bold red",
        )
        say("改正后再运行同一命令即可继续", "put it right and run the same command to go on")
        return 1
    _say_end(stage, told, _audit_length() - before, time.monotonic() - started)
    return 0


def _made() -> bool:
    from wiring.application import open_unchecked
    from wiring.database import HEAD, revision
    from wiring.errors import NoInstallation

    try:
        opened = open_unchecked(settings())
    except NoInstallation:
        return False
    try:
        if revision(opened.store) != HEAD:
            return False
        from governance import installation

        with opened.store.reading() as transaction:
            return installation.exists(transaction)
    finally:
        opened.store.close()


def _audit_length() -> int:
    from governance import audit
    from wiring.application import open_application

    opened = open_application(settings())
    with opened.store.reading() as transaction:
        length = audit.head(transaction)[0]
    opened.store.close()
    return length


def _say_end(stage: Stage, told: int, entries: int, seconds: float) -> None:
    console.rule("完成 · done", align="left")
    if told == 0:
        say(
            f"早已讲完:什么都没有改变,全部复核无误({seconds:.0f} 秒)",
            f"told before: nothing changed, and everything was checked again ({seconds:.0f} s)",
        )
    else:
        say(
            f"{told} 条命令,审计日志新增 {entries} 条,{seconds:.0f} 秒",
            f"{told} command lines, {entries} new audit entries, {seconds:.0f} s",
        )
    say(f"账单、证据包与公钥:{stage.home}", f"bills, packs and public keys: {stage.home}")
    say(
        "停止沙箱:GUANYUN_HOME=… guanyun sandbox down",
        f"stop the sandbox: GUANYUN_HOME={stage.home} guanyun sandbox down",
    )
