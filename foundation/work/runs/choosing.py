"""Whose run comes next: agencies take turns, whatever each has waiting. Pure."""

from __future__ import annotations

import heapq
from collections.abc import Iterable

from foundation.work.runs.model import Lane


def take_turns(lanes: Iterable[Lane], free: int, *, for_one_agency: int | None = None) -> list[tuple[str, int]]:
    """How many runs each agency may start now, for ``free`` places: (agency, count), in the order they are served.

    The next place goes to the agency with the fewest running, and among equals to the one served longest ago; so an
    agency with one run waits for at most one place, however many thousand runs another has in the queue.
    """
    heap = [(lane.running, lane.served, lane.agency, lane.waiting) for lane in lanes if lane.waiting > 0]
    heapq.heapify(heap)
    given: dict[str, int] = {}
    turn = max((lane_served for _, lane_served, _, _ in heap), default=0)
    while heap and free > 0:
        running, _, agency, waiting = heapq.heappop(heap)
        if for_one_agency is not None and running >= for_one_agency:
            continue
        given[agency] = given.get(agency, 0) + 1
        free -= 1
        turn += 1
        if waiting > 1:
            heapq.heappush(heap, (running + 1, turn, agency, waiting - 1))
    return list(given.items())
