"""Statements are drawn over the same installation the usage store is tested on."""

from __future__ import annotations

from tests.billing.usage.conftest import record, works

__all__ = ["record", "works"]
