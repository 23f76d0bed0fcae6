"""Stating: an agency states a project's need, states a returned one anew, or proposes a change of one that stands."""

from __future__ import annotations

from dataclasses import replace

from foundation.evidence import plain
from foundation.store import AlreadyThere
from governance.audit import AuditEvent
from governance.authority import Act, Mandate, Office, acting
from governance.errors import NotFound
from governance.parties import decider_for, parties
from governance.parties.model import Duty
from governance.projects.change_tables import Change, add_change, changes, open_change, save_change
from governance.projects.checking import project_findings
from governance.projects.errors import InvalidProject, ProjectIdTaken, WrongProjectState
from governance.projects.model import STANDING, Project, ProjectState
from governance.projects.stepping import CONTENT, advance, check_sides, project_digest, told
from governance.projects.tables import add_project, project_of
from governance.tasks import open_task


def state_project(office: Office, token: str, stated: Project) -> Project:
    """State what ``stated`` says (its content only; states and numbers are ours) for its lead, the actor's agency.

    A new project begins as a need; a returned one, or one nobody has reviewed yet, is stated anew. Of one that stands
    it is a change, which is reviewed and approved before it makes a new version. Raises ``InvalidProject`` with every
    finding, ``WrongProjectState`` for one that was rejected, stopped or is being decided on, ``ProjectIdTaken``,
    ``Refused``.
    """
    subject = f"project:{stated.id}"
    with acting(office, token, Act.PROJECT_STATE, subject) as mandate:
        check_sides(mandate, stated)
        known = {party.id: party for party in parties(mandate.transaction)}
        findings = tuple(project_findings(stated, known))
        if findings:
            first = findings[0]
            raise InvalidProject(count=len(findings), first_zh=first.zh, first_en=first.en, findings=findings)
        try:
            standing = project_of(mandate.transaction, mandate.scope, stated.id)
        except NotFound:
            return _new(mandate, stated)
        check_sides(mandate, standing)
        digest = project_digest(stated)
        if digest == project_digest(standing) and standing.state is not ProjectState.RETURNED:
            return standing
        if standing.state in STANDING:
            return _propose(mandate, standing, stated, digest)
        if standing.state not in {ProjectState.NEED, ProjectState.RETURNED}:
            raise WrongProjectState(
                project=stated.id, act=mandate.act.value, found=standing.state.value, expected="need / returned"
            )
        mandate.decide(subject, digest=digest)
        content = {name: getattr(stated, name) for name in CONTENT if name not in {"id", "lead"}}
        return advance(
            mandate,
            standing,
            ProjectState.NEED,
            AuditEvent.PROJECT_STATED,
            {**content, "reason": ""},
            digest=digest,
        )


def _new(mandate: Mandate, stated: Project) -> Project:
    project = replace(
        stated,
        state=ProjectState.NEED,
        document_number="",
        contract="",
        reason="",
        version=1,
        changed_at=mandate.now,
    )
    try:
        add_project(mandate.transaction, project)
    except AlreadyThere:
        raise ProjectIdTaken(id=stated.id) from None  # whose it is, is nobody's business here
    digest = project_digest(project)
    mandate.decide(project.subject, digest=digest)
    told(mandate, project, AuditEvent.PROJECT_STATED, digest=digest)
    return project


def _propose(mandate: Mandate, standing: Project, stated: Project, digest: str) -> Project:
    waiting = open_change(mandate.transaction, mandate.scope, standing.id)
    if waiting is not None and waiting.digest == digest:
        return standing
    if waiting is not None:
        gone = replace(waiting, outcome="superseded", decided_at=mandate.now)
        save_change(mandate.transaction, mandate.scope, gone)
    mandate.decide(standing.subject, digest=digest)
    document = plain(stated)
    change = Change(
        project=standing.id,
        number=len(changes(mandate.transaction, mandate.scope, standing.id)) + 1,
        agency=standing.lead,
        document={name: document[name] for name in CONTENT},
        digest=digest,
        stated_at=mandate.now,
        reviewed_at=None,
        outcome="",
        reason="",
        decided_at=None,
    )
    add_change(mandate.transaction, change)
    facts = {"digest": digest, "number": change.number}
    mandate.audit(AuditEvent.PROJECT_CHANGE_STATED, standing.subject, facts)
    mandate.announce(AuditEvent.PROJECT_CHANGE_STATED.value, standing.subject, {"project": standing.id, **facts})
    open_task(
        mandate.transaction,
        party=decider_for(mandate.transaction, standing.lead, mandate.now).id,
        duty=Duty.REVIEW,
        kind="project.review-change",
        subject=f"{standing.subject}.change",
        agency=standing.lead,
        zh=f"评审项目变更:{standing.zh}",
        en=f"review the change of {standing.en}",
        opened_at=mandate.now,
        recorded_at=mandate.recorded_at,
    )
    return standing
