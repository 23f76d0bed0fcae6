"""The register 资源台账: the one list of what exists for whom, and from when to when.

Owns the entries; charging starts and ends at their instants. Deployments write it by an outbox event, billing and
monitoring read ``entries``. An entry is never edited once it has been in force: a change closes it and opens another.
"""

from __future__ import annotations

from tenants.register.model import Resource, resource_of
from tenants.register.service import close_entries, entries, open_entries, register_subscriber

__all__ = ["Resource", "close_entries", "entries", "open_entries", "register_subscriber", "resource_of"]
