"""A pack that was handed over verifies by anyone with roots and keys; a change anywhere in it is found and named."""

from __future__ import annotations

import contextlib
import io
import json
import random
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.verification import NotAPack, Undecodable, Verification, read_archive, verify_pack, write_archive
from billing.verification.manifest import MANIFEST, with_manifest
from foundation.evidence import (
    EvidenceError,
    canonical_bytes,
    create_key,
    leaf_hash,
    merkle_root,
    read_canonical,
    read_key_ring,
    sha256_hex,
)
from foundation.values.errors import GuanyunError

Change = Callable[[dict[str, Any]], None]


@pytest.fixture(scope="session")
def packs(built_towns: dict[str, Path], tmp_path_factory: pytest.TempPathFactory, town_at: Any) -> dict[str, Any]:
    """The three packs of the paid town, with the folder to check them against."""
    town = town_at(Path(shutil.copytree(built_towns["paid"], tmp_path_factory.mktemp("packs") / "town")))
    return {
        "town": town,
        "hrss": town.write_statement_pack("hrss"),
        "housing": town.write_statement_pack("housing"),
        "settlement": town.write_settlement_pack(),
    }


def check(town: Any, data: bytes) -> Verification:
    path = town.folder / "changed.zip"
    path.write_bytes(data)
    return verify_pack(path, town.handed_out, town.ring)


def said(found: Verification) -> str:
    return "\n".join(each.en for each in found.findings if each.severity == "error")


def changed(pack: Path, member: str, change: Change, signer: Any = None) -> bytes:
    """The pack with one member changed; signed again by the operator itself where ``signer`` is given."""
    files = read_archive(pack.read_bytes(), file=pack.name)
    document = json.loads(files[member])
    change(document)
    files[member] = canonical_bytes(document)
    return write_archive(files) if signer is None else write_archive(signed_again(files, signer))


def signed_again(files: dict[str, bytes], signer: Any) -> dict[str, bytes]:
    body = read_canonical(files[MANIFEST], what=MANIFEST)["body"]
    rest = {name: data for name, data in files.items() if name != MANIFEST}
    bill = rest.get("statement.json") or rest["settlement.json"]
    return with_manifest(
        rest, kind=body["kind"], id_=body["id"], version=body["version"], digest=sha256_hex(bill), signer=signer
    )


@pytest.mark.parametrize("name", ["hrss", "housing", "settlement"])
def test_a_pack_verifies(packs: dict[str, Any], name: str) -> None:
    found = verify_pack(packs[name], packs["town"].handed_out, packs["town"].ring)
    assert said(found) == ""
    assert found.ok
    assert found.checked["roots"] == (124 if name == "settlement" else 62)
    assert found.totals["payable"] > 0


def test_the_same_bill_gives_the_same_pack(packs: dict[str, Any]) -> None:
    before = packs["settlement"].read_bytes()
    assert packs["town"].write_settlement_pack().read_bytes() == before


def test_an_agencys_pack_holds_nothing_of_the_other(packs: dict[str, Any]) -> None:
    everything = b"\n".join(read_archive(packs["hrss"].read_bytes(), file="x").values()).decode()
    for secret in ("housing", "vm-fund", "disk-fund", "P-HOUSING", "公积金", "住房", "general-8c32g", "108944"):
        assert secret not in everything


def test_a_guessed_row_cannot_be_confirmed_against_a_hash_in_the_pack(packs: dict[str, Any]) -> None:
    """Even who knows every row of the other agency finds neither its leaves nor an unsalted node in the pack."""
    mine = b"\n".join(read_archive(packs["hrss"].read_bytes(), file="x").values()).decode()
    files = read_archive(packs["housing"].read_bytes(), file="x")
    for name, data in files.items():
        if name.startswith(("usage/", "sli/")):
            leaves = json.loads(data)["leaves"]
            root = merkle_root([leaves[label] for label in sorted(leaves)])
            unsalted = leaf_hash(canonical_bytes({"count": len(leaves), "root": root, "salt": ""}))
            assert not any(guess in mine for guess in (*leaves.values(), unsalted) if leaves)


