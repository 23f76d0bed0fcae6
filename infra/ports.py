"""What ``infra`` asks of others; ``wiring`` binds each.

The engine's port lives beside its values, and is named here because callers look for ports in one place.
"""

from __future__ import annotations

from infra.engine.port import Engine, OnProgress, ResumableEngine

__all__ = ["Engine", "OnProgress", "ResumableEngine"]
