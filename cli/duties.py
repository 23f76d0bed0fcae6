"""A duty as a person types it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from governance.parties import Duty


def read_duty(text: str) -> Duty:
    """The duty of that name; raises ``InvalidValue`` with all there are."""
    from foundation.values.errors import InvalidValue
    from governance.parties import Duty

    if text not in set(Duty):
        raise InvalidValue(field="duty", found=text, expected=", ".join(Duty))
    return Duty(text)