@pytest.mark.parametrize("signs_again", [False, True], ids=["as it was signed", "signed again by the operator"])
class TestOneChange:
    def test_one_fen_names_the_line(self, packs: dict[str, Any], signs_again: bool) -> None:
        def one_fen(bill: dict[str, Any]) -> None:
            bill["lines"][1]["amount"] += 1

        found = self.verify(packs, "hrss", "statement.json", one_fen, signs_again)
        assert "line 2" in said(found)
        assert "amount" in said(found)

    def test_one_fen_of_a_deduction_names_the_line(self, packs: dict[str, Any], signs_again: bool) -> None:
        def one_fen(bill: dict[str, Any]) -> None:
            bill["deductions"][0]["amount"] += 1

        found = self.verify(packs, "hrss", "statement.json", one_fen, signs_again)
        assert "line 7" in said(found)

    def test_one_usage_record_names_the_series_day(self, packs: dict[str, Any], signs_again: bool) -> None:
        def one_record(day: dict[str, Any]) -> None:
            day["series"]["vm-web|vcpu"][0][2] = "172799"

        found = self.verify(packs, "hrss", "usage/2026-03-12.json", one_record, signs_again)
        assert "(hrss, vm-web, vcpu, 2026-03-12) was changed" in said(found)

    def test_a_row_dropped_is_found(self, packs: dict[str, Any], signs_again: bool) -> None:
        def drop(day: dict[str, Any]) -> None:
            day["series"]["vm-web|vcpu"].clear()

        found = self.verify(packs, "hrss", "usage/2026-03-12.json", drop, signs_again)
        assert "(hrss, vm-web, vcpu, 2026-03-12) was changed" in said(found)

    def test_a_series_dropped_fails_at_the_agency_node(self, packs: dict[str, Any], signs_again: bool) -> None:
        def drop(day: dict[str, Any]) -> None:
            del day["series"]["vm-web|vcpu"], day["leaves"]["vm-web|vcpu"]

        found = self.verify(packs, "hrss", "usage/2026-03-12.json", drop, signs_again)
        assert "the series of (hrss, 2026-03-12) do not lead to usage-2026-03-12.v1" in said(found)

    def test_a_series_without_its_rows_is_named(self, packs: dict[str, Any], signs_again: bool) -> None:
        def drop(day: dict[str, Any]) -> None:
            del day["series"]["vm-web|vcpu"]

        found = self.verify(packs, "hrss", "usage/2026-03-12.json", drop, signs_again)
        assert "(hrss, vm-web, vcpu, 2026-03-12) was dropped" in said(found)

    def test_one_sli_minute_names_the_series_day(self, packs: dict[str, Any], signs_again: bool) -> None:
        def one_minute(day: dict[str, Any]) -> None:
            row = day["series"]["cloud-host"][0]
            row["states"] = "d" + row["states"][1:]

        found = self.verify(packs, "hrss", "sli/2026-03-07.json", one_minute, signs_again)
        assert "(hrss, cloud-host, 2026-03-07) was changed" in said(found)

    def test_another_price_names_its_lines(self, packs: dict[str, Any], signs_again: bool) -> None:
        def cheaper(prices: list[dict[str, Any]]) -> None:
            next(price for price in prices if price["meter"] == "memory")["price"] = "21.49"

        found = self.verify(packs, "hrss", "prices.json", cheaper, signs_again)  # type: ignore[arg-type]
        assert "memory" in said(found)
        assert "price" in said(found)

    def test_another_day_of_opening_is_found(self, packs: dict[str, Any], signs_again: bool) -> None:
        def later(holdings: list[dict[str, Any]]) -> None:
            holdings[0]["opened"] = "2026-03-12T00:00:00Z"

        assert not self.verify(packs, "hrss", "holdings.json", later, signs_again).ok  # type: ignore[arg-type]

    def test_one_fen_of_a_settlement_names_the_line(self, packs: dict[str, Any], signs_again: bool) -> None:
        def one_fen(bill: dict[str, Any]) -> None:
            bill["lines"][0]["amount"] -= 1

        found = self.verify(packs, "settlement", "settlement.json", one_fen, signs_again)
        assert "line 1" in said(found)

    def test_one_fen_of_who_bears_it_is_named(self, packs: dict[str, Any], signs_again: bool) -> None:
        def one_fen(bill: dict[str, Any]) -> None:
            bill["breakdown"][0]["payable"] += 1
            bill["breakdown"][1]["payable"] -= 1

        found = self.verify(packs, "settlement", "settlement.json", one_fen, signs_again)
        assert "payable" in said(found)

    def test_a_better_grade_is_found(self, packs: dict[str, Any], signs_again: bool) -> None:
        def better(grade: dict[str, Any]) -> None:
            grade["points"] = 95

        found = self.verify(packs, "settlement", "grade.json", better, signs_again)
        assert "coefficient" in said(found)

    def test_a_fuller_acceptance_names_its_item(self, packs: dict[str, Any], signs_again: bool) -> None:
        def fuller(items: list[dict[str, Any]]) -> None:
            next(each for each in items if each["acceptance"])["acceptance"]["share"] = "1"

        found = self.verify(packs, "settlement", "items.json", fuller, signs_again)  # type: ignore[arg-type]
        assert "B-2026-001" in said(found)

    def verify(self, packs: dict[str, Any], pack: str, member: str, change: Change, signs_again: bool) -> Verification:
        town = packs["town"]
        signer = town.signer("billing") if signs_again else None
        found = check(town, changed(packs[pack], member, change, signer))
        assert not found.ok
        if not signs_again:
            assert f"{member} was changed after signing" in said(found)
        else:
            assert "after signing" not in said(found)
        return found


