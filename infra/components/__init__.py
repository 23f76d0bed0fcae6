"""Components: what an environment is made of, written down as cloud resources.

Owns the shape of a tenant environment and its security baseline. Does not decide who gets one, and calls no cloud:
the engine does that.
"""

from infra.components.placement import Placement
from infra.components.tenant_environment import TenantEnvironment, TenantEnvironmentArgs

__all__ = ["Placement", "TenantEnvironment", "TenantEnvironmentArgs"]
