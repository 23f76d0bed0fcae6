"""Route domains of the hub: who reaches whom, as the tables say it, before anything is built.

One domain an agency and zone, and one of the shared services. An attachment's traffic follows the table of its own
domain, and a table knows the networks of its own domain, of the shared services, and of agencies with an approved
peering in the same zone. Between zones nothing is routed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from governance.environments import Zone
from governance.environments.landing_zone import LandingZoneSpec

SHARED = "shared"


@dataclass(frozen=True, slots=True)
class Domain:
    """One route table: whose traffic follows it, and whose networks it knows; attachment ids, sorted."""

    name: str
    associated: tuple[str, ...]
    propagated: tuple[str, ...]


def domain_name(agency: str, zone: Zone) -> str:
    """The table of an agency's environments in a zone."""
    return f"{agency}-{zone}"


def domains(spec: LandingZoneSpec, shared: str) -> tuple[Domain, ...]:
    """Every table; an agency that the spec does not know has none. ``shared`` is the shared services' attachment."""
    known = {agency.agency for agency in spec.agencies}
    joined = [one for one in spec.networks if one.agency in known]
    tables = [Domain(SHARED, (shared,), tuple(sorted(one.attachment_id for one in joined)))]
    for agency in spec.agencies:
        for zone in dict.fromkeys(place.zone for place in agency.places):
            here = [one for one in joined if one.zone is zone]
            own = [one.attachment_id for one in here if one.agency == agency.agency]
            known_networks = [one.attachment_id for one in here if spec.may_reach(agency.agency, one.agency)]
            tables.append(
                Domain(domain_name(agency.agency, zone), tuple(sorted(own)), tuple(sorted({shared, *known_networks})))
            )
    return tuple(tables)


def reaches(tables: Iterable[Domain], networks: dict[str, str], source: str, target: str) -> bool:
    """Whether packets of attachment ``source`` arrive at ``target`` and answers come back; ``networks`` by attachment.

    Routes are taken as a router takes them: the longest prefix that covers the address.
    """
    listed = tuple(tables)
    return _goes(listed, networks, source, target) and _goes(listed, networks, target, source)


def _goes(tables: Sequence[Domain], networks: dict[str, str], source: str, target: str) -> bool:
    following = [table for table in tables if source in table.associated]
    if not following:
        return False
    address = IPv4Address(int(IPv4Network(networks[target]).network_address))
    routes = [(IPv4Network(networks[one]), one) for one in following[0].propagated if one in networks]
    covering = [(network.prefixlen, one) for network, one in routes if address in network]
    return bool(covering) and max(covering)[1] == target