def test_a_change_inside_an_embedded_statement_pack_names_series_day_and_statement(packs: dict[str, Any]) -> None:
    town, pack = packs["town"], packs["settlement"]
    files = read_archive(pack.read_bytes(), file="x")
    inner = town.folder / "inner.zip"
    inner.write_bytes(files["statements/US-hrss-2026-03.zip"])

    def one_record(day: dict[str, Any]) -> None:
        day["series"]["vm-web|vcpu"][0][2] = "1"

    files["statements/US-hrss-2026-03.zip"] = changed(inner, "usage/2026-03-12.json", one_record)
    found = check(town, write_archive(files))
    assert "(hrss, vm-web, vcpu, 2026-03-12) was changed" in said(found)


def test_a_missing_root_is_named(packs: dict[str, Any], tmp_path: Path) -> None:
    kept = Path(shutil.copytree(packs["town"].handed_out, tmp_path / "kept"))
    (kept / "usage-2026-03-12.v1.json").unlink()
    found = verify_pack(packs["hrss"], kept, packs["town"].ring)
    assert not found.ok
    assert "usage-2026-03-12.v1 is not in the reader's folder" in said(found)


def test_keys_come_from_the_reader(packs: dict[str, Any], tmp_path: Path) -> None:
    """The manifest's key is another one than the reader trusts."""
    keys = Path(shutil.copytree(packs["town"].folder / "public-keys", tmp_path / "keys"))
    create_key(tmp_path / "other.pem", keys / "operator.billing.pub.pem")
    found = verify_pack(packs["hrss"], packs["town"].handed_out, read_key_ring(keys))
    assert not found.ok
    assert "not among the reader's public keys" in said(found)


def test_another_partys_key_may_not_sign_a_pack(packs: dict[str, Any]) -> None:
    town = packs["town"]
    files = read_archive(packs["hrss"].read_bytes(), file="x")
    found = check(town, write_archive(signed_again(files, town.signer("evidence"))))
    assert not found.ok


def test_garbage_is_a_typed_error(packs: dict[str, Any]) -> None:
    town = packs["town"]
    for data in (b"", b"no zip", packs["hrss"].read_bytes()[:2000], write_archive({"a.json": b"{}"})):
        with pytest.raises(NotAPack):
            check(town, data)


