"""A day's root covers every minute of every agency; one minute changed is found, and named."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from foundation.evidence import (
    FileSigner,
    KeyRing,
    create_key,
    hand_out,
    open_signed,
    read_handed_out,
    read_key_ring,
    root_of_agency,
    series_leaf,
    signed_from_document,
)
from foundation.values.month import Month
from foundation.work.outbox import outbox_table
from governance.authority import Office, machine_scope, viewing
from governance.errors import Refused
from governance.sla import sli_rows
from monitoring import SealedDay, import_probe_log, month_minutes, seal_days, sealed_days, sli_breaks, sli_proofs
from monitoring.errors import NoMinutes

FEBRUARY = Month(2026, 2)
DAY = date(2026, 2, 11)


@pytest.fixture
def evidence(tmp_path: Path) -> tuple[FileSigner, KeyRing]:
    private = tmp_path / "private" / "operator.evidence.pem"
    create_key(private, tmp_path / "roots" / "operator.evidence.pub.pem")
    return FileSigner(private), read_key_ring(tmp_path / "roots")


@pytest.fixture
def seal(desk: Office, people: dict[str, str], evidence: Any) -> Callable[..., tuple[SealedDay, ...]]:
    salts = itertools.count(1)

    def run(month: Month = FEBRUARY) -> tuple[SealedDay, ...]:
        return seal_days(desk, people["operator-1"], month, signer=evidence[0], salt=lambda: f"{next(salts):064x}")

    return run


@pytest.fixture
def recorded(desk: Office, people: dict[str, str], probe: Any, february_checks: Callable[..., Any]) -> Office:
    """Two agencies' February."""
    for agency, down in (("hrss", range(0, 28 * 1440, 120)), ("housing", range(0, 28 * 1440, 180))):
        log = probe.log(february_checks(down=down), agency=agency)
        assert import_probe_log(desk, people["bureau-1"], log, probe.ring)[1] == ()
    return desk


def handed_out(desk: Office, folder: Path, ring: KeyRing) -> Any:
    with desk.store.reading() as transaction:
        for event in transaction.rows(select(outbox_table).where(outbox_table.c.topic == "root.signed")):
            signed = signed_from_document(event["payload"]["signed"], what="payload")
            hand_out(folder, event["payload"]["name"], signed)
    return read_handed_out(folder, ring, owner="operator.evidence")


def breaks(desk: Office, out: Any) -> list[tuple[date, str, str]]:
    with desk.store.reading() as transaction:
        found = sli_breaks(transaction, machine_scope(), FEBRUARY, out)
    assert all(each.zh and each.en for each in found)
    return [(each.day, each.agency, each.service) for each in found]


def test_every_day_is_sealed_signed_and_announced(recorded: Office, seal: Any, evidence: Any, tmp_path: Path) -> None:
    sealed = seal()
    assert [each.day for each in sealed] == list(FEBRUARY.days())
    assert sealed[0].name == "sli-2026-02-01.v1"
    body = open_signed(sealed[0].signed, evidence[1], owner="operator.evidence", what="root")
    assert body == {"kind": "sli", "day": "2026-02-01", "version": 1, "root": sealed[0].root}
    out = handed_out(recorded, tmp_path / "out", evidence[1])
    assert sorted(out) == [each.name for each in sealed]
    assert breaks(recorded, out) == []


def test_sealing_again_gives_the_same_seals(recorded: Office, seal: Any) -> None:
    first = seal()
    assert seal() == first
    with recorded.store.reading() as transaction:
        assert tuple(sealed_days(transaction, FEBRUARY)) == first
        signed = select(outbox_table).where(outbox_table.c.topic == "root.signed")
        assert len(transaction.rows(signed)) == 28


def test_minutes_that_come_later_make_a_new_version(
    desk: Office,
    people: dict[str, str],
    probe: Any,
    february_checks: Callable[..., Any],
    seal: Any,
    evidence: Any,
    tmp_path: Path,
) -> None:
    import_probe_log(desk, people["bureau-1"], probe.log(february_checks()), probe.ring)
    first = seal()
    import_probe_log(desk, people["bureau-1"], probe.log(february_checks(), agency="housing"), probe.ring)
    out = handed_out(desk, tmp_path / "out", evidence[1])
    assert breaks(desk, out)[:1] == [(date(2026, 2, 1), "housing", "cloud-host")]
    second = seal()
    assert {each.version for each in second} == {2}
    assert all(now.root != before.root for before, now in zip(first, second, strict=True))
    assert breaks(desk, handed_out(desk, tmp_path / "out", evidence[1])) == []


def test_a_month_that_is_not_over_is_not_sealed(
    desk: Office, people: dict[str, str], example_log: Path, seal: Any
) -> None:
    """The tests' business stands at the very start of March."""
    import_probe_log(desk, people["bureau-1"], example_log, read_key_ring(example_log.parent))
    assert seal(Month(2026, 3)) == ()


def test_a_month_without_minutes_cannot_be_sealed(desk: Office, seal: Any) -> None:
    with pytest.raises(NoMinutes):
        seal()


