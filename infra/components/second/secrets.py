"""Places for secrets: made here, filled by whoever knows the value."""

from __future__ import annotations

from typing import Any

from governance.environments import EnvironmentSpec
from infra.components.site import Site
from infra.provider.kinds.secret import SECRET


def build_secrets(site: Site[EnvironmentSpec], key: Any) -> None:
    """Each secret that the spec names, without a value, under the key."""
    for one in site.spec.secrets:
        description = one.description or f"{one.name} of environment {site.spec.environment}"
        site.make(SECRET, one.name, description=description, kms_key_id=key)
