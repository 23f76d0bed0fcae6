"""Offline verification: recomputes a pack from its own evidence, the reader's roots and the reader's keys.

Owns the form of an evidence pack and every check of one. Needs no database, no network and no other file; takes no
key and no root from the pack itself. Comparing a running installation with the roots is ``billing.live``'s.
"""

from billing.verification.archive import read_archive, write_archive
from billing.verification.errors import NotAPack, Undecodable, VerificationError
from billing.verification.pack import verify_pack
from billing.verification.result import Verification

__all__ = [
    "NotAPack",
    "Undecodable",
    "Verification",
    "VerificationError",
    "read_archive",
    "verify_pack",
    "write_archive",
]
