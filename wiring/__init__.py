"""The one place that binds: ports to their makers, events to their subscribers, tables to Alembic, settings to all.

Owns no rule. Nothing below imports it; ``cli`` and ``portal`` come through it.
"""
