"""The sandbox: an AWS API on loopback that keeps its state, for trials, demonstrations and tests.

Owns the process, its home folder and the journal that brings the same cloud back after any restart. Does not know
the provider, the engine or any environment. Public: ``up``, ``status``, ``down``, ``reset``, ``SandboxStatus``.
"""

from __future__ import annotations

from infra.sandbox.control import SandboxStatus, down, reset, status, up

__all__ = ["SandboxStatus", "down", "reset", "status", "up"]
