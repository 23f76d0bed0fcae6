"""The story itself, chapter by chapter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from cli.story.model import REFUSED, Chapter, Line, RoomFile, Stage

MONTH = "2026-03"
CONTRACT = "C-2026-01"


@dataclass(frozen=True, slots=True)
class _Spec:
    path: Path
    environment: str
    agency: str
    instances: int


def story(stage: Stage) -> Iterator[Chapter | Line]:
    """Every line in order. Later lines depend on the files that earlier ones wrote, so it is read as it is told."""
    yield from _agreement(stage)
    yield from _rooms(stage)
    specs = _specs(stage.specs)
    yield from _requests(stage, specs)
    yield from _deployments(stage, specs)
    yield from _mid_month(stage, specs)
    yield from _metering(stage)
    yield from _items(stage)
    yield from _grade(stage)
    agencies = sorted({spec.agency for spec in specs})
    yield from _statements(stage, agencies)
    yield from _settlement(stage)
    yield from _proof(stage, agencies)


def _agreement(stage: Stage) -> Iterator[Chapter | Line]:
    cast, examples = stage.cast, stage.examples
    yield Chapter("合同、目录、价格", "Contract, catalogue, prices")
    yield Line(cast.planner, ("clock", "set", "2026-02-25T09:00:00+08:00"))
    yield Line(cast.drafter, ("contract", "record", str(examples / "contract.yaml")))
    yield Line(cast.drafter, ("catalogue", "draft", str(examples / "catalogue.yaml")))
    yield Line(cast.decider, ("catalogue", "publish", "example-2026"))
    yield Line(cast.drafter, ("price", "draft", str(examples / "prices.yaml"), "--only", "P-2026-01"))
    yield Line(
        cast.drafter,
        ("price", "publish", "P-2026-01"),
        REFUSED,
        "起草人不能发布自己起草的价格",
        "whoever drafts a price cannot publish it",
    )
    yield Line(cast.decider, ("price", "publish", "P-2026-01"))
    yield Line(cast.decider, ("address", "publish", str(examples / "addresses.yaml")))


def _rooms(stage: Stage) -> Iterator[Chapter | Line]:
    cast = stage.cast
    yield Chapter("接管机房", "Taking the rooms over")
    for room in stage.rooms:
        yield Line(cast.planner, ("room", "import", room.code, str(room.workbook)))
        yield Line(cast.planner, ("room", "confirm", room.code, *_confirmation(room)))
        if room.fund_source:
            yield Line(cast.drafter, ("room", "register", room.code, "--fund-source", room.fund_source))
        yield Line(cast.planner, ("room", "batch", room.code, "--out", str(stage.specs), *_batch(room)))


def _confirmation(room: RoomFile) -> tuple[str, ...]:
    if room.systems is not None:
        return ("--systems", str(room.systems))
    return ("--accept-proposed", "--agency", room.agency, "--project", room.project)


def _batch(room: RoomFile) -> tuple[str, ...]:
    words = ["--fewest", str(room.fewest)]
    if room.at_least is not None:
        words += ["--at-least", str(room.at_least)]
    if room.most is not None:
        words += ["--most", str(room.most)]
    if room.only_agency:
        words += ["--agency", room.only_agency]
    return tuple(words)


def _requests(stage: Stage, specs: list[_Spec]) -> Iterator[Chapter | Line]:
    cast = stage.cast
    yield Chapter("申请与审批", "Request and approval")
    for number, spec in enumerate(specs, start=1):
        yield Line(
            cast.requesters[spec.agency], ("request", "create", str(spec.path), "--number", f"REQ-2026-{number:04d}")
        )
    tried, asker = next(
        (f"REQ-2026-{number:04d}", spec.agency)
        for number, spec in enumerate(specs, start=1)
        if spec.agency in cast.second_accounts
    )
    yield Line(
        cast.requesters[asker],
        ("request", "approve", tried),
        REFUSED,
        "申请人不能审批自己的申请",
        "whoever asks cannot approve",
    )
    yield Line(
        cast.second_accounts[asker],
        ("request", "approve", tried),
        REFUSED,
        "换一个账号,还是同一个人",
        "another account, the same person",
    )
    for number, _ in enumerate(specs, start=1):
        yield Line(cast.decider, ("request", "approve", f"REQ-2026-{number:04d}"))


def _deployments(stage: Stage, specs: list[_Spec]) -> Iterator[Chapter | Line]:
    cast = stage.cast
    yield Chapter("部署环境", "Building the environments")
    for index, agency in enumerate(sorted({spec.agency for spec in specs}, reverse=True)):
        # The second agency joins on the fifth, so that a month held in part is seen on a bill.
        instant = "2026-03-05T10:30:00+08:00" if index else "2026-03-01T00:00:00+08:00"
        yield Line(cast.planner, ("clock", "set", instant))
        for spec in specs:
            if spec.agency == agency:
                yield Line(cast.planner, ("plan", "create", spec.environment))
                yield Line(cast.planner, ("apply", spec.environment))


def _mid_month(stage: Stage, specs: list[_Spec]) -> Iterator[Chapter | Line]:
    cast = stage.cast
    yield Chapter("月中:调价与变更", "Mid-month: a price change, a change that replaces")
    yield Line(cast.planner, ("clock", "set", "2026-03-10T09:00:00+08:00"))
    yield Line(cast.drafter, ("price", "notice", str(stage.examples / "prices.yaml")))
    yield Line(cast.drafter, ("price", "draft", str(stage.examples / "prices.yaml"), "--only", "P-2026-03"))
    yield Line(cast.decider, ("price", "publish", "P-2026-03"))
    yield Line(cast.planner, ("clock", "set", "2026-03-20T14:00:00+08:00"))
    changed = min((spec for spec in specs if spec.instances), key=lambda spec: (spec.instances, spec.environment))
    number = f"REQ-2026-{len(specs) + 1:04d}"
    path = _with_new_image(stage, changed)
    yield Line(
        cast.requesters[changed.agency], ("request", "create", str(path), "--number", number, "--kind", "change")
    )
    yield Line(cast.decider, ("request", "approve", number))
    yield Line(cast.planner, ("plan", "create", changed.environment))
    yield Line(
        cast.planner,
        ("apply", changed.environment),
        REFUSED,
        "替换虚拟机须由另一名运营人员批准",
        "a plan that replaces needs a second operator person",
    )
    yield Line(cast.second, ("plan", "approve", changed.environment))
    yield Line(cast.planner, ("apply", changed.environment))


def _metering(stage: Stage) -> Iterator[Chapter | Line]:
    cast = stage.cast
    yield Chapter("计量与可用性证据", "Usage and availability evidence")
    yield Line(cast.planner, ("clock", "set", "2026-04-03T09:00:00+08:00"))
    yield Line(cast.planner, ("usage", "collect", MONTH))
    if stage.traces:
        yield Line(cast.planner, ("usage", "replay", MONTH, *(str(path) for path in stage.traces)))
    yield Line(cast.planner, ("usage", "close", MONTH))
    for log in sorted((stage.examples / "probe").glob("*.jsonl.gz")):
        yield Line(cast.planner, ("evidence", "import", str(log)))
    yield Line(cast.planner, ("clock", "set", "2026-04-05T09:00:00+08:00"))
    yield Line(cast.planner, ("evidence", "seal", MONTH))


def _items(stage: Stage) -> Iterator[Chapter | Line]:
    cast = stage.cast
    yield Chapter("服务项与成果项", "Service items and the outcome item")
    yield Line(cast.planner, ("clock", "set", "2026-04-07T09:00:00+08:00"))
    items = yaml.safe_load((stage.examples / "items.yaml").read_text(encoding="utf-8"))["items"]
    for item in items:
        yield Line(cast.planner, ("item", "record", str(stage.examples / "items.yaml"), "--only", item["id"]))
    for item in items:
        if "criterion" in item:
            acceptor = cast.confirmers[item["criterion"]["acceptor"]]
            yield Line(acceptor, ("item", "accept", item["id"], "--measured", item["criterion"]["target"]))


def _grade(stage: Stage) -> Iterator[Chapter | Line]:
    cast = stage.cast
    yield Chapter("考核", "Assessment")
    yield Line(cast.planner, ("clock", "set", "2026-04-10T09:00:00+08:00"))
    yield Line(cast.drafter, ("grade", "draft", CONTRACT, MONTH, str(stage.examples / "grade.yaml")))
    yield Line(cast.decider, ("grade", "publish", CONTRACT, MONTH))


def _statements(stage: Stage, agencies: list[str]) -> Iterator[Chapter | Line]:
    cast = stage.cast
    yield Chapter("使用确认单", "Usage statements")
    for agency in agencies:
        yield Line(cast.planner, ("statement", "draft", CONTRACT, agency, MONTH))
        yield Line(cast.planner, ("statement", "issue", f"US-{agency}-{MONTH}"))
    yield Line(cast.planner, ("clock", "set", "2026-04-13T09:00:00+08:00"))
    for agency in agencies:
        yield Line(cast.confirmers[agency], ("statement", "show", f"US-{agency}-{MONTH}"))
        yield Line(cast.confirmers[agency], ("statement", "confirm", f"US-{agency}-{MONTH}"))


def _settlement(stage: Stage) -> Iterator[Chapter | Line]:
    cast = stage.cast
    settlement = f"S-{CONTRACT}-{MONTH}"
    yield Chapter("结算到付款", "Settlement, to paid")
    yield Line(cast.planner, ("clock", "set", "2026-04-15T09:00:00+08:00"))
    yield Line(cast.planner, ("settlement", "draft", CONTRACT, MONTH))
    yield Line(cast.planner, ("settlement", "submit", settlement))
    yield Line(cast.decider, ("settlement", "accept", settlement))
    yield Line(cast.reviewer, ("settlement", "review", settlement))
    yield Line(cast.payer, ("settlement", "approve", settlement))
    yield Line(cast.planner, ("clock", "set", "2026-04-20T09:00:00+08:00"))
    yield Line(cast.payer, ("settlement", "pay", settlement))
    yield Line(cast.decider, ("settlement", "show", settlement))


def _proof(stage: Stage, agencies: list[str]) -> Iterator[Chapter | Line]:
    cast, out = stage.cast, stage.packs
    settlement = f"S-{CONTRACT}-{MONTH}"
    yield Chapter("账单自证", "The bill proves itself")
    for agency in agencies:
        statement = f"US-{agency}-{MONTH}"
        yield Line(cast.confirmers[agency], ("statement", "pack", statement, "--out", str(out / f"{statement}.pack")))
        yield Line(cast.confirmers[agency], ("statement", "pdf", statement, "--out", str(out / f"{statement}.pdf")))
    yield Line(cast.decider, ("settlement", "pack", settlement, "--out", str(out / f"{settlement}.pack")))
    yield Line(cast.decider, ("settlement", "pdf", settlement, "--out", str(out / f"{settlement}.pdf")))


def closing(stage: Stage) -> Iterator[Chapter | Line]:
    """What every run ends with, also one that changes nothing: proof, recomputed."""
    folders = ("--handed-out", str(stage.home / "handed-out"), "--keys", str(stage.home / "public-keys"))
    yield Chapter("复核", "Checked again")
    for pack in sorted(stage.packs.glob("*.pack")):
        yield Line("", ("verify", str(pack), *folders))
    yield Line(stage.cast.auditor, ("verify", "--live", *folders))
    for spec in _specs(stage.specs):
        yield Line(stage.cast.planner, ("env", "compare", spec.environment))


def _specs(folder: Path) -> list[_Spec]:
    found = []
    for path in sorted(folder.glob("*.yaml")):
        document: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
        found.append(_Spec(path, document["environment"], document["agency"], len(document["instances"])))
    return found


def _with_new_image(stage: Stage, spec: _Spec) -> Path:
    """The same environment with its first machine on another image: the cloud must replace it."""
    document = yaml.safe_load(spec.path.read_text(encoding="utf-8"))
    document["instances"][0]["image"] = "ami-03cf127a"
    path = stage.home / "changes" / spec.path.name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(document, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path
