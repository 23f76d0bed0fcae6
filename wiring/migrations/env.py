"""Alembic's entry: runs the migrations on the connection that ``wiring.database`` hands over."""

from __future__ import annotations

from alembic import context

from wiring.tables import gather

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=gather(),
    render_as_batch=True,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
