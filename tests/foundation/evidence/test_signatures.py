"""A signature fits one key, one body, one owner; the reader brings the keys."""

from __future__ import annotations

import stat
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from foundation.evidence import (
    FileSigner,
    HandedOutDiffers,
    NotCanonical,
    SignatureInvalid,
    UnknownKey,
    WrongKey,
    create_key,
    hand_out,
    open_signed,
    read_handed_out,
    read_key_ring,
    sign,
    signed_from_document,
)


@pytest.fixture
def signer(tmp_path: Path) -> FileSigner:
    create_key(tmp_path / "keys" / "operator.evidence.pem", tmp_path / "public" / "operator.evidence.pub.pem")
    return FileSigner(tmp_path / "keys" / "operator.evidence.pem")


def test_a_private_key_is_for_its_owner_only_and_is_never_made_twice(tmp_path: Path, signer: FileSigner) -> None:
    path = tmp_path / "keys" / "operator.evidence.pem"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert create_key(path, tmp_path / "public" / "operator.evidence.pub.pem") == signer.key


def test_what_was_signed_opens_and_what_was_changed_does_not(tmp_path: Path, signer: FileSigner) -> None:
    ring = read_key_ring(tmp_path / "public")
    signed = sign({"root": "ab", "日": 1}, signer)
    assert open_signed(signed, ring, owner="operator.evidence", what="t") == {"root": "ab", "日": 1}
    assert open_signed(signed, ring, owner="*.evidence", what="t")
    with pytest.raises(SignatureInvalid):
        open_signed(replace(signed, body={"root": "ac", "日": 1}), ring, owner="operator.evidence", what="t")
    with pytest.raises(SignatureInvalid):
        open_signed(replace(signed, signature="AAAA"), ring, owner="operator.evidence", what="t")
    with pytest.raises(WrongKey):
        open_signed(signed, ring, owner="bureau.audit", what="t")
    with pytest.raises(UnknownKey):
        open_signed(signed, read_key_ring(tmp_path / "nowhere"), owner="operator.evidence", what="t")


@pytest.mark.parametrize("document", [None, {}, {"body": {}, "key": "k"}, {"body": [], "key": "k", "signature": "s"}])
def test_another_shape_is_no_signed_document(document: object) -> None:
    with pytest.raises(NotCanonical):
        signed_from_document(document, what="t")


def test_a_handed_out_root_stands_for_good(tmp_path: Path, signer: FileSigner) -> None:
    folder, ring = tmp_path / "handed-out", read_key_ring(tmp_path / "public")
    signed = sign({"root": "ab"}, signer)
    assert hand_out(folder, "usage-2026-03-01.v1", signed)
    assert not hand_out(folder, "usage-2026-03-01.v1", signed)
    with pytest.raises(HandedOutDiffers):
        hand_out(folder, "usage-2026-03-01.v1", sign({"root": "cd"}, signer))
    assert read_handed_out(folder, ring, owner="operator.evidence") == {"usage-2026-03-01.v1": {"root": "ab"}}
    (folder / "x.json").write_text('{"body":{"root":"zz"},"key":"%s","signature":"AAAA"}' % signer.key)  # noqa: UP031
    with pytest.raises(SignatureInvalid, match=r"x\.json"):
        read_handed_out(folder, ring, owner="operator.evidence")
    assert asdict(signed)["key"] == signer.key
