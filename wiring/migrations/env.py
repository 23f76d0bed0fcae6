"""Alembic's entry: runs the migrations on the connection that ``wiring.database`` hands over."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from foundation.store import Document, Exact, Instant
from wiring.tables import gather


def render(kind: str, value: Any, autogenerate: Any) -> str | Literal[False]:
    """Our column types as a new migration writes them."""
    if kind != "type" or not isinstance(value, (Document, Exact, Instant)):
        return False
    name = type(value).__name__
    autogenerate.imports.add(f"from foundation.store import {name}")
    return f"{name}({value.precision}, {value.scale})" if isinstance(value, Exact) else f"{name}()"


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=gather(),
    render_as_batch=context.config.attributes.get("batch", True),
    render_item=render,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
