"""Evidence: one byte form per value, digests, Merkle trees, signatures.

Owns how a thing is proven unchanged. Knows nothing of what the thing is.
"""

from foundation.evidence.canonical import canonical_bytes, canonical_text, plain, read_canonical
from foundation.evidence.digest import keyed_hex, sha256_hex, sm3_hex
from foundation.evidence.errors import (
    EvidenceError,
    HandedOutDiffers,
    NotCanonical,
    NotCanonicalizable,
    SignatureInvalid,
    UnknownKey,
    WrongKey,
)
from foundation.evidence.handed_out import hand_out, read_handed_out
from foundation.evidence.merkle import ProofStep, leaf_hash, merkle_proof, merkle_root, root_from_proof
from foundation.evidence.owned_tree import OwnedTree, agency_node, agency_proof, build_tree, root_of_agency, series_leaf
from foundation.evidence.signatures import (
    FileSigner,
    KeyRing,
    Signed,
    Signer,
    create_key,
    open_signed,
    read_key_ring,
    sign,
    signed_from_document,
)

__all__ = [
    "EvidenceError",
    "FileSigner",
    "HandedOutDiffers",
    "KeyRing",
    "NotCanonical",
    "NotCanonicalizable",
    "OwnedTree",
    "ProofStep",
    "SignatureInvalid",
    "Signed",
    "Signer",
    "UnknownKey",
    "WrongKey",
    "agency_node",
    "agency_proof",
    "build_tree",
    "canonical_bytes",
    "canonical_text",
    "create_key",
    "hand_out",
    "keyed_hex",
    "leaf_hash",
    "merkle_proof",
    "merkle_root",
    "open_signed",
    "plain",
    "read_canonical",
    "read_handed_out",
    "read_key_ring",
    "root_from_proof",
    "root_of_agency",
    "series_leaf",
    "sha256_hex",
    "sign",
    "signed_from_document",
    "sm3_hex",
]
