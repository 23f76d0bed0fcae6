"""The acts of a project's walk: each binds to the digest of what was read; done again, it is done once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from foundation.evidence import canonical_bytes, plain, sha256_hex
from foundation.store import Transaction
from foundation.values.errors import InvalidValue
from governance.audit import AuditEvent
from governance.authority import RULES, Act, Mandate, Office, acting
from governance.contracts.tables import contract_of
from governance.errors import NotFound
from governance.parties import Party, PartyKind, decider_for, party_of, place_of
from governance.parties.model import Duty
from governance.projects.change_tables import Change, open_change, save_change
from governance.projects.coding import coding_in_force
from governance.projects.errors import ApprovedNotFiled, FiledNotApproved, ProjectChanged, WrongProjectState
from governance.projects.model import Project, ProjectState
from governance.projects.tables import project_from, project_of, save_project
from governance.projects.walk import STEPS, WAITING
from governance.tasks import close_tasks, open_task

_OF_CHANGES = {
    Act.PROJECT_REVIEW: "",
    Act.PROJECT_RETURN: "returned",
    Act.PROJECT_REJECT: "rejected",
    Act.PROJECT_APPROVE: "applied",
    Act.PROJECT_FILE: "applied",
}
"""What each act makes of a proposed change; it stays open after its review."""

CONTENT = ("id", "zh", "en", "lead", "ceiling", "participants", "funds", "goals", "need")
"""What an agency states and a decision binds to; the rest of a project is what became of it."""


def project_digest(project: Project) -> str:
    """SHA-256 of what was stated."""
    document = plain(project)
    return sha256_hex(canonical_bytes({name: document[name] for name in CONTENT}))


def review_project(office: Office, token: str, id_: str, *, digest: str, opinion: str) -> Project:
    """The bureau's review of a need, or of the change proposed to a project that stands, with its opinion.

    Raises ``WrongProjectState``, ``ProjectChanged``, ``Refused``.
    """
    return _step(office, token, Act.PROJECT_REVIEW, id_, digest, note=opinion)


def return_project(office: Office, token: str, id_: str, *, digest: str, reason: str) -> Project:
    """Back to the agency, with the reason."""
    return _step(office, token, Act.PROJECT_RETURN, id_, digest, note=reason)


def approve_project(office: Office, token: str, id_: str, *, digest: str, document_number: str) -> Project:
    """Another person of the party that decides approves, by a paper with a number 批复文号.

    Raises ``FiledNotApproved`` where none of the funds are fiscal funds of its level.
    """
    return _decide(office, token, Act.PROJECT_APPROVE, id_, digest, document_number)


def file_project(office: Office, token: str, id_: str, *, digest: str, document_number: str) -> Project:
    """A project paid by no fiscal funds of the level is filed 备案. Raises ``ApprovedNotFiled`` otherwise."""
    return _decide(office, token, Act.PROJECT_FILE, id_, digest, document_number)


def reject_project(office: Office, token: str, id_: str, *, digest: str, reason: str) -> Project:
    """Not approved, with the reason; it does not come back."""
    return _step(office, token, Act.PROJECT_REJECT, id_, digest, note=reason)


def stop_project(office: Office, token: str, id_: str, *, digest: str, reason: str) -> Project:
    """A project that stands is stopped, with the reason: nothing more is requested for it."""
    return _step(office, token, Act.PROJECT_STOP, id_, digest, note=reason)


def purchase_project(office: Office, token: str, id_: str, *, digest: str, contract: str) -> Project:
    """Bought under a service contract. Money rests on it from here, so its account coding must be signed.

    Raises ``CodingUnsigned``, ``NotFound``.
    """
    with acting(office, token, Act.PROJECT_PURCHASE, f"project:{id_}") as mandate:
        project = _bound(mandate, id_, digest)
        bought = contract_of(mandate.transaction, contract)
        if bought.buyer != mandate.actor.party:
            raise mandate.refuse(
                RULES[Act.PROJECT_PURCHASE].id,
                project.subject,
                f"合同 {contract} 的购买方是 {bought.buyer}",
                f"the buyer of the contract {contract} is {bought.buyer}",
            )
        if mandate.now not in bought.term:
            raise mandate.refuse(
                RULES[Act.PROJECT_PURCHASE].id,
                project.subject,
                f"不在合同 {contract} 的合同期内",
                f"outside the term of the contract {contract}",
            )
        coding_in_force(mandate.transaction, mandate.scope, project)
        return _take(mandate, project, digest, changes={"contract": contract})


def report_built(office: Office, token: str, id_: str, *, digest: str, note: str) -> Project:
    """The operator of the contract reports it built."""
    with acting(office, token, Act.PROJECT_BUILD, f"project:{id_}") as mandate:
        project = _bound(mandate, id_, digest)
        operator = contract_of(mandate.transaction, project.contract).operator if project.contract else ""
        if operator and operator != mandate.actor.party:
            raise mandate.refuse(
                RULES[Act.PROJECT_BUILD].id,
                project.subject,
                f"建设方是 {operator}",
                f"it is built by {operator}",
            )
        return _take(mandate, project, digest, note=note)


def accept_project(office: Office, token: str, id_: str, *, digest: str, note: str) -> Project:
    """The lead agency accepts what was built."""
    return _step(office, token, Act.PROJECT_ACCEPT, id_, digest, note=note)


def put_into_operation(office: Office, token: str, id_: str, *, digest: str) -> Project:
    """The lead agency puts it into operation."""
    return _step(office, token, Act.PROJECT_OPERATE, id_, digest)


def _decide(office: Office, token: str, act: Act, id_: str, digest: str, document_number: str) -> Project:
    with acting(office, token, act, f"project:{id_}") as mandate:
        paper = _paper(document_number)
        change = _change_with(mandate, id_, digest)
        if change is not None:
            after = changed(project_of(mandate.transaction, mandate.scope, id_), change)
            _check_funds(mandate, after, of_level=act is Act.PROJECT_APPROVE)
            return _take_change(mandate, change, note="", paper=paper)
        project = _bound(mandate, id_, digest)
        _check_funds(mandate, project, of_level=act is Act.PROJECT_APPROVE)
        return _take(mandate, project, digest, changes=paper)


def _step(office: Office, token: str, act: Act, id_: str, digest: str, *, note: str = "") -> Project:
    with acting(office, token, act, f"project:{id_}") as mandate:
        change = _change_with(mandate, id_, digest) if act in _OF_CHANGES else None
        if change is not None:
            return _take_change(mandate, change, note=note, paper={})
        return _take(mandate, _bound(mandate, id_, digest), digest, note=note)


def _change_with(mandate: Mandate, id_: str, digest: str) -> Change | None:
    """The open change that has this digest, of a project the actor may see."""
    project_of(mandate.transaction, mandate.scope, id_)
    waiting = open_change(mandate.transaction, mandate.scope, id_)
    return waiting if waiting is not None and waiting.digest == digest else None


def changed(project: Project, change: Change) -> Project:
    """The project with the content of the change; what became of it stays."""
    document = {**plain(project), **change.document}
    return replace(project_from(document), changed_at=project.changed_at)


def _take_change(mandate: Mandate, change: Change, *, note: str, paper: Mapping[str, Any]) -> Project:
    """Review, apply, return or reject a change: the state of the project stays as it is."""
    if not (1 if STEPS[mandate.act].reasoned else 0) <= len(note) <= 500:
        raise InvalidValue(field="reason", found=f"{len(note)} characters", expected="1 to 500 characters")
    project = project_of(mandate.transaction, mandate.scope, change.project)
    after = changed(project, change)
    for each in (project, after):
        check_sides(mandate, each)
    mandate.decide(project.subject, digest=change.digest, owner=project.lead, note=note)
    outcome = _OF_CHANGES[mandate.act]
    decided_at = mandate.now if outcome else None
    if outcome == "applied":
        if change.reviewed_at is None:
            raise WrongProjectState(
                project=project.id, act=mandate.act.value, found="change stated", expected="change reviewed"
            )
        for each in (project, after):
            _rely_on(mandate, Act.PROJECT_REVIEW, each, change.digest)
    saved = replace(change, reviewed_at=change.reviewed_at or mandate.now, outcome=outcome, reason=note)
    save_change(mandate.transaction, mandate.scope, replace(saved, decided_at=decided_at))
    close_tasks(mandate.transaction, f"{project.subject}.change", closed_at=mandate.now)
    if outcome == "applied":
        after = replace(after, **paper, version=project.version + 1, changed_at=mandate.now)
        save_project(mandate.transaction, mandate.scope, project, after)
        facts = {"digest": change.digest, "version": after.version}
        mandate.audit(AuditEvent.PROJECT_CHANGED, project.subject, facts)
        mandate.announce(AuditEvent.PROJECT_CHANGED.value, project.subject, {"project": project.id, **facts})
        return after
    event = STEPS[mandate.act].event
    mandate.audit(event, project.subject, {"digest": change.digest, "change": change.number})
    told_ = {"project": project.id, "lead": project.lead, "change": change.number}
    mandate.announce(event.value, project.subject, told_)
    if not outcome:
        open_task(
            mandate.transaction,
            party=mandate.actor.party,
            duty=Duty.APPROVE,
            kind="project.decide-change",
            subject=f"{project.subject}.change",
            agency=project.lead,
            zh=f"批复或备案项目变更:{project.zh}",
            en=f"approve or file the change of {project.en}",
            opened_at=mandate.now,
            recorded_at=mandate.recorded_at,
        )
    return project


def _bound(mandate: Mandate, id_: str, digest: str) -> Project:
    project = project_of(mandate.transaction, mandate.scope, id_)
    found = project_digest(project)
    if found != digest:
        raise ProjectChanged(project=id_, digest=digest[:12], found=found[:12])
    return project


def _take(
    mandate: Mandate, project: Project, digest: str, *, note: str = "", changes: Mapping[str, Any] | None = None
) -> Project:
    """Take the mandate's step; a step this person took before is given back as it stands."""
    step = STEPS[mandate.act]
    if not (1 if step.reasoned else 0) <= len(note) <= 500:
        raise InvalidValue(field="reason", found=f"{len(note)} characters", expected="1 to 500 characters")
    check_sides(mandate, project)
    of_lead = mandate.actor.kind is PartyKind.AGENCY
    new = mandate.decide(project.subject, digest=digest, owner=None if of_lead else project.lead, note=note)
    if project.state not in step.start:
        if project.state is step.end and not new:
            return project
        raise WrongProjectState(
            project=project.id,
            act=mandate.act.value,
            found=project.state.value,
            expected=" / ".join(sorted(step.start)),
        )
    if step.rests_on is not None and not _rely_on(mandate, step.rests_on, project, digest):
        raise mandate.refuse(
            RULES[step.rests_on].id,
            project.subject,
            f"没有对这一内容的 {step.rests_on} 记录",
            f"no {step.rests_on} of this content is on record",
        )
    reason = note if step.reasoned else ""
    return advance(mandate, project, step.end, step.event, {**(changes or {}), "reason": reason}, digest=digest)


