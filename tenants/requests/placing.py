"""Where what a request takes is placed: the region its quotas are counted in."""

from __future__ import annotations

from foundation.store import Transaction
from governance.authority import machine_scope
from governance.environments import EnvironmentSpec
from tenants.addresses.model import parse_network, span_of
from tenants.addresses.tables import pools, pools_over
from tenants.quotas.tables import limited_regions
from tenants.requests.content import Content


def region_of(transaction: Transaction, content: Content) -> str:
    """The region of the environment, and of the items that go with it; empty where nobody can tell.

    An environment is where its spec says, or where the published pool of its addresses is. Items alone, and an
    environment outside every pool, are in the installation's one region: that of its pools or, where these name none,
    that of its quotas.
    """
    placed = {_placed(transaction, spec) for spec in content.specs} - {""}
    if placed:
        return placed.pop() if len(placed) == 1 else ""
    known = {pool.region for pool in pools(transaction) if pool.region} or limited_regions(transaction, machine_scope())
    return next(iter(known)) if len(known) == 1 else ""


def _placed(transaction: Transaction, spec: EnvironmentSpec) -> str:
    if spec.region:
        return spec.region
    block = span_of(parse_network(spec.cidr))
    found = {pool.region for pool in pools_over(transaction, block) if pool.published_at is not None and pool.region}
    return found.pop() if len(found) == 1 else ""
