"""A machine room 机房 as its RVTools export shows it: hosts, virtual machines, addresses.

Owns reading the two generations of that export and saying everything that is wrong or assumed. Pure: rows come in as
values, and any error means there is no room.
"""

from takeover.rooms.model import AddressText, DiskSource, Host, Machine, OperatingSystemSource, Power, Room
from takeover.rooms.rvtools import import_room
from takeover.rooms.sheets import SHEETS
from takeover.rooms.summary import RoomSummary, summarise

__all__ = [
    "SHEETS",
    "AddressText",
    "DiskSource",
    "Host",
    "Machine",
    "OperatingSystemSource",
    "Power",
    "Room",
    "RoomSummary",
    "import_room",
    "summarise",
]
