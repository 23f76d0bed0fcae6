"""Merkle proofs, and a day's tree that shows an agency its own part and nothing of another's."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from foundation.evidence import (
    agency_proof,
    build_tree,
    leaf_hash,
    merkle_proof,
    merkle_root,
    root_from_proof,
    root_of_agency,
    series_leaf,
)

_LEAVES = st.lists(st.binary(max_size=8), min_size=1, max_size=40)


@given(_LEAVES, st.data())
def test_every_leaf_leads_to_the_root_and_no_other_does(contents: list[bytes], data: st.DataObject) -> None:
    hashes = [leaf_hash(content) for content in contents]
    index = data.draw(st.integers(0, len(hashes) - 1))
    proof = merkle_proof(hashes, index)
    assert root_from_proof(hashes[index], proof) == merkle_root(hashes)
    assert root_from_proof(leaf_hash(contents[index] + b"!"), proof) != merkle_root(hashes)


def test_a_node_cannot_be_passed_off_as_a_leaf() -> None:
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert leaf_hash(bytes.fromhex(left) + bytes.fromhex(right)) != merkle_root([left, right])


_DAYS = st.dictionaries(
    st.text("abcdef", min_size=1, max_size=4),
    st.dictionaries(st.text("xyz", min_size=1, max_size=3), st.lists(st.integers(), max_size=4), min_size=1),
    min_size=1,
    max_size=6,
)


def _salt(agency: str) -> str:
    return leaf_hash(agency.encode())


@given(_DAYS, st.data())
def test_an_agency_proves_its_part_whole(day: dict[str, dict[str, list[int]]], data: st.DataObject) -> None:
    leaves = {
        agency: {label: series_leaf(label, rows) for label, rows in series.items()} for agency, series in day.items()
    }
    tree = build_tree(leaves, {agency: _salt(agency) for agency in day})
    agency = data.draw(st.sampled_from(sorted(day)))
    proof = agency_proof(tree, agency)
    assert root_of_agency(leaves[agency], _salt(agency), proof) == tree.root
    dropped = dict(leaves[agency])
    dropped.popitem()
    assert root_of_agency(dropped, _salt(agency), proof) != tree.root
    changed = {**leaves[agency], "w": series_leaf("w", [])}
    assert root_of_agency(changed, _salt(agency), proof) != tree.root


def test_without_the_salt_a_right_guess_of_anothers_rows_matches_no_hash_in_the_proof() -> None:
    leaves = {"a": {"cpu": series_leaf("cpu", [1])}, "b": {"cpu": series_leaf("cpu", [2])}}
    tree = build_tree(leaves, {"a": _salt("a"), "b": _salt("secret")})
    shown = {step.hash for step in agency_proof(tree, "a")}
    guesses = {leaves["b"]["cpu"], merkle_root([leaves["b"]["cpu"]])}
    assert not shown & guesses
