"""接管: custody of rooms, networks and own clouds passes to the operator, in batches.

Owns the inventory of what a department hands over, which business system each machine serves, and the batches that
become environment specs. Does not parse files (``foundation.documents``), does not decide (``governance``, ``tenants``)
and builds nothing (``infra``). Its rooms: ``rooms`` (the inventory), ``systems`` (whose machine it is), ``batches``
(which machines move together, and into what).
"""

from takeover.errors import RoomUnknown, RoomWithoutSystems, TakeoverError
from takeover.service import (
    ConfirmOutcome,
    ImportOutcome,
    confirm_systems,
    import_machine_room,
    list_rooms,
    show_room,
    show_systems,
)
from takeover.tables import AssignedRoom, RoomImport

__all__ = [
    "AssignedRoom",
    "ConfirmOutcome",
    "ImportOutcome",
    "RoomImport",
    "RoomUnknown",
    "RoomWithoutSystems",
    "TakeoverError",
    "confirm_systems",
    "import_machine_room",
    "list_rooms",
    "show_room",
    "show_systems",
]
