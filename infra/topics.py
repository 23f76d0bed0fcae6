"""The topics of fleets' events: every command looks for events, and few need a fleet in memory."""

from __future__ import annotations

FLEET_MEMBER_ENDED = "fleet.member-ended"
FLEET_STOPPED = "fleet.stopped"
"""An operation begins nothing more."""
RUN_STOPPED = ("work.failed", "work.parked")
FLEET_HEARS = (FLEET_MEMBER_ENDED, *RUN_STOPPED)
"""What releases the next environments of an operation."""
DRIFT_FOUND = "drift.found"
"""A look found what no look had found before; the payload's ``party`` is the agency's."""
DRIFT_UNSEEN = "drift.unseen"
"""The first look of a day that could not see its environment, for a reason that is likely to be every other's too."""
