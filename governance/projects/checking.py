"""What is wrong with a project as stated, or a business system as recorded: every finding, none raised."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from foundation.values.findings import Finding, Place, Severity
from governance.parties.model import Party, PartyKind
from governance.projects.model import BusinessSystem, Project
from governance.projects.shares import sum_to_one


def project_findings(project: Project, known: Mapping[str, Party]) -> Iterator[Finding]:
    """Shares that do not sum to one, agencies that are none, names that stand twice, a ceiling of nothing."""
    if project.ceiling <= 0:
        yield _finding("ceiling", project.ceiling, "more than 0", "上限须大于零", "the ceiling is more than nothing")
    if project.lead not in {each.agency for each in project.participants or ()} and project.participants:
        yield _finding(
            "participants",
            ", ".join(sorted(each.agency for each in project.participants)),
            f"{project.lead} among them",
            "参与单位须包括牵头单位",
            "the lead is one of the participants",
        )
    for field, shares in (
        ("participants", [each.share for each in project.participants]),
        ("funds", [each.share for each in project.funds]),
    ):
        if not sum_to_one(shares):
            total = sum(shares)
            yield _finding(
                field,
                total,
                "shares above 0 that sum to exactly 1",
                f"份额须大于零且合计恰为 1,现为 {total}",
                f"the shares are above 0 and sum to exactly 1, found {total}",
            )
    for field, names in (
        ("participants", [each.agency for each in project.participants]),
        ("funds", [each.name for each in project.funds]),
        ("goals", [each.id for each in project.goals]),
    ):
        for index, name in enumerate(names):
            if name in names[:index]:
                yield _finding(f"{field}[{index}]", name, "each once", f"{name} 重复", f"{name} stands twice")
    yield from _agencies("participants", [each.agency for each in project.participants], known)


def system_findings(system: BusinessSystem, project: Project, known: Mapping[str, Party]) -> Iterator[Finding]:
    """Whether the project is the agencies', the fund source the project's, and the shares leave the lead something."""
    yield from _agencies("agency", [system.agency], known)
    yield from _agencies("users", [each.agency for each in system.users], known)
    if system.agency not in project.agencies:
        yield _finding(
            "project",
            system.project,
            f"a project of {system.agency}",
            f"项目 {system.project} 不是 {system.agency} 牵头或参与的",
            f"{system.agency} neither leads the project {system.project} nor takes part in it",
        )
    if project.funds and system.fund_source not in {fund.name for fund in project.funds}:
        yield _finding(
            "fund_source",
            system.fund_source,
            " / ".join(fund.name for fund in project.funds),
            "不是项目的资金来源",
            "not a fund source of the project",
        )
    names = [system.agency, *(each.agency for each in system.users)]
    for index, name in enumerate(names):
        if name in names[:index]:
            yield _finding("users", name, "each agency once", f"{name} 重复", f"{name} stands twice")
    shares = [each.share for each in system.users]
    if any(share <= 0 for share in shares) or sum(shares) >= 1:
        yield _finding(
            "users",
            sum(shares),
            "shares above 0 that sum to less than 1",
            "其他单位的份额须大于零且合计小于 1,余下归牵头单位",
            "the others' shares are above 0 and leave the lead some of the whole",
        )


def _agencies(field: str, names: list[str], known: Mapping[str, Party]) -> Iterator[Finding]:
    for index, name in enumerate(names):
        if name not in known or known[name].kind is not PartyKind.AGENCY:
            yield _finding(f"{field}[{index}]", name, "an agency", f"{name} 不是使用单位", f"{name} is not an agency")


def _finding(field: str, found: object, expected: str, zh: str, en: str) -> Finding:
    return Finding("governance.document.project", Severity.ERROR, Place(field=field), str(found), expected, zh, en)