def test_the_bureau_does_not_seal_the_operators_evidence(
    recorded: Office, people: dict[str, str], evidence: Any
) -> None:
    with pytest.raises(Refused, match="R16"):
        seal_days(recorded, people["bureau-1"], FEBRUARY, signer=evidence[0], salt=lambda: "0" * 64)


def test_an_agencys_proof_leads_from_its_minutes_to_the_root(
    recorded: Office, people: dict[str, str], seal: Any
) -> None:
    sealed = seal()
    with viewing(recorded, people["hrss-1"]) as view:
        proofs = sli_proofs(view.transaction, view.scope, FEBRUARY, "hrss")
        minutes = month_minutes(view.transaction, view.scope, FEBRUARY)
    assert [each.sealed for each in proofs] == list(sealed)
    for day, proof in zip(minutes, proofs, strict=True):
        leaves = {day.service: series_leaf(day.service, sli_rows(day.day, day.states))}
        assert leaves == proof.leaves
        assert root_of_agency(leaves, proof.salt, proof.proof) == proof.sealed.root
        flipped = {day.service: series_leaf(day.service, sli_rows(day.day, "u" + day.states[1:]))}
        assert root_of_agency(flipped, proof.salt, proof.proof) != proof.sealed.root


def test_an_agency_reads_no_proof_of_another(recorded: Office, people: dict[str, str], seal: Any) -> None:
    seal()
    with viewing(recorded, people["hrss-1"]) as view:
        assert sli_proofs(view.transaction, view.scope, FEBRUARY, "housing") == []
        own = sli_proofs(view.transaction, view.scope, FEBRUARY, "hrss")
    told = str([asdict(each) for each in own])
    with recorded.store.reading() as transaction:
        others = sli_proofs(transaction, machine_scope(), FEBRUARY, "housing")
    assert not any(each.salt in told or leaf in told for each in others for leaf in each.leaves.values())
    assert "housing" not in told


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (
            "UPDATE sli_day SET states = 'x' || substr(states, 2) WHERE day = '2026-02-11' AND agency = 'housing'",
            "series",
        ),
        ("DELETE FROM sli_day WHERE day = '2026-02-11' AND agency = 'housing'", "series"),
        ("DELETE FROM sli_leaf WHERE day = '2026-02-11' AND agency = 'housing'", "series"),
        ("UPDATE sli_day_agency SET salt = replace(salt, '0', '1') WHERE day = '2026-02-11'", "day"),
        ("DELETE FROM sli_day_agency WHERE day = '2026-02-11' AND agency = 'housing'", "day"),
        ("DELETE FROM sli_day_close WHERE day = '2026-02-11'", "day"),
    ],
)
def test_one_change_behind_the_back_is_found_and_named(
    recorded: Office, seal: Any, evidence: Any, tmp_path: Path, change: str, found: str
) -> None:
    seal()
    out = handed_out(recorded, tmp_path / "out", evidence[1])
    with recorded.store.transaction() as transaction:
        assert transaction.write(text(change)) > 0
    assert breaks(recorded, out) == [(DAY, "housing", "cloud-host") if found == "series" else (DAY, "", "")]


def test_a_root_that_was_rewritten_with_its_leaves_is_found(
    recorded: Office, people: dict[str, str], seal: Any, evidence: Any, tmp_path: Path
) -> None:
    """Whoever holds database and key can seal anew; what the reader kept tells."""
    seal()
    out = handed_out(recorded, tmp_path / "out", evidence[1])
    with recorded.store.transaction() as transaction:
        transaction.write(text("UPDATE sli_day SET states = replace(states, 'd', 'u') WHERE agency = 'hrss'"))
        for table in ("sli_leaf", "sli_day_agency", "sli_day_close"):
            transaction.write(text(f"DELETE FROM {table}"))
    seal()
    assert breaks(recorded, out)[0] == (date(2026, 2, 1), "", "")


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM sli_day_agency WHERE day = '2026-02-11' AND version = 1",
        "DELETE FROM sli_day_close WHERE day = '2026-02-11' AND version = 1",
        "UPDATE sli_leaf SET leaf = replace(leaf, 'a', 'b') WHERE day = '2026-02-11' AND version = 1",
        "DELETE FROM sli_leaf WHERE day = '2026-02-11' AND version = 1",
    ],
)
def test_a_change_in_a_seal_that_a_later_one_replaced_is_found(
    desk: Office,
    people: dict[str, str],
    probe: Any,
    february_checks: Callable[..., Any],
    seal: Any,
    evidence: Any,
    tmp_path: Path,
    change: str,
) -> None:
    """A statement issued before the later seal still rests on the earlier one."""
    for agency in ("hrss", "housing"):
        import_probe_log(desk, people["bureau-1"], probe.log(february_checks(), agency=agency), probe.ring)
        seal()
    out = handed_out(desk, tmp_path / "out", evidence[1])
    assert breaks(desk, out) == []
    with desk.store.transaction() as transaction:
        assert transaction.write(text(change)) > 0
    assert breaks(desk, out) == [(DAY, "", "")]
