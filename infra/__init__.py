"""The cloud as code: the provider, the engine that drives it, deployments, and the sandbox.

Owns everything that talks to a cloud. Does not decide what may be built (tenants, governance) and does not say
what is billed (tenants' register, billing). Only this package imports pulumi and the cloud's clients.
Import its rooms (``infra.sandbox``, ``infra.cloud``, …); nothing is imported here, so that each starts alone.
"""

from __future__ import annotations

__all__: list[str] = []
