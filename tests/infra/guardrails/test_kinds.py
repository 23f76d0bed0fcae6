"""The rules know every kind that there is: a kind that holds data, takes a key or opens a way out is asked about it."""

from __future__ import annotations

import pytest

from infra.guardrails.rules import encryption, exposure, identity, keeping, limits, placement
from infra.provider.kinds import KINDS

PROPERTIES = {kind.short: {one.name for one in kind.properties} for kind in KINDS.values()}
each = pytest.mark.parametrize("kind", sorted(PROPERTIES))


@each
def test_a_kind_that_takes_a_key_is_asked_for_the_agencys(kind: str) -> None:
    names = {name for name in PROPERTIES[kind] if "kms" in name or name.startswith("encryption_key")}
    assert names <= set(encryption.KEY), f"{kind}: infra.guardrails.rules.encryption.KEY"
    if names:
        assert kind in encryption.KEYED, f"{kind}: infra.guardrails.rules.encryption.KEYED"


@each
def test_a_kind_that_may_be_unencrypted_is_asked_whether_it_is(kind: str) -> None:
    told = {name for name in PROPERTIES[kind] if "encrypt" in name} - {"encryption"} - set(encryption.KEY)
    assert told <= {*encryption.ENCRYPTED, *encryption.TRANSIT}, f"{kind}: infra.guardrails.rules.encryption"


@each
def test_a_kind_that_may_be_protected_or_emptied_is_asked_about_it(kind: str) -> None:
    protecting = {name for name in PROPERTIES[kind] if "protection" in name}
    assert protecting <= set(keeping.PROTECTIONS), f"{kind}: infra.guardrails.rules.keeping.PROTECTIONS"
    careless = {name for name in PROPERTIES[kind] if name.startswith(("force_", "skip_"))}
    assert careless <= set(keeping.CARELESS), f"{kind}: infra.guardrails.rules.keeping.CARELESS"
    if protecting and kind not in {"LoadBalancer", "Instance"}:
        assert kind in keeping.DATA_KINDS, f"{kind}: infra.guardrails.rules.keeping.DATA_KINDS"


@each
def test_a_role_like_kind_is_asked_for_its_boundary(kind: str) -> None:
    if any("boundary" in name for name in PROPERTIES[kind]):
        assert kind in identity.BOUNDED


@each
def test_a_peering_or_database_or_organisation_policy_is_known_as_one(kind: str) -> None:
    if "peer_vpc_id" in PROPERTIES[kind]:
        assert kind in placement.PEERINGS
    if "publicly_accessible" in PROPERTIES[kind]:
        assert kind in exposure.DATABASES
    if "organi" in kind.lower() and kind.endswith("Policy"):
        assert kind in limits.POLICIES
