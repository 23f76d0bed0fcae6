"""Draws up the environment spec of one system's machines, and keeps the way back to their names in the room."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network

from foundation.values.errors import InvalidValue
from foundation.values.findings import Finding, Place, Severity
from governance.environments import (
    EnvironmentSpec,
    IngressRule,
    InstanceSpec,
    VolumeSpec,
    spec_document,
    spec_from_document,
)
from takeover.batches.fitting import SystemDraft
from takeover.batches.subnets import environment_prefix, subnets_for
from takeover.names import LONGEST, names_for

_VOLUME = "-system"


@dataclass(frozen=True, slots=True)
class EnvironmentSettings:
    """What the room does not say: fund source, image, the address block, over how many zones, what may come in.

    ``environment`` is a name of one's own; left empty it is drawn from the agency's and the system's code.
    """

    fund_source: str
    image: str
    cidr: IPv4Network
    zones: int = 1
    ingress: tuple[IngressRule, ...] = ()
    environment: str = ""

    def __post_init__(self) -> None:
        if self.zones < 1:
            raise InvalidValue(field="zones", found=str(self.zones), expected="at least 1")


@dataclass(frozen=True, slots=True)
class EnvironmentDraft:
    """A spec, and ``machines``: the room's name of each of its instances, by instance name."""

    spec: EnvironmentSpec
    machines: Mapping[str, str]


def environment_name(agency: str, system: str) -> str:
    """The name of a system's environment, distinct for every (agency, system)."""
    label = f"{agency}-{system}"
    # "a-b" + "c" and "a" + "b-c" read alike: only codes without a hyphen may simply be joined
    original = label if "-" not in agency else f"{agency}/{system}"
    return names_for([original])[original]


def environment_spec(
    draft: SystemDraft, settings: EnvironmentSettings
) -> tuple[EnvironmentDraft | None, tuple[Finding, ...]]:
    """The spec of one system: an instance a machine with one system volume, spread evenly over the subnets.

    On any finding (the address block too small, a value the spec refuses) there is no spec.
    """
    subnets = subnets_for(settings.cidr, len(draft.machines), settings.zones)
    if subnets is None:
        return None, (_too_small(draft, settings),)
    names = names_for((one.machine for one in draft.machines), longest=LONGEST - len(_VOLUME))
    system = draft.system
    instances = tuple(
        InstanceSpec(
            name=names[one.machine],
            plan=one.plan.code,
            instance_type=one.plan.instance_type,
            image=settings.image,
            subnet=subnets[index % len(subnets)].name,
            volumes=(VolumeSpec(names[one.machine] + _VOLUME, one.disk_gb),),
        )
        for index, one in enumerate(draft.machines)
    )
    spec = EnvironmentSpec(
        environment=settings.environment or environment_name(system.agency, system.code),
        agency=system.agency,
        system=system.code,
        project=system.project,
        fund_source=settings.fund_source,
        zone=system.zone,
        protection=system.protection,
        cidr=str(settings.cidr),
        subnets=subnets,
        ingress=settings.ingress,
        instances=instances,
    )
    accepted, findings = spec_from_document(spec_document(spec))
    if accepted is None:
        return None, findings
    return EnvironmentDraft(accepted, {names[one.machine]: one.machine for one in draft.machines}), ()


def _too_small(draft: SystemDraft, settings: EnvironmentSettings) -> Finding:
    needed = environment_prefix(len(draft.machines), settings.zones)
    count = len(draft.machines)
    return Finding(
        code="takeover.batch.addresses-too-few",
        severity=Severity.ERROR,
        place=Place(field="cidr"),
        found=str(settings.cidr),
        expected=f"/{needed}",
        zh=f"地址段 {settings.cidr} 放不下系统 {draft.system.name} 的 {count} 台虚拟机,至少需要 /{needed}",
        en=f"{settings.cidr} cannot hold the {count} machines of {draft.system.name}; it needs at least a /{needed}",
    )
