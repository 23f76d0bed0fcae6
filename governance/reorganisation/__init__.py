"""Reorganisation 机构改革: parties renamed, merged, split or abolished on a date, by one document and one act.

Owns the document, its publication by two persons of the bureau, and the one transaction in which everything open
follows the successor. What of a room's is open, and how it follows, the room says itself (``ports.Follows``, bound in
``wiring``). History keeps the old ids: a reader finds it through ``governance.parties.predecessors_of``.
"""

from governance.reorganisation.applying import apply_due
from governance.reorganisation.columns import ColumnFollows
from governance.reorganisation.document import read_reorganisation
from governance.reorganisation.drafting import Bound, draft_reorganisation, publish_reorganisation
from governance.reorganisation.model import Applied, Moves, NewParty, Reorganisation, ReorganisationState
from governance.reorganisation.people import (
    AccountsFollow,
    DelegationsFollow,
    EngagementsFollow,
    MembershipsFollow,
)
from governance.reorganisation.ports import AlongWith, Follows, HistoryStays, Said
from governance.reorganisation.projects import ProjectsFollow, SystemsFollow
from governance.reorganisation.tables import moves_of, name_at, reorganisation_of, reorganisations
from governance.reorganisation.tasks import TasksFollow

__all__ = [
    "AccountsFollow",
    "AlongWith",
    "Applied",
    "Bound",
    "ColumnFollows",
    "DelegationsFollow",
    "EngagementsFollow",
    "Follows",
    "HistoryStays",
    "MembershipsFollow",
    "Moves",
    "NewParty",
    "ProjectsFollow",
    "Reorganisation",
    "ReorganisationState",
    "Said",
    "SystemsFollow",
    "TasksFollow",
    "apply_due",
    "draft_reorganisation",
    "moves_of",
    "name_at",
    "publish_reorganisation",
    "read_reorganisation",
    "reorganisation_of",
    "reorganisations",
]
