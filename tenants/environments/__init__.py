"""Environments 租户环境 as the tenants' side knows them, and the address plan 地址规划.

Owns which spec is approved for an environment, by which request, in which state it stands, and which CIDR block it
holds. Does not build: it hears of each deployment's end.
"""

from __future__ import annotations

from tenants.environments.addresses import allot_block, claim_block, next_free
from tenants.environments.model import Environment, EnvironmentState
from tenants.environments.service import environment_subscriber, environments, find_environment

__all__ = [
    "Environment",
    "EnvironmentState",
    "allot_block",
    "claim_block",
    "environment_subscriber",
    "environments",
    "find_environment",
    "next_free",
]
