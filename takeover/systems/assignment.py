"""One assignment of a room's machines to systems: what a file names, what was confirmed before, what is proposed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from foundation.values.errors import InvalidValue
from foundation.values.findings import Finding, Place, Severity, blocking
from governance.environments import Protection, Zone
from takeover.rooms import Room
from takeover.systems.model import BusinessSystem, Origin, SystemAssignment, SystemEntry, SystemsFile
from takeover.systems.proposals import Proposal, StemRule, propose_systems


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose systems the proposals become when a person accepts them."""

    agency: str
    project: str
    zone: Zone = Zone.EXTRANET
    protection: Protection = Protection.LEVEL_2


@dataclass(frozen=True, slots=True)
class Assignment:
    """Systems with their machines, and the proposals nobody has confirmed yet. No machine is in two of them."""

    systems: tuple[SystemAssignment, ...]
    proposals: tuple[Proposal, ...]

    def newly_confirmed(self, remembered: Iterable[SystemAssignment]) -> tuple[SystemAssignment, ...]:
        """The confirmed systems that ``remembered`` does not hold in the same form: what is to be remembered now."""
        before = set(remembered)
        return tuple(one for one in self.systems if one.origin is Origin.CONFIRMED and one not in before)


def assign_systems(
    room: Room,
    named: SystemsFile | None = None,
    remembered: Sequence[SystemAssignment] = (),
    *,
    accept: Owner | None = None,
    rule: StemRule | None = None,
) -> tuple[Assignment | None, tuple[Finding, ...]]:
    """Assign every machine but templates; on any error there is no assignment.

    The file comes first and replaces what an earlier file said; then what was confirmed before; then proposals,
    accepted for ``accept``, or else left open with a warning each.
    """
    findings: list[Finding] = []
    from_file = _named(room, named, findings) if named else []
    if blocking(findings):
        return None, tuple(findings)
    taken = {machine for one in from_file for machine in one.machines}
    kept = [one for one in remembered if named is None or _outlives(one, named)]
    again = list(_remembered(room, kept, taken))
    taken.update(machine for one in again for machine in one.machines)
    codes = [one.system.code for one in (*from_file, *again)]
    proposals = propose_systems(room, taken, rule=rule, taken_codes=codes)
    if accept is not None:
        return Assignment((*from_file, *again, *confirm(proposals, accept)), ()), tuple(findings)
    findings.extend(_open(room, proposal) for proposal in proposals)
    return Assignment((*from_file, *again), proposals), tuple(findings)


def confirm(proposals: Iterable[Proposal], owner: Owner) -> tuple[SystemAssignment, ...]:
    """The proposals as systems of ``owner``, under their proposed codes and stems.

    Raises ``InvalidValue`` where there are any and the owner lacks its agency or project.
    """
    proposals = tuple(proposals)
    for field in ("agency", "project"):
        if proposals and not getattr(owner, field):
            raise InvalidValue(field=field, found="''", expected="the code of the proposed systems' owner")
    return tuple(
        SystemAssignment(
            BusinessSystem(
                code=proposal.code,
                name=proposal.stem,
                agency=owner.agency,
                project=owner.project,
                zone=owner.zone,
                protection=owner.protection,
            ),
            proposal.machines,
            Origin.CONFIRMED,
        )
        for proposal in proposals
    )


def _named(room: Room, named: SystemsFile, findings: list[Finding]) -> list[SystemAssignment]:
    spelled = {machine.name.casefold(): machine.name for machine in room.machines}
    owner: dict[str, SystemEntry] = {}
    for entry in named.entries:
        for machine, field in _claims(entry, spelled, named.file, findings):
            other = owner.setdefault(machine, entry)
            if other is not entry:
                findings.append(_claimed_twice(named.file, entry, field, machine, other))
    templates = {machine.name for machine in room.machines if machine.template}
    return [
        SystemAssignment(
            entry.system,
            tuple(
                machine.name
                for machine in room.machines
                if owner.get(machine.name) is entry and machine.name not in templates
            ),
            Origin.NAMED,
        )
        for entry in named.entries
    ]


def _claims(
    entry: SystemEntry, spelled: dict[str, str], file: str, findings: list[Finding]
) -> Iterable[tuple[str, str]]:
    """(machine as the room spells it, field that claims it); names that match nothing are findings."""
    for index, name in enumerate(entry.machines):
        field = f"systems[{entry.index}].machines[{index}]"
        if name.casefold() in spelled:
            yield spelled[name.casefold()], field
        else:
            findings.append(_matches_nothing(file, entry, field, name, Severity.ERROR))
    for index, pattern in enumerate(entry.patterns):
        field = f"systems[{entry.index}].patterns[{index}]"
        matches = [name for folded, name in spelled.items() if fnmatchcase(folded, pattern.casefold())]
        if not matches:
            findings.append(_matches_nothing(file, entry, field, pattern, Severity.WARNING))
        yield from ((name, field) for name in matches)


def _remembered(room: Room, remembered: Iterable[SystemAssignment], taken: set[str]) -> Iterable[SystemAssignment]:
    """What was confirmed before, without machines that have left the room or that the file names now."""
    present = {machine.name for machine in room.machines if not machine.template} - taken
    for one in remembered:
        machines = tuple(name for name in one.machines if name in present)
        if machines:
            yield SystemAssignment(one.system, machines, one.origin)


def _outlives(one: SystemAssignment, named: SystemsFile) -> bool:
    """Whether a remembered system stands beside a file: a person confirmed it, and the file does not redefine it."""
    return one.origin is Origin.CONFIRMED and all(one.system.code != entry.system.code for entry in named.entries)


def _matches_nothing(file: str, entry: SystemEntry, field: str, text: str, severity: Severity) -> Finding:
    return Finding(
        code="takeover.systems.machine-unknown",
        severity=severity,
        place=Place(file=file, row=entry.row, field=field),
        found=text,
        expected="a machine of the room",
        zh=f"系统 {entry.system.name} 的“{text}”在机房中没有对应的虚拟机",
        en=f"{text!r} of system {entry.system.name} matches no machine of the room",
    )


def _claimed_twice(file: str, entry: SystemEntry, field: str, machine: str, other: SystemEntry) -> Finding:
    return Finding(
        code="takeover.systems.machine-claimed-twice",
        severity=Severity.ERROR,
        place=Place(file=file, row=entry.row, field=field),
        found=machine,
        expected="each machine in one system",
        zh=f"虚拟机 {machine} 同时属于系统 {other.system.name} 和 {entry.system.name}",
        en=f"machine {machine} is in system {other.system.name} and in {entry.system.name}",
    )


def _open(room: Room, proposal: Proposal) -> Finding:
    count = len(proposal.machines)
    return Finding(
        code="takeover.systems.proposed",
        severity=Severity.WARNING,
        place=Place(file=room.file, field=proposal.code),
        found=f"{count}: {', '.join(proposal.machines[:5])}" + (" …" if count > 5 else ""),
        expected="a confirmed system",
        zh=f"建议系统 {proposal.code}(拟定),{count} 台虚拟机,待确认",
        en=f"system {proposal.code} is proposed for {count} machines and awaits confirmation",
    )
