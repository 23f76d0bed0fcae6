"""``guanyun project``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from cyclopts import App

from cli.context import Json, application, token
from cli.output import say, show, show_one
from cli.reading import accepted

if TYPE_CHECKING:
    from governance.projects import Project

app = App(name="project", help="Projects from need to evaluation 项目立项")
coding = App(name="coding", help="Account coding: project → fund source → codes 会计科目编码")
app.command(coding)


@app.command
def state(file: Path) -> None:
    """State a project's need, state a returned one anew, or propose a change of one that stands.

    Example: guanyun project state examples/project.yaml
    """
    from governance.projects import project_digest, read_project, state_project

    stated = accepted(*read_project(file))
    with application() as opened:
        project = state_project(opened.office, token(), stated)
    if project_digest(project) == project_digest(stated):
        _said(project)
    else:
        digest = project_digest(stated)
        say(f"已提出项目 {project.id} 的变更,摘要 {digest}", f"change of {project.id} proposed, digest {digest}")


@app.command
def review(id: str, *, digest: str, opinion: str = "") -> None:  # noqa: A002 - the word a person types
    """Review a project, or a change of one.

    Example: guanyun project review P-HRSS-2026-02 --digest 9f86d081884c7d65 --opinion 可行
    """
    from governance.projects import review_project

    with application() as opened:
        _said(review_project(opened.office, token(), id, digest=digest, opinion=opinion))


@app.command(name="return")
def return_(id: str, *, digest: str, reason: str) -> None:  # noqa: A002
    """Send a project or its change back to the agency, with a reason.

    Example: guanyun project return P-HRSS-2026-02 --digest 9f86d081884c7d65 --reason 补充绩效目标
    """
    from governance.projects import return_project

    with application() as opened:
        _said(return_project(opened.office, token(), id, digest=digest, reason=reason))


@app.command
def approve(id: str, *, digest: str, document_number: str) -> None:  # noqa: A002
    """Approve a reviewed project, or its change, as another person.

    Example: guanyun project approve P-HRSS-2026-02 --digest 9f86d081884c7d65 --document-number 市政数立〔2026〕7号
    """
    from governance.projects import approve_project

    with application() as opened:
        _said(approve_project(opened.office, token(), id, digest=digest, document_number=document_number))


@app.command(name="file")
def file_(id: str, *, digest: str, document_number: str) -> None:  # noqa: A002
    """File a reviewed project that has no fiscal funds of this level 备案.

    Example: guanyun project file P-HRSS-2026-02 --digest 9f86d081884c7d65 --document-number 备〔2026〕3号
    """
    from governance.projects import file_project

    with application() as opened:
        _said(file_project(opened.office, token(), id, digest=digest, document_number=document_number))


@app.command
def reject(id: str, *, digest: str, reason: str) -> None:  # noqa: A002
    """Reject a project, with a reason.

    Example: guanyun project reject P-HRSS-2026-02 --digest 9f86d081884c7d65 --reason 重复建设
    """
    from governance.projects import reject_project

    with application() as opened:
        _said(reject_project(opened.office, token(), id, digest=digest, reason=reason))


@app.command
def purchase(id: str, *, digest: str, contract: str) -> None:  # noqa: A002
    """Record that a project is bought under a service contract; its account coding must be signed.

    Example: guanyun project purchase P-HRSS-2026-02 --digest 9f86d081884c7d65 --contract C-2026-01
    """
    from governance.projects import purchase_project

    with application() as opened:
        _said(purchase_project(opened.office, token(), id, digest=digest, contract=contract))


@app.command
def built(id: str, *, digest: str, note: str = "") -> None:  # noqa: A002
    """Report a project built.

    Example: guanyun project built P-HRSS-2026-02 --digest 9f86d081884c7d65
    """
    from governance.projects import report_built

    with application() as opened:
        _said(report_built(opened.office, token(), id, digest=digest, note=note))


@app.command
def accept(id: str, *, digest: str, note: str = "") -> None:  # noqa: A002
    """Accept what was built, as its lead agency.

    Example: guanyun project accept P-HRSS-2026-02 --digest 9f86d081884c7d65
    """
    from governance.projects import accept_project

    with application() as opened:
        _said(accept_project(opened.office, token(), id, digest=digest, note=note))


@app.command
def operate(id: str, *, digest: str) -> None:  # noqa: A002
    """Put an accepted project into operation.

    Example: guanyun project operate P-HRSS-2026-02 --digest 9f86d081884c7d65
    """
    from governance.projects import put_into_operation

    with application() as opened:
        _said(put_into_operation(opened.office, token(), id, digest=digest))


@app.command
def evaluate(file: Path, *, digest: str) -> None:
    """Evaluate a project's effect, goal by goal, against its approval paper.

    Example: guanyun project evaluate evaluation.yaml --digest 9f86d081884c7d65
    """
    from governance.projects import evaluate_project, read_evaluation

    judged = accepted(*read_evaluation(file))
    with application() as opened:
        _said(evaluate_project(opened.office, token(), judged, digest=digest))


@app.command
def stop(id: str, *, digest: str, reason: str) -> None:  # noqa: A002
    """Stop a project that stands, with a reason.

    Example: guanyun project stop P-HRSS-2026-02 --digest 9f86d081884c7d65 --reason 机构改革
    """
    from governance.projects import stop_project

    with application() as opened:
        _said(stop_project(opened.office, token(), id, digest=digest, reason=reason))


@app.command(name="list")
def list_(*, json: Json = False) -> None:
    """List the projects you may see.

    Example: guanyun project list
    """
    from governance.authority import viewing
    from governance.projects import projects

    with application() as opened, viewing(opened.office, token()) as view:
        rows = [_row(each) for each in projects(view.transaction, view.scope)]
    columns = {
        "id": "编号 id",
        "zh": "名称 name",
        "lead": "牵头 lead",
        "state_zh": "状态 state",
        "document_number": "文号 document",
        "ceiling_yuan": "上限(元) ceiling",
        "version": "版本 version",
    }
    show(rows, columns, json=json)


@app.command(name="show")
def show_(id: str, *, json: Json = False) -> None:  # noqa: A002
    """Show a project with the digest its decisions bind to, its open change and its newest evaluation.

    Example: guanyun project show P-HRSS-2026-01
    """
    from foundation.evidence import plain
    from governance.authority import viewing
    from governance.projects import evaluation_of, open_change, project_of

    with application() as opened, viewing(opened.office, token()) as view:
        project = project_of(view.transaction, view.scope, id)
        change = open_change(view.transaction, view.scope, id)
        judged = evaluation_of(view.transaction, view.scope, id)
    more = {"change": plain(change), "evaluation": None if judged is None else judged.document}
    show_one({**plain(project), **_row(project), **more}, json=json)


@app.command
def history(id: str, *, json: Json = False) -> None:  # noqa: A002
    """Show every version of a project, oldest first.

    Example: guanyun project history P-HRSS-2026-01
    """
    from governance.authority import viewing
    from governance.projects import project_versions

    with application() as opened, viewing(opened.office, token()) as view:
        rows = [_row(each) for each in project_versions(view.transaction, view.scope, id)]
    columns = {
        "version": "版本 version",
        "changed_at": "时间 at",
        "state_zh": "状态 state",
        "document_number": "文号 document",
        "ceiling_yuan": "上限(元) ceiling",
        "reason": "理由 reason",
    }
    show(rows, columns, json=json)


@app.command
def diff(id: str, before: int, after: int, *, json: Json = False) -> None:  # noqa: A002
    """Show what differs between two versions of a project.

    Example: guanyun project diff P-HRSS-2026-01 1 2
    """
    from foundation.evidence import plain
    from foundation.values.errors import InvalidValue
    from governance.authority import viewing
    from governance.projects import differences, project_versions

    with application() as opened, viewing(opened.office, token()) as view:
        versions = {each.version: each for each in project_versions(view.transaction, view.scope, id)}
    for wanted in (before, after):
        if wanted not in versions:
            raise InvalidValue(field="version", found=str(wanted), expected=f"of {sorted(versions)}")
    rows = [plain(each) for each in differences(versions[before], versions[after])]
    show(rows, {"field": "字段 field", "before": "原 before", "after": "现 after"}, json=json)


@coding.command
def draft(file: Path) -> None:
    """Draft a project's account coding, naming the officer who signs it.

    Example: guanyun project coding draft coding.yaml
    """
    from governance.projects import draft_coding, read_coding

    drafted = accepted(*read_coding(file))
    with application() as opened:
        made = draft_coding(opened.office, token(), drafted)
    say(
        f"编码第 {made.number} 版待 {made.officer} 签署,摘要 {made.digest}",
        f"coding {made.number} waits for {made.officer}, digest {made.digest}",
    )


@coding.command
def sign(id: str, *, digest: str) -> None:  # noqa: A002
    """Sign the account coding of a project, as the officer it names.

    Example: guanyun project coding sign P-HRSS-2026-02 --digest 9f86d081884c7d65
    """
    from governance.projects import sign_coding

    with application() as opened:
        signed = sign_coding(opened.office, token(), id, digest=digest)
    say(f"编码第 {signed.number} 版已签署", f"coding {signed.number} signed")


@coding.command(name="show")
def show_coding(id: str, *, json: Json = False) -> None:  # noqa: A002
    """Show every account coding of a project, and which is signed.

    Example: guanyun project coding show P-HRSS-2026-02
    """
    from foundation.evidence import plain
    from governance.authority import viewing
    from governance.projects import codings_of, project_of

    with application() as opened, viewing(opened.office, token()) as view:
        project_of(view.transaction, view.scope, id)
        rows = [plain(each) for each in codings_of(view.transaction, view.scope, id)]
    columns = {
        "number": "版 number",
        "officer": "签署人 officer",
        "lines": "科目 lines",
        "signed_at": "签署 signed",
        "digest": "摘要 digest",
    }
    show(rows, columns, json=json)


def _row(project: Project) -> dict[str, Any]:
    from foundation.evidence import plain
    from foundation.values.money import format_yuan
    from governance.projects import project_digest

    names = ("id", "zh", "en", "lead", "document_number", "version", "reason", "state", "ceiling", "changed_at")
    return {
        **{name: plain(getattr(project, name)) for name in names},
        "state_zh": project.state.zh,
        "ceiling_yuan": format_yuan(project.ceiling),
        "digest": project_digest(project),
    }


def _said(project: Project) -> None:
    from governance.projects import project_digest

    digest = project_digest(project)
    say(
        f"项目 {project.id}:{project.state.zh},第 {project.version} 版,摘要 {digest}",
        f"project {project.id}: {project.state}, version {project.version}, digest {digest}",
    )
