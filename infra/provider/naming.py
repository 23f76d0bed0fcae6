"""Names and tags by which an environment's resources are found again, also without the engine's state.

What can be tagged carries the environment's tag from its first moment; what cannot is named or filed by these
functions, so that one sweep finds it.
"""

from __future__ import annotations

import hashlib

ENVIRONMENT_TAG = "guanyun:environment"
TOKEN_TAG = "guanyun:token"  # noqa: S105  # the name of a tag, not a secret
URN_TAG = "guanyun:urn"
NAME_TAG = "Name"
OWN_TAGS = frozenset({ENVIRONMENT_TAG, TOKEN_TAG, URN_TAG, NAME_TAG})
"""Tags the provider writes itself; a program may not set them through ``tags``."""

_BUCKET_LIMIT = 63
_ROLE_LIMIT = 64


def environment_digest(environment: str) -> str:
    """Twelve hexadecimal digits that stand for an environment inside a name."""
    return hashlib.sha256(environment.encode()).hexdigest()[:12]


def bucket_prefix(environment: str) -> str:
    """What the name of each of an environment's buckets starts with."""
    return f"guanyun-{environment_digest(environment)}-"


def name_prefix(environment: str) -> str:
    """What the name of anything else begins with that only its name tells apart."""
    return f"guanyun-{environment_digest(environment)}-"


def bucket_name(environment: str, short: str) -> str:
    """The bucket's name, unique over environments; a long ``short`` is cut and ends in its own digest."""
    return _fitted(bucket_prefix(environment), short, _BUCKET_LIMIT)


def role_path(environment: str) -> str:
    """The IAM path that holds an environment's roles and nothing else."""
    return f"/guanyun/{environment}/"


def role_name(environment: str, short: str) -> str:
    """The role's name, unique in the account."""
    return _fitted(f"guanyun-{environment_digest(environment)}-", short, _ROLE_LIMIT)


def _fitted(prefix: str, short: str, limit: int) -> str:
    name = prefix + short
    if len(name) <= limit:
        return name
    return f"{name[: limit - 9]}-{hashlib.sha256(short.encode()).hexdigest()[:8]}"
