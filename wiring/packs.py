"""Packs and the live check, bound to monitoring's minutes and their proofs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from billing.live import LiveSources, verify_live
from billing.packs import Pack, PackSources, SliDayEvidence, settlement_pack, statement_pack
from billing.verification import Verification
from foundation.evidence import KeyRing
from foundation.store import Scope, Transaction
from foundation.values.month import Month
from governance.authority import viewing
from monitoring import SliBreak, month_minutes, sli_breaks, sli_proofs
from wiring.application import Application
from wiring.billing import settlement_sources, statement_sources


class SliEvidencePort:
    """billing's ``SliProofs`` and ``SliChecks``: monitoring's sealed days."""

    def month(
        self, transaction: Transaction, scope: Scope, agency: str, month: Month, *, names: Collection[str]
    ) -> Sequence[SliDayEvidence]:
        """Each of these sealed days of the agency with its states and the way to the root."""
        recorded = month_minutes(transaction, scope, month, agency=agency)
        states = {(day.day, day.service): day.states for day in recorded}
        return [
            SliDayEvidence(
                name=proof.sealed.name,
                day=proof.sealed.day,
                version=proof.sealed.version,
                states={service: states[proof.sealed.day, service] for service in proof.leaves},
                leaves=proof.leaves,
                salt=proof.salt,
                proof=proof.proof,
            )
            for proof in sli_proofs(transaction, scope, month, agency, names=names)
        ]

    def breaks(
        self, transaction: Transaction, scope: Scope, month: Month, handed_out: Mapping[str, Mapping[str, Any]]
    ) -> Sequence[SliBreak]:
        """What differs in one month from the roots handed out."""
        return sli_breaks(transaction, scope, month, handed_out)


def pack_sources(application: Application) -> PackSources:
    """What packs are built from."""
    return PackSources(statement_sources(application), settlement_sources(), SliEvidencePort())


def write_statement_pack(application: Application, token: str, statement: str, out: Path) -> int:
    """Write a statement's pack to ``out``; returns its bytes."""
    signer = application.signer("operator.billing")
    pack = statement_pack(application.office, token, pack_sources(application), statement, signer=signer)
    return _write(pack, out)


def write_settlement_pack(application: Application, token: str, settlement: str, out: Path) -> int:
    """Write a settlement's pack to ``out``; returns its bytes."""
    signer = application.signer("operator.billing")
    pack = settlement_pack(application.office, token, pack_sources(application), settlement, signer=signer)
    return _write(pack, out)


def check_live(application: Application, token: str, handed_out: Path, ring: KeyRing) -> Verification:
    """Compare the installation with the roots and keys the reader brings."""
    sources = LiveSources(packs=pack_sources(application), sli=SliEvidencePort())
    with viewing(application.office, token) as view:
        return verify_live(view, sources, handed_out, ring)


def _write(pack: Pack, out: Path) -> int:
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.with_name(out.name + ".part")
    partial.write_bytes(pack.data)
    partial.replace(out)
    return len(pack.data)
