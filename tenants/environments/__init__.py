"""Environments 租户环境 as the tenants' side knows them.

Owns which spec is approved for an environment, by which request, and in which state it stands. Which CIDR block it
holds is ``tenants.addresses``'. Does not build: it hears of each deployment's end.
"""

from __future__ import annotations

from tenants.environments.model import Environment, EnvironmentState
from tenants.environments.service import environment_subscriber, environments, find_environment

__all__ = [
    "Environment",
    "EnvironmentState",
    "environment_subscriber",
    "environments",
    "find_environment",
]
