"""The topics of fleets' events: every command looks for events, and few need a fleet in memory."""

from __future__ import annotations

FLEET_MEMBER_ENDED = "fleet.member-ended"
FLEET_STOPPED = "fleet.stopped"
"""An operation begins nothing more."""
RUN_STOPPED = ("work.failed", "work.parked")
FLEET_HEARS = (FLEET_MEMBER_ENDED, *RUN_STOPPED)
"""What releases the next environments of an operation."""
