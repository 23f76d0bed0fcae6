"""The SLA calculators: minute states, their counts, availability and the share of the charge it costs.

Owns how availability is computed, as pure functions over text and whole numbers: monitoring, billing and an offline
verification run this very code. Which tiers and how much grace apply is data of the settlement scheme
(``governance.contracts``); writing the minutes down is ``monitoring``'s, the deduction line ``billing``'s.
"""

from governance.sla.availability import Availability, Tier, TierLike, deduction_share, grace_minutes, tier_of
from governance.sla.calculators import CALCULATORS, Calculator
from governance.sla.minutes import (
    MINUTES_A_DAY,
    Check,
    MinuteCounts,
    MinuteState,
    classify,
    count_minutes,
    count_month,
    day_states,
    sli_rows,
)

__all__ = [
    "CALCULATORS",
    "MINUTES_A_DAY",
    "Availability",
    "Calculator",
    "Check",
    "MinuteCounts",
    "MinuteState",
    "Tier",
    "TierLike",
    "classify",
    "count_minutes",
    "count_month",
    "day_states",
    "deduction_share",
    "grace_minutes",
    "sli_rows",
    "tier_of",
]
