"""Events that ``wiring`` announces itself, apart from who announces them: every command comes by who hears them."""

from __future__ import annotations

AUDIT_BROKEN = "audit.broken"
"""A chain that does not hold; its subject is ``audit:<number>``."""