def advance(
    mandate: Mandate,
    project: Project,
    state: ProjectState,
    event: AuditEvent,
    changes: Mapping[str, Any],
    *,
    digest: str,
) -> Project:
    """Write the next version, say so, and wait for whoever is next."""
    after = replace(project, **changes, state=state, version=project.version + 1, changed_at=mandate.now)
    save_project(mandate.transaction, mandate.scope, project, after)
    told(mandate, after, event, digest=digest)
    return after


def told(mandate: Mandate, project: Project, event: AuditEvent, *, digest: str) -> None:
    """The audit entry, the event, and the task of whoever is waited for now."""
    facts = {"digest": digest, "version": project.version, "state": project.state.value}
    reason = {"reason_digest": sha256_hex(project.reason.encode())} if project.reason else {}
    mandate.audit(event, project.subject, {**facts, **reason})
    mandate.announce(event.value, project.subject, {"project": project.id, "lead": project.lead, **facts})
    close_tasks(mandate.transaction, project.subject, closed_at=mandate.now)
    waiting = WAITING.get(project.state)
    party = None if waiting is None else _waited_for(mandate, project, waiting.whom)
    if waiting is None or party is None:
        return
    open_task(
        mandate.transaction,
        party=party,
        duty=waiting.duty,
        kind=waiting.kind,
        subject=project.subject,
        agency=project.lead,
        zh=f"{waiting.zh}:{project.zh}",
        en=f"{waiting.en}: {project.en}",
        opened_at=mandate.now,
        recorded_at=mandate.recorded_at,
    )


