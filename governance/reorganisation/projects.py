"""How projects and business systems follow: as a next version, so that what was agreed under the old name stays."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from foundation.store import Transaction
from governance.authority import machine_scope
from governance.projects import BusinessSystem, Participant, Project, ProjectState, SystemUser, projects, systems
from governance.reorganisation.model import Moves
from governance.reorganisation.versions import save_projects, save_systems

_OVER = frozenset({ProjectState.STOPPED, ProjectState.REJECTED})


@dataclass(frozen=True, slots=True)
class ProjectsFollow:
    """Projects that are not over: lead and participants; the shares of two that become one are added up."""

    table: str = "project"

    def follow(self, transaction: Transaction, moves: Moves) -> int:
        """Each changed project gets one version more."""
        changed = [
            (before, after)
            for before in projects(transaction, machine_scope())
            if before.state not in _OVER and (after := _project(before, moves)) != before
        ]
        save_projects(transaction, machine_scope(), changed)
        return len(changed)


@dataclass(frozen=True, slots=True)
class SystemsFollow:
    """Every business system: its owner, and who else takes part in it."""

    table: str = "business_system"

    def follow(self, transaction: Transaction, moves: Moves) -> int:
        """Each changed system gets one version more."""
        changed = [
            (before, after)
            for before in systems(transaction, machine_scope())
            if (after := _system(before, moves)) != before
        ]
        save_systems(transaction, machine_scope(), changed)
        return len(changed)


def with_projects(transaction: Transaction, moves: Moves) -> Moves:
    """In a split a project that is not named goes with its systems, where they stay together."""
    goes_to: dict[tuple[str, str], set[str]] = {}
    for system in systems(transaction, machine_scope()) if moves.shares.get("system") else ():
        successor = moves.successor(system.agency, system=system.id)
        goes_to.setdefault((system.agency, system.project), set()).add(successor)
    together = {project: to.pop() for project, to in goes_to.items() if len(to) == 1}
    return replace(moves, shares={**moves.shares, "project": together | dict(moves.shares.get("project", {}))})


def _project(project: Project, moves: Moves) -> Project:
    if not project.agencies & moves.predecessors:
        return project
    lead = moves.successor(project.lead, project=project.id)
    shares = _shares(((one.agency, one.share) for one in project.participants), moves, project=project.id)
    participants = tuple(Participant(agency, share) for agency, share in shares)
    if (lead, participants) == (project.lead, project.participants):
        return project
    return replace(project, lead=lead, participants=participants, version=project.version + 1, changed_at=moves.at)


def _system(system: BusinessSystem, moves: Moves) -> BusinessSystem:
    if not system.agencies & moves.predecessors:
        return system
    agency = moves.successor(system.agency, system=system.id)
    # Whoever becomes the owner is no other user any more: the owner's share is what the others leave.
    shares = _shares(((one.agency, one.share) for one in system.users), moves, system=system.id)
    users = tuple(SystemUser(user, share) for user, share in shares if user != agency)
    return replace(system, agency=agency, users=users)


def _shares(named: Iterable[tuple[str, Decimal]], moves: Moves, **thing: str) -> list[tuple[str, Decimal]]:
    added: dict[str, Decimal] = {}
    for agency, share in named:
        successor = moves.successor(agency, **thing)
        added[successor] = added.get(successor, Decimal(0)) + share
    return list(added.items())
