"""The organisation's tree: units by level, zone and protection level, and the account each place gets. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from governance.environments import Protection, Zone
from governance.environments.landing_zone import AgencySpec, LandingZoneSpec, PlaceSpec


@dataclass(frozen=True, slots=True)
class Unit:
    """An organisational unit: its path from the root, as names. ``private``: no public network below it."""

    path: tuple[str, ...]
    private: bool = False

    @property
    def key(self) -> str:
        """Its name in the engine's state."""
        return "-".join(self.path)

    @property
    def parent(self) -> str:
        """The key of the unit above; empty below the root."""
        return "-".join(self.path[:-1])


@dataclass(frozen=True, slots=True)
class Vended:
    """An agency's own account: in which unit, by which name and mail address; ``account`` where it exists already."""

    agency: str
    zone: Zone
    protection: Protection
    unit: str
    name: str
    email: str
    account: str


def units(spec: LandingZoneSpec) -> tuple[Unit, ...]:
    """Every level, and below it the zones and protection levels that are used; parents first."""
    found: dict[tuple[str, ...], Unit] = {(level.code,): Unit((level.code,)) for level in spec.levels}
    for agency, place in _places(spec):
        zone, protection = (agency.level, place.zone.value), (agency.level, place.zone.value, place.protection.value)
        found.setdefault(zone, Unit(zone, private=place.zone is Zone.EXTRANET))
        # Inside the extranet zone the zone's own policy holds already.
        below = place.protection is Protection.LEVEL_3 and place.zone is Zone.INTERNET
        found.setdefault(protection, Unit(protection, private=below))
    return tuple(found[path] for path in sorted(found, key=lambda path: (len(path), path)))


def accounts(spec: LandingZoneSpec) -> tuple[Vended, ...]:
    """One account a place; none where the cloud has no organisations."""
    return tuple(_vended(spec, agency, place) for agency, place in _places(spec)) if spec.organisation else ()


def place_key(agency: str, zone: Zone, protection: Protection) -> str:
    """What an account is called, here and in the cloud."""
    return f"{agency}-{zone}-{protection}"


def _vended(spec: LandingZoneSpec, agency: AgencySpec, place: PlaceSpec) -> Vended:
    name = place_key(agency.agency, place.zone, place.protection)
    return Vended(
        agency=agency.agency,
        zone=place.zone,
        protection=place.protection,
        unit="-".join((agency.level, place.zone.value, place.protection.value)),
        name=name,
        email=f"{name}@{spec.email_domain}",
        account=place.account,
    )


def _places(spec: LandingZoneSpec) -> Iterable[tuple[AgencySpec, PlaceSpec]]:
    return ((agency, place) for agency in spec.agencies for place in agency.places)
