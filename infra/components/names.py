"""What the parts of an environment are called: in the engine's state, and in the cloud.

The engine knows a resource by its kind and its name here: another name means another resource. So none of these ever
changes for something that exists.
"""

from __future__ import annotations

import hashlib
from string import ascii_lowercase

from governance.environments import Purpose
from infra.provider.naming import bucket_name, name_prefix, role_name

__all__ = [
    "BACKUP",
    "BASELINE",
    "BOUNDARY",
    "FLOW_LOG",
    "HUB",
    "LOGS",
    "OPERATIONS",
    "OWN_KEY",
    "balancer",
    "bucket_name",
    "database",
    "database_name",
    "device_name",
    "displayed",
    "files",
    "fitted",
    "key_alias",
    "mount",
    "role_name",
    "tier",
]

OPERATIONS = "operations"
BASELINE = "baseline"
OWN_KEY = "guanyun-environment"
LOGS = "guanyun-logs"
"""The environment's own key and log bucket: a spec names none that begin so."""
FLOW_LOG = "network"
HUB = "hub"
BACKUP = "daily"
BOUNDARY = "boundary"


def displayed(environment: str, short: str) -> str:
    """The name that people see in the cloud."""
    return f"{environment}-{short}"


def tier(purpose: Purpose) -> str:
    """Security group, network ACL and route table of one purpose's subnets."""
    return f"tier-{purpose}"


def balancer(name: str) -> str:
    """The security group in front of a load balancer."""
    return f"balancer-{name}"


def database(name: str) -> str:
    """The security group of a database, and the secret with its first password."""
    return f"database-{name}"


def database_name(environment: str, name: str) -> str:
    """What a database is called in the cloud: unique, ours by its prefix, and of 58 characters at most."""
    return fitted(f"{name_prefix(environment)}{name}", 58)


def fitted(name: str, longest: int) -> str:
    """A name that a service takes: a longer one is cut, and ends in its own digest."""
    if len(name) <= longest:
        return name
    return f"{name[: longest - 9].rstrip('-')}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def files(name: str) -> str:
    """The security group of a file system."""
    return f"files-{name}"


def key_alias(environment: str, name: str) -> str:
    """What a key is called in the key service."""
    return f"alias/guanyun/environment/{environment}/{name}"


def mount(file_system: str, subnet: str) -> str:
    """Where a subnet reaches a file system."""
    return f"{file_system}-{subnet}"


def device_name(index: int) -> str:
    """The device a disk appears as: ``/dev/sdf`` … ``/dev/sdz``, then ``/dev/xvdba`` and on."""
    letters = ascii_lowercase[5:]
    if index < len(letters):
        return f"/dev/sd{letters[index]}"
    first, second = divmod(index - len(letters), len(ascii_lowercase))
    return f"/dev/xvd{ascii_lowercase[first + 1]}{ascii_lowercase[second]}"
