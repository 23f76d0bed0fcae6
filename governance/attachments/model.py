"""An attachment as a frozen value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of ``party``, attached to ``subject`` (``project:P-1``). ``digest`` is the content's SHA-256.

    ``media_type`` is told by the content; ``size`` in bytes. ``personal``: it holds personal data, so that every
    reading of it stands in the audit log. ``person`` attached it at ``attached_at`` (business time).
    """

    party: str
    subject: str
    name: str
    digest: str
    media_type: str
    size: int
    personal: bool
    person: str
    attached_at: datetime