def test_a_bomb_is_refused_before_it_is_opened(packs: dict[str, Any]) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("statement.json", b"0" * (50 << 20))
    with pytest.raises(NotAPack, match="unpack to more"):
        check(packs["town"], buffer.getvalue())


@pytest.mark.parametrize(
    ("member", "data"),
    [
        ("statement.json", b"[]"),
        ("statement.json", b"{}"),
        ("statement.json", b'{"a": 1}'),
        ("statement.json", b"[" * 100_000),
        ("holdings.json", b'[{"resource":1}]'),
        ("prices.json", b"{}"),
        ("terms.json", b"null"),
        (MANIFEST, b"{}"),
        ("usage/2026-03-12.json", b"{}"),
        ("usage/2026-03-12.json", b"1.5"),
    ],
)
def test_another_shape_is_a_typed_error_or_a_finding(packs: dict[str, Any], member: str, data: bytes) -> None:
    files = read_archive(packs["hrss"].read_bytes(), file="x")
    files[member] = data
    with contextlib.suppress(NotAPack, Undecodable, EvidenceError):
        assert not check(packs["town"], write_archive(files)).ok


def test_a_number_of_any_size_is_refused(packs: dict[str, Any]) -> None:
    """``1e999999999`` is short to write and long to compute with."""

    def huge(prices: list[dict[str, Any]]) -> None:
        prices[0]["price"] = "1e999999999"

    found = check(packs["town"], changed(packs["hrss"], "prices.json", huge))  # type: ignore[arg-type]
    assert "decimal" in said(found).lower()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_byte_changed_anywhere_is_found(packs: dict[str, Any], data: st.DataObject) -> None:
    raw = bytearray(packs["hrss"].read_bytes())
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at] ^= data.draw(st.integers(1, 255))
    try:
        found = check(packs["town"], bytes(raw))
    except GuanyunError:
        return
    assert [each for each in found.findings if each.severity != "note"]


def test_a_value_changed_anywhere_is_found_even_signed_again(packs: dict[str, Any]) -> None:
    """Every leaf of every document decides something: what it is changed to, the recomputation or the roots differ."""
    town, chance = packs["town"], random.Random(20260301)  # noqa: S311 - the same changes in every run
    files = read_archive(packs["hrss"].read_bytes(), file="x")
    names = sorted(set(files) - {MANIFEST})
    for _ in range(60):
        member = chance.choice(names)
        document = json.loads(files[member])
        path = _change_somewhere(document, chance)
        if "names" in path or "cites" in path:
            continue  # what things are called, and the paper a price cites, decide no amount
        changed_files = {**files, member: canonical_bytes(document)}
        try:
            found = check(town, write_archive(signed_again(changed_files, town.signer("billing"))))
        except GuanyunError:
            continue
        assert not found.ok, (member, path)


def _change_somewhere(document: Any, chance: random.Random) -> list[Any]:
    path: list[Any] = []
    while True:
        keys = list(document) if isinstance(document, dict) else list(range(len(document)))
        key = chance.choice([each for each in keys if document[each] not in ([], {}, None)])
        path.append(key)
        value = document[key]
        if isinstance(value, dict | list):
            document = value
            continue
        document[key] = not value if isinstance(value, bool) else value + 1 if isinstance(value, int) else f"{value}1"
        return path


def test_verification_needs_no_database(packs: dict[str, Any]) -> None:
    program = (
        "import sys; from pathlib import Path; from billing.verification import verify_pack;"
        "from foundation.evidence import read_key_ring;"
        "found = verify_pack(Path(sys.argv[1]), Path(sys.argv[2]), read_key_ring(Path(sys.argv[3])));"
        "assert found.ok;"
        "print([name for name in ('sqlalchemy', 'duckdb', 'pyarrow', 'pydantic', 'yaml') if name in sys.modules])"
    )
    town = packs["town"]
    command = [sys.executable, "-c", program, packs["settlement"], town.handed_out, town.folder / "public-keys"]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"
