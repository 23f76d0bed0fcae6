"""Whose machine it is: business systems 业务系统 over the machines of a room.

Owns reading ``systems.yaml``, proposing systems where it names none, and the one assignment of machines to systems.
A proposal is a guess until a person confirms it; the confirmed mapping is remembered and comes back in as a value.
"""

from takeover.systems.assignment import Assignment, Owner, assign_systems, confirm
from takeover.systems.model import BusinessSystem, Origin, SystemAssignment, SystemEntry, SystemsFile
from takeover.systems.proposals import Proposal, StemRule, propose_systems
from takeover.systems.reading import read_systems

__all__ = [
    "Assignment",
    "BusinessSystem",
    "Origin",
    "Owner",
    "Proposal",
    "StemRule",
    "SystemAssignment",
    "SystemEntry",
    "SystemsFile",
    "assign_systems",
    "confirm",
    "propose_systems",
    "read_systems",
]
