"""Moving a demo's business clock: an act like any other, with its audit entry."""

from __future__ import annotations

from datetime import datetime

from foundation.values.instant import format_instant
from governance import installation
from governance.audit import AuditEvent
from governance.authority import Act, Office, acting


def move_business_clock(office: Office, token: str, instant: datetime) -> bool:
    """Set the business clock of a demo; False if it stands there already. Raises ``NotADemo``."""
    with acting(office, token, Act.CLOCK_SET, "clock") as mandate:
        moved = installation.set_business_clock(mandate.transaction, instant, mandate.real)
        if moved:
            mandate.audit(AuditEvent.CLOCK_SET, "clock", {"to": format_instant(instant)})
    return moved
