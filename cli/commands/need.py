"""``guanyun need``: from the business questions to the decision."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import App, Parameter

from cli.commands import need_urgent
from cli.context import Json, application, token
from cli.output import say, show, show_one
from cli.reading import accepted

if TYPE_CHECKING:
    from tenants.needs import Need

app = App(name="need", help="Needs: questions, proposals, decisions 需求")

Digest = Annotated[str, Parameter(help="The digest shown by `need show`: what you have read")]
Reason = Annotated[str, Parameter(help="Why, for the other side to read")]

_STATES = Literal["stated", "proposed", "agreed", "returned", "merged", "approved", "rejected", "withdrawn"]


@app.command
def state(file: Path, *, number: str = "", round_id: Annotated[str, Parameter(name="--round")] = "") -> None:
    """State a need by answering the business questions. For an agency.

    Example: guanyun need state examples/need.yaml

    Parameters
    ----------
    file: the answers (YAML); technical sizes are no business of them
    number: the need's number; one is allotted without it
    round_id: the round it takes part in
    """
    from tenants.needs import read_need, state_need

    questions = accepted(*read_need(file))
    with application() as opened:
        need, new = state_need(opened.office, token(), questions, number=number, round_id=round_id)
    _tell(need, "已提出", "stated", new=new)


@app.command
def restate(number: str, file: Path) -> None:
    """State a need anew, as its next version. For its agency, while it is not agreed.

    Example: guanyun need restate NEED-2026-0001 examples/need.yaml
    """
    from tenants.needs import read_need, restate_need

    questions = accepted(*read_need(file))
    with application() as opened:
        need, new = restate_need(opened.office, token(), number, questions)
    _tell(need, f"已重新提出,第 {need.version} 版", f"stated anew, version {need.version}", new=new)


@app.command
def withdraw(number: str, *, because: Reason) -> None:
    """Take a need back before it is decided. For its agency.

    Example: guanyun need withdraw NEED-2026-0001 --because 项目取消
    """
    from tenants.needs import withdraw_need
    from tenants.needs.lending import QuotaLoan

    with application() as opened:
        need, new = withdraw_need(opened.office, token(), number, reason=because, quota=QuotaLoan())
    _tell(need, "已撤回", "withdrawn", new=new)


@app.command
def propose(number: str, file: Path, *, json: Json = False) -> None:
    """Answer a need with alternatives; each gets its monthly cost by the billing code. For the operator.

    Example: guanyun need propose NEED-2026-0001 examples/need-proposal.yaml
    """
    from foundation.values.money import format_yuan
    from tenants.needs import propose as propose_
    from tenants.needs import read_proposal
    from wiring.bindings import estimator, item_estimator

    recommended, alternatives = accepted(*read_proposal(file))
    with application() as opened:
        proposal, _ = propose_(
            opened.office,
            token(),
            number,
            alternatives,
            recommended=recommended,
            estimator=estimator,
            item_estimator=item_estimator,
        )
    rows = [
        {"id": one.id, "zh": one.zh, "monthly_yuan": format_yuan(one.monthly), "recommended": one.id == recommended}
        for one in proposal.alternatives
    ]
    columns = {
        "id": "方案 alternative",
        "zh": "名称",
        "monthly_yuan": "月估价(元) a month",
        "recommended": "推荐 recommended",
    }
    show(rows, columns, json=json)
    if not json:
        say(f"方案第 {proposal.version} 版,摘要 {proposal.digest}", f"version {proposal.version}, {proposal.digest}")


@app.command
def agree(number: str, alternative: str, *, digest: Digest) -> None:
    """Agree to one alternative of the proposal you have read. For the need's agency.

    Example: guanyun need agree NEED-2026-0001 basic --digest 3f9a…
    """
    from tenants.needs import agree as agree_

    with application() as opened:
        need, new = agree_(opened.office, token(), number, alternative, digest=digest)
    _tell(need, f"已同意方案 {alternative}", f"agreed to {alternative}", new=new)


@app.command(name="send-back")
def send_back(number: str, *, digest: Digest, because: Reason) -> None:
    """Send the proposal back to the operator. For the need's agency.

    Example: guanyun need send-back NEED-2026-0001 --digest 3f9a… --because "没有容灾"
    """
    from tenants.needs import send_back as send_back_

    with application() as opened:
        need, new = send_back_(opened.office, token(), number, digest=digest, reason=because)
    _tell(need, "方案已退回", "its proposal is sent back", new=new)


@app.command
def approve(number: str, *, digest: Digest) -> None:
    """Approve a need with the alternative its agency agreed to. For whoever decides on its agency's things.

    Example: guanyun need approve NEED-2026-0001 --digest 3f9a…
    """
    from tenants.needs import approve_need

    with application() as opened:
        need, new = approve_need(opened.office, token(), number, digest=digest)
    _tell(need, "已批准", "approved", new=new)


@app.command
def reject(number: str, *, digest: Digest, because: Reason) -> None:
    """Reject a need. For whoever may approve it.

    Example: guanyun need reject NEED-2026-0001 --digest 3f9a… --because 已有同类
    """
    from tenants.needs import reject_need
    from tenants.needs.lending import QuotaLoan

    with application() as opened:
        need, new = reject_need(opened.office, token(), number, digest=digest, reason=because, quota=QuotaLoan())
    _tell(need, "已驳回", "rejected", new=new)


@app.command(name="return")
def return_(number: str, *, digest: Digest, because: Reason) -> None:
    """Return a need to its agency, to be stated anew. For whoever may approve it.

    Example: guanyun need return NEED-2026-0001 --digest 3f9a… --because 用户数不实
    """
    from tenants.needs import return_need

    with application() as opened:
        need, new = return_need(opened.office, token(), number, digest=digest, reason=because)
    _tell(need, "已退回", "returned", new=new)


@app.command
def likenesses(*numbers: str, json: Json = False) -> None:
    """Show what needs may duplicate, with the reason and a suggestion. For the bureau.

    Example: guanyun need likenesses NEED-2026-0001
    """
    from foundation.evidence import plain
    from governance.authority import viewing
    from tenants.needs import likenesses as likenesses_

    with application() as opened, viewing(opened.office, token()) as view:
        rows = [plain(each) for each in likenesses_(view, *numbers)]
    for row in rows:
        alike = row["alike"]
        row |= {
            "because": ";".join(reason["zh"] for reason in alike["reasons"]),
            "because_en": "; ".join(reason["en"] for reason in alike["reasons"]),
            "suggestion": alike["suggestion"],
        }
    columns = {
        "number": "编号 number",
        "need": "需求 need",
        "kind": "类别 kind",
        "other": "对象 other",
        "because": "理由 because",
        "suggestion": "建议 suggestion",
        "conclusion": "结论 conclusion",
    }
    show(rows, columns, json=json)


@app.command
def conclude(likeness: int, conclusion: Literal["reuse", "extend", "new"], *, because: Reason) -> None:
    """Conclude on a likely duplicate: use what is there, extend it, or build anew all the same. For the bureau.

    Example: guanyun need conclude 3 new --because 服务对象不同
    """
    from tenants.needs import Conclusion
    from tenants.needs import conclude as conclude_

    with application() as opened:
        found, new = conclude_(opened.office, token(), likeness, Conclusion(conclusion), reason=because)
    if new:
        say(
            f"{likeness}:结论为{Conclusion(conclusion).zh}", f"{likeness}: {found.need} and {found.other}: {conclusion}"
        )
    else:
        say("没有变化", "nothing changed")


@app.command
def merge(lead: str, *others: str, because: Reason) -> None:
    """Merge needs into one that leads them (共性统建); the others follow it. For the bureau.

    Example: guanyun need merge NEED-2026-0001 NEED-2026-0002 --because 同一能力,统一建设
    """
    from tenants.needs import merge_needs

    with application() as opened:
        need, new = merge_needs(opened.office, token(), lead, others, reason=because)
    _tell(need, "牵头合并", "leads the merged needs", new=new)


@app.command(name="list")
def list_(
    *,
    state: _STATES | None = None,
    round_id: Annotated[str, Parameter(name="--round")] = "",
    after: str = "",
    limit: int = 200,
    json: Json = False,
) -> None:
    """List the needs you may see, by number.

    Example: guanyun need list --state agreed

    Parameters
    ----------
    after: the last number you have seen; what follows it is listed
    """
    from governance.authority import viewing
    from tenants.needs import NeedState, needs

    states = () if state is None else (NeedState(state),)
    with application() as opened, viewing(opened.office, token()) as view:
        found = needs(view.transaction, view.scope, states=states, round_id=round_id, after=after, limit=limit)
    columns = {
        "number": "编号 number",
        "agency": "单位 agency",
        "zh": "名称 name",
        "state": "状态 state",
        "round": "批次 round",
        "urgent": "急用 urgent",
    }
    show([_row(need) for need in found], columns, json=json)


@app.command(name="show")
def show_(number: str, *, json: Json = False) -> None:
    """Show one need: the answers, the newest proposal, every step.

    Example: guanyun need show NEED-2026-0001
    """
    from foundation.evidence import plain
    from governance.authority import viewing
    from tenants.needs import need_of, proposal_of, questions_of, steps_of

    with application() as opened, viewing(opened.office, token()) as view:
        here = (view.transaction, view.scope, number)
        row = _row(need_of(*here)) | {
            "questions": plain(questions_of(*here)),
            "offer": plain(proposal_of(*here)),
            "steps": plain(steps_of(*here)),
        }
    show_one(row, json=json)


def _row(need: Need) -> dict[str, Any]:
    from foundation.evidence import plain

    row: dict[str, Any] = plain(need)
    return row | {"decision_digest": need.decision_digest}


def _tell(need: Need, zh: str, en: str, *, new: bool) -> None:
    if new:
        say(f"需求 {need.number} {zh},状态:{need.state.zh}", f"need {need.number} {en}, now {need.state.value}")
    else:
        say(f"需求 {need.number} 没有变化", f"need {need.number}: nothing changed")


app.command(need_urgent.allow_urgent, name="allow-urgent")
app.command(need_urgent.papers)
app.command(need_urgent.review)
app.command(need_urgent.temporary)
app.command(need_urgent.set_terms, name="set-terms")
app.command(need_urgent.terms)
