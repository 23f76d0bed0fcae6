"""What came out of the town verifies, offline, by anyone with roots and keys."""

from __future__ import annotations

from billing.verification import verify_pack


def test_a_statement_pack_verifies(town) -> None:  # type: ignore[no-untyped-def]
    for agency in ("hrss", "housing"):
        found = verify_pack(town.write_statement_pack(agency), town.handed_out, town.ring)
        assert [each.en for each in found.findings if each.severity != "note"] == []
        assert found.ok
        print(found.checked, found.totals)


def test_the_settlement_pack_verifies(town) -> None:  # type: ignore[no-untyped-def]
    found = verify_pack(town.write_settlement_pack(), town.handed_out, town.ring)
    assert [each.en for each in found.findings if each.severity != "note"] == []
    assert found.ok
    print(found.checked, found.totals)


def test_live_verifies(town) -> None:  # type: ignore[no-untyped-def]
    found = town.verify_live()
    print(found.checked)
    assert [each.en for each in found.findings if each.severity != "note"] == []
    print([each.en for each in found.findings])
