"""纳管: each level says of its own regions how far they are managed, and nobody manages them further."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from foundation.evidence import canonical_bytes, sha256_hex
from foundation.store import Scope, Transaction
from governance.audit import AuditEvent
from governance.authority import Act, Office, View, acting
from governance.environments.landing_zone import LandingZoneSpec, Managed
from governance.errors import NotFound
from infra.landing_zone.errors import NoLandingZone
from infra.landing_zone.model import ManagedRegion, reached
from infra.landing_zone.tables import insert_word, standing_proposal, words_of


def enrol_region(office: Office, token: str, region: str, managed: Managed) -> tuple[ManagedRegion, bool]:
    """Say how far one's own region is managed: (it, whether that is new). A lesser word holds at once.

    Raises ``NoLandingZone``, ``NotFound`` for a region that the layer does not name, ``Refused`` unless the region is
    the actor's own party's.
    """
    with acting(office, token, Act.REGION_ENROL, f"region:{region}") as mandate:
        standing = standing_proposal(mandate.transaction, mandate.scope)
        if standing is None:
            raise NoLandingZone
        named = standing.spec.region(region)
        if named is None:
            raise NotFound(what_zh="纳管区域", what_en="region of the layer", key=region)
        if named.owner != mandate.actor.party:
            raise mandate.refuse(
                "I04",
                f"region:{region}",
                f"区域 {region} 属于 {named.owner},由其决定纳管方式",
                f"region {region} is {named.owner}'s, who says how far it is managed",
            )
        known = words_of(mandate.transaction, mandate.scope)
        if known.get((region, named.owner)) is managed:
            return _managed(standing.spec, region, known), False
        insert_word(
            mandate.transaction,
            region,
            named.owner,
            managed,
            person=mandate.actor.person,
            at=mandate.now,
            recorded_at=mandate.recorded_at,
        )
        said = {"region": region, "owner": named.owner, "managed": managed.value}
        mandate.decide(f"region:{region}", digest=sha256_hex(canonical_bytes(said)))
        mandate.audit(AuditEvent.REGION_ENROLLED, f"region:{region}", said)
        return _managed(standing.spec, region, words_of(mandate.transaction, mandate.scope)), True


def managed_regions(view: View) -> Sequence[ManagedRegion]:
    """The regions of the layer, and how far each is managed; none before a landing zone was approved."""
    standing = standing_proposal(view.transaction, view.scope)
    if standing is None:
        return ()
    words = words_of(view.transaction, view.scope)
    return tuple(_managed(standing.spec, one.region, words) for one in standing.spec.regions)


def enrolled(transaction: Transaction, scope: Scope, spec: LandingZoneSpec) -> LandingZoneSpec:
    """The spec with each region managed as far as its own level lets it."""
    words = words_of(transaction, scope)
    regions = tuple(replace(one, managed=_managed(spec, one.region, words).managed) for one in spec.regions)
    return replace(spec, regions=regions)


def _managed(spec: LandingZoneSpec, region: str, words: Mapping[tuple[str, str], Managed]) -> ManagedRegion:
    named = spec.region(region)
    assert named is not None  # noqa: S101 - asked of the regions of the spec only
    word = words.get((region, named.owner))
    # The operator's own regions are named by itself, and were approved with the spec.
    said = word or (named.managed if named.owner == spec.agency else Managed.REGISTERED)
    return ManagedRegion(region, named.owner, named.level, named.managed, word, reached(named.managed, said))
