"""Rating: usage of a month, priced. Pure: values in, lines out, no database and no clock.

Owns what a line comes to, and the number of its semantics. Does not own where use is kept (``billing.usage``) or what
a bill looks like (``billing.statements``).
"""

from billing.rating.model import (
    RATING_SEMANTICS,
    Holding,
    Line,
    Price,
    PriceUnit,
    Rated,
    Segment,
    Uncharged,
    Use,
)
from billing.rating.rate import rate
from billing.rating.segments import Epoch, check_holdings, epochs_of, segments_of

__all__ = [
    "RATING_SEMANTICS",
    "Epoch",
    "Holding",
    "Line",
    "Price",
    "PriceUnit",
    "Rated",
    "Segment",
    "Uncharged",
    "Use",
    "check_holdings",
    "epochs_of",
    "rate",
    "segments_of",
]
