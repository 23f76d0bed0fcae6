"""The second baseline: tiers, keys, logs, backups, people, and whatever else a spec names.

Owns which resources a spec of baseline 2 becomes. Frozen once an environment stands on it: what has to be made
otherwise is another baseline.
"""

from __future__ import annotations

from governance.environments import EnvironmentSpec
from infra.components.second.backups import build_backups
from infra.components.second.compute import build_balancers, build_machines
from infra.components.second.databases import build_databases
from infra.components.second.files import build_files
from infra.components.second.keys import build_keys
from infra.components.second.logs import build_logs
from infra.components.second.network import build_network
from infra.components.second.people import build_roles
from infra.components.second.secrets import build_secrets
from infra.components.second.storage import build_buckets
from infra.components.site import Site

__all__ = ["build_second"]


def build_second(site: Site[EnvironmentSpec]) -> None:
    """Write down an environment of the second baseline."""
    network = build_network(site)
    key = build_keys(site)
    build_logs(site, network, key)
    machines = build_machines(site, network, key)
    build_balancers(site, network, machines)
    build_buckets(site, key)
    build_files(site, network, key)
    build_secrets(site, key)
    build_databases(site, network, key)
    build_backups(site, key)
    build_roles(site)
