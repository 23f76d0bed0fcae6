"""The six kinds of meter, and which of them billing can charge today. Source: DOMAIN §3."""

from __future__ import annotations

from enum import StrEnum


class MeterKind(StrEnum):
    """How a meter's records add up over a period.

    ``delta`` and ``count`` are plain sums and ``level`` is quantity × seconds held, so their sum. ``peak`` is the
    highest value, ``p95`` the 95th percentile of 5-minute samples by nearest rank, ``distinct`` how many different
    ones: none of these three is a sum of its records.
    """

    DELTA = "delta"
    LEVEL = "level"
    COUNT = "count"
    PEAK = "peak"
    P95 = "p95"
    DISTINCT = "distinct"

    @property
    def zh(self) -> str:
        """The Chinese name."""
        return _ZH[self]


_ZH = {
    MeterKind.DELTA: "增量",
    MeterKind.LEVEL: "占用量",
    MeterKind.COUNT: "次数",
    MeterKind.PEAK: "峰值",
    MeterKind.P95: "第95百分位",
    MeterKind.DISTINCT: "去重计数",
}

SUMMED = frozenset({MeterKind.DELTA, MeterKind.LEVEL, MeterKind.COUNT})
"""The kinds whose use over a period is the sum of their records: all that rating does with segments today. A meter of
another kind can be offered and measured, but neither priced nor rated."""
