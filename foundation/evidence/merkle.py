"""Merkle trees as RFC 6962 §2.1 builds them: leaves and nodes are hashed under different prefixes.

Hashes are hexadecimal text. An unbalanced tree splits at the largest power of two below its size.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class ProofStep:
    """One sibling on the way up and the side it stands on."""

    side: Literal["left", "right"]
    hash: str


def leaf_hash(data: bytes) -> str:
    """The hash of one leaf's bytes."""
    return hashlib.sha256(b"\x00" + data).hexdigest()


def _node_hash(left: str, right: str) -> str:
    return hashlib.sha256(b"\x01" + bytes.fromhex(left) + bytes.fromhex(right)).hexdigest()


def merkle_root(hashes: Sequence[str]) -> str:
    """The root over leaf hashes in order; of none it is the hash of nothing."""
    if not hashes:
        return hashlib.sha256(b"").hexdigest()
    if len(hashes) == 1:
        return hashes[0]
    split = _split(len(hashes))
    return _node_hash(merkle_root(hashes[:split]), merkle_root(hashes[split:]))


def merkle_proof(hashes: Sequence[str], index: int) -> tuple[ProofStep, ...]:
    """The siblings that lead from leaf ``index`` to the root, from the leaf upwards."""
    if not 0 <= index < len(hashes):
        raise IndexError(index)
    if len(hashes) == 1:
        return ()
    split = _split(len(hashes))
    if index < split:
        return (*merkle_proof(hashes[:split], index), ProofStep("right", merkle_root(hashes[split:])))
    return (*merkle_proof(hashes[split:], index - split), ProofStep("left", merkle_root(hashes[:split])))


def root_from_proof(leaf: str, proof: Sequence[ProofStep]) -> str:
    """The root that a leaf hash and its siblings lead to."""
    current = leaf
    for step in proof:
        current = _node_hash(step.hash, current) if step.side == "left" else _node_hash(current, step.hash)
    return current


def _split(size: int) -> int:
    return 1 << (size - 1).bit_length() - 1
