"""What people see of drift and decide on it: lists, acceptances, the plan that reverts it, the spec that adopts it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from foundation.evidence import canonical_bytes, sha256_hex
from governance.audit import AuditEvent
from governance.authority import Act, Office, View, acting, viewing
from governance.environments import EnvironmentSpec
from governance.errors import NotFound
from governance.parties import PartyKind
from infra.deployments import Deployer, Planned, plan_environment
from infra.drift.adopting import Adoption, Plans, adopt
from infra.drift.errors import AcceptanceUnfit, FindingEnded, NothingToAdopt
from infra.drift.model import Acceptance, Finding, Look
from infra.drift.reading import settles
from infra.drift.tables import finding_of, findings_of, looks_of, newest_looks, save_findings
from infra.engine.model import plan_from_document
from infra.ports import OnProgress
from infra.reasons import check_reason

LONGEST = timedelta(days=180)
"""How long drift may be accepted at a time."""


@dataclass(frozen=True, slots=True)
class Reverting:
    """A plan, the findings it takes back, and those it does not."""

    planned: Planned
    settled: tuple[Finding, ...]
    left: tuple[Finding, ...]


def list_findings(
    view: View, *, environment: str = "", agency: str = "", standing: bool = False, limit: int | None = 500
) -> Sequence[Finding]:
    """The findings the reader may see, newest first; ``standing``: those that have not ended."""
    return findings_of(
        view.transaction, view.scope, environment=environment, agency=agency, standing=standing, limit=limit
    )


def show_finding(view: View, finding: str) -> Finding:
    """One finding. Raises ``NotFound``, also for another agency's."""
    found = finding_of(view.transaction, view.scope, finding)
    if found is None:
        raise NotFound(what_zh="漂移记录", what_en="drift finding", key=finding)
    return found


def list_looks(view: View, *, environment: str = "", unseen: bool = False, limit: int = 50) -> Sequence[Look]:
    """Looks the reader may see, newest first; ``unseen``: the newest of each environment that could not be seen."""
    if unseen:
        found = newest_looks(view.transaction, view.scope, unseen=True)
        return [one for one in found if environment in {"", one.environment}][:limit]
    return looks_of(view.transaction, view.scope, environment=environment, limit=limit)


def accept_finding(office: Office, token: str, finding: str, *, because: str, until: datetime) -> tuple[Finding, bool]:
    """Let a difference stay as it was found until an instant: (it, whether that is new).

    For the agency, or the party that decides for it; never for the operator. It ends by itself, and as soon as
    something else is found there. Raises ``NotFound``, ``FindingEnded``, ``AcceptanceUnfit``, ``InvalidValue``,
    ``Refused``.
    """
    check_reason("because", because)
    with viewing(office, token) as view:
        act = Act.DRIFT_ACCEPT if view.actor.kind is PartyKind.AGENCY else Act.DRIFT_EXCUSE
    with acting(office, token, act, f"drift:{finding}") as mandate:
        found = finding_of(mandate.transaction, mandate.scope, finding)
        if found is None:
            raise NotFound(what_zh="漂移记录", what_en="drift finding", key=finding)
        if found.ended_at is not None:
            raise FindingEnded(finding=finding, ending_zh=found.ending.zh, ending_en=found.ending.en)
        if not mandate.now < until <= mandate.now + LONGEST:
            raise AcceptanceUnfit(finding=finding, days=LONGEST.days)
        wanted = Acceptance(mandate.actor.person, because, until, mandate.now)
        standing = found.acceptance
        if standing is not None and replace(standing, at=wanted.at) == wanted:
            return found, False
        accepted = replace(found, acceptance=wanted)
        digest = sha256_hex(canonical_bytes([found.id, found.seen.found, because, until]))
        mandate.decide(found.subject, digest=digest, owner=found.agency, note=because)
        save_findings(mandate.transaction, mandate.scope, [accepted])
        facts = {
            "environment": found.environment,
            "until": until,
            "digest": digest,
            # A reason may name people, so the log has only its digest.
            "reason_digest": sha256_hex(because.encode()),
        }
        mandate.audit(AuditEvent.DRIFT_ACCEPTED, found.subject, facts)
        return accepted, True


def revert(deployer: Deployer, token: str, environment: str, *, progress: OnProgress | None = None) -> Reverting:
    """Plan the environment as approved, and say which findings that takes back: an ordinary plan, for the usual
    approval and guardrails. Errors as ``plan_environment``."""
    planned = plan_environment(deployer, token, environment, progress=progress)
    with acting(deployer.office, token, Act.PLAN_CREATE, f"environment:{environment}") as mandate:
        standing = findings_of(mandate.transaction, mandate.scope, environment=environment, standing=True)
        steps = () if planned.up_to_date else plan_from_document(planned.plan.document).changes
        settled = settles(steps, standing)
        marked = [replace(one, plan=planned.plan.id) for one in settled if one.plan != planned.plan.id]
        save_findings(mandate.transaction, mandate.scope, marked)
    left = tuple(one for one in standing if one not in settled)
    return Reverting(planned, settled, left)


def adoption_of(
    view: View, environment: str, spec: EnvironmentSpec, plans: Plans, *, chosen: Collection[str] = ()
) -> Adoption:
    """The approved ``spec`` with the standing findings of the environment in it, or the ``chosen`` of them.

    Raises ``NotFound`` for a chosen one that does not stand there, ``NothingToAdopt`` where none can be taken in.
    """
    standing = findings_of(view.transaction, view.scope, environment=environment, standing=True)
    for id_ in chosen:
        if all(one.id != id_ for one in standing):
            raise NotFound(what_zh=f"环境 {environment} 未结束的漂移", what_en="open drift finding", key=id_)
    made = adopt(spec, [one for one in standing if not chosen or one.id in chosen], plans)
    if not made.adopted:
        zh = ";".join(f"{one.finding.seen.resource} {one.zh}" for one in made.left) or "没有未结束的漂移"
        en = "; ".join(f"{one.finding.seen.resource}: {one.en}" for one in made.left) or "no finding stands"
        raise NothingToAdopt(environment=environment, because_zh=zh, because_en=en)
    return made