def check_sides(mandate: Mandate, project: Project) -> None:
    """The lead alone acts for the agencies; nobody of a participant decides, though another one leads."""
    actor = mandate.actor
    if actor.kind is PartyKind.AGENCY:
        if actor.party != project.lead:
            raise mandate.refuse(
                RULES[mandate.act].id,
                project.subject,
                f"由牵头单位 {project.lead} 办理",
                f"the lead {project.lead} does this",
            )
        return
    others = {party_of(mandate.transaction, agency).organisation for agency in project.agencies}
    if actor.bodies & others:
        raise mandate.refuse(
            RULES[mandate.act].id,
            project.subject,
            "此人所属机构参与该项目,须由其他机构决定",
            "the person's organisation takes part in the project: another organisation decides",
        )


def _rely_on(mandate: Mandate, act: Act, project: Project, digest: str) -> bool:
    """Whether ``act`` on this content is on record; that whoever took it belongs to no participant now, either."""
    taken = [
        mandate.rely_on(act, project.subject, digest=digest, owner=agency)
        for agency in sorted(project.agencies, key=lambda agency: agency != project.lead)
    ]
    return all(taken)


def _check_funds(mandate: Mandate, project: Project, *, of_level: bool) -> None:
    level = level_of(mandate.transaction, party_of(mandate.transaction, mandate.actor.party))
    own = not project.funds or any(fund.level and fund.level == (level or fund.level) for fund in project.funds)
    if of_level and not own:
        raise FiledNotApproved(project=project.id, level=level or "?")
    if not of_level and own:
        raise ApprovedNotFiled(project=project.id, level=level or "?")


def level_of(transaction: Transaction, party: Party) -> str:
    """The level of government a party is of: its own, or that of its place; empty where neither is told."""
    return party.level or ("" if party.place is None else place_of(transaction, party.place).level)


def _paper(document_number: str) -> Mapping[str, str]:
    if not 1 <= len(document_number.strip()) <= 200:
        raise InvalidValue(field="document number", found=document_number[:80], expected="1 to 200 characters")
    return {"document_number": document_number.strip()}


def _waited_for(mandate: Mandate, project: Project, whom: str) -> str | None:
    transaction: Transaction = mandate.transaction
    if whom == "lead":
        return project.lead
    if whom == "operator":
        return contract_of(transaction, project.contract).operator if project.contract else None
    try:
        decider = decider_for(transaction, project.lead, mandate.now)
    except NotFound:
        return None
    return decider.id if whom == "decider" or decider.kind is PartyKind.BUREAU else None
