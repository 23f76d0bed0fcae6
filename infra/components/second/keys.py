"""The keys of an environment: one for everything in it, and those that its system asked for."""

from __future__ import annotations

from typing import Any

from governance.environments import EnvironmentSpec
from infra.components import names
from infra.components.policies import key_of_account
from infra.components.site import Site
from infra.provider.kinds.key import KEY


def build_keys(site: Site[EnvironmentSpec]) -> Any:
    """The ARN of the key that encrypts everything here: the agency's own where the place has one, else made here."""
    for one in site.spec.keys:
        _key(site, one.name, one.description or f"Key {one.name} of environment {site.spec.environment}")
    if site.placement.agency_key:
        return site.placement.agency_key
    return _key(site, names.OWN_KEY, f"Everything in environment {site.spec.environment}")


def _key(site: Site[EnvironmentSpec], name: str, description: str) -> Any:
    account = site.account or site.placement.account
    key = site.make(
        KEY,
        name,
        description=description,
        alias=names.key_alias(site.spec.environment, name),
        policy=key_of_account(site.placement.partition, account),
        rotation=True,
    )
    return key.output("arn")
