"""The first run 首次运行: three named persons make the three administrators, the keys and the genesis entry; once.

Owns how an installation begins and that it begins only once. Each of the three confirms with a secret nobody else
knows; the last one makes it all. Nobody is a superuser before, meanwhile or after: what else there is to record is
the administrators' ordinary business.
"""

from governance.ceremony.document import Administrator, CeremonyDocument, read_ceremony
from governance.ceremony.holding import Founding, Note, begin, confirm, progress
from governance.ceremony.model import Progress

__all__ = [
    "Administrator",
    "CeremonyDocument",
    "Founding",
    "Note",
    "Progress",
    "begin",
    "confirm",
    "progress",
    "read_ceremony",
]
