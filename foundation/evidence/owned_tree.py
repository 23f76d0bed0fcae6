"""A day's tree over many agencies' series: each agency can prove its own part whole and learns nothing of another's.

    day root
    └── agency nodes, salted, in the order of their hashes (so that position tells nothing)
        └── series leaves of that agency, in the order of their labels

A pack carries all of one agency's leaves, its salt, and the way from its node to the root: a row left out or changed
gives another node. Of the others it carries only salted hashes, which no guess can be checked against.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from foundation.evidence.canonical import canonical_bytes
from foundation.evidence.merkle import ProofStep, leaf_hash, merkle_proof, merkle_root, root_from_proof

Label = str
"""Names a series inside one agency: resource and meter of a usage day, service of an SLI day."""


@dataclass(frozen=True, slots=True)
class OwnedTree:
    """Leaf hashes by agency and label, each agency's salt (64 hexadecimal digits), and the root over them."""

    leaves: Mapping[str, Mapping[Label, str]]
    salts: Mapping[str, str]
    root: str


def series_leaf(label: Label, rows: object) -> str:
    """The hash of one series: its label and its sorted canonical rows."""
    return leaf_hash(canonical_bytes({"label": label, "rows": rows}))


def agency_node(leaves: Mapping[Label, str], salt: str) -> str:
    """The salted hash of one agency's whole day."""
    root = merkle_root([leaves[label] for label in sorted(leaves)])
    return leaf_hash(canonical_bytes({"count": len(leaves), "root": root, "salt": salt}))


def build_tree(leaves: Mapping[str, Mapping[Label, str]], salts: Mapping[str, str]) -> OwnedTree:
    """The tree of one day."""
    nodes = sorted(agency_node(leaves[agency], salts[agency]) for agency in leaves)
    return OwnedTree(leaves=leaves, salts=salts, root=merkle_root(nodes))


def agency_proof(tree: OwnedTree, agency: str) -> tuple[ProofStep, ...]:
    """The way from one agency's node to the root."""
    nodes = sorted(agency_node(tree.leaves[each], tree.salts[each]) for each in tree.leaves)
    return merkle_proof(nodes, nodes.index(agency_node(tree.leaves[agency], tree.salts[agency])))


def root_of_agency(leaves: Mapping[Label, str], salt: str, proof: tuple[ProofStep, ...]) -> str:
    """The root that one agency's leaves, salt and proof lead to."""
    return root_from_proof(agency_node(leaves, salt), proof)
