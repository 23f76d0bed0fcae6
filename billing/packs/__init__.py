"""Evidence packs: a bill with everything needed to recompute it, for one reader.

Owns what goes into a pack: an agency's statement pack holds its own rows, minutes and register facts and, of every
other agency, nothing but salted hashes; the buyer's settlement pack holds the statement packs. The form of a pack and
its checks are ``billing.verification``'s.
"""

from billing.packs.building import Pack, build_settlement_pack, build_statement_pack
from billing.packs.ports import SliDayEvidence, SliProofs
from billing.packs.service import settlement_pack, statement_pack
from billing.packs.sources import PackSources

__all__ = [
    "Pack",
    "PackSources",
    "SliDayEvidence",
    "SliProofs",
    "build_settlement_pack",
    "build_statement_pack",
    "settlement_pack",
    "statement_pack",
]
