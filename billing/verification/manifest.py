"""The manifest of a pack: which bill, which files with which digests, signed by the operator. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from billing.verification.errors import NotAPack
from billing.verification.result import Report
from foundation.evidence import (
    EvidenceError,
    KeyRing,
    Signed,
    Signer,
    canonical_bytes,
    open_signed,
    read_canonical,
    sha256_hex,
    sign,
    signed_from_document,
)

MANIFEST = "manifest.json"
STATEMENT_PACK = "usage-statement-pack"
SETTLEMENT_PACK = "settlement-pack"
SIGNED_BY = "*.billing"
"""Whoever's billing key the reader holds."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What the manifest says: the kind of pack, the bill's id, version and digest, the digest of every other file."""

    kind: str
    id: str
    version: int
    digest: str
    files: Mapping[str, str]


def with_manifest(
    files: Mapping[str, bytes], *, kind: str, id_: str, version: int, digest: str, signer: Signer
) -> dict[str, bytes]:
    """The files of a pack together with their signed manifest."""
    digests = {name: sha256_hex(data) for name, data in files.items()}
    contents = Contents(kind, id_, version, digest, digests)
    return {**files, MANIFEST: canonical_bytes(asdict(sign(asdict(contents), signer)))}


def check_manifest(files: Mapping[str, bytes], ring: KeyRing, report: Report) -> Contents:
    """Who signed what; each file that is not the one signed is a finding. Raises ``NotAPack`` without a manifest."""
    if MANIFEST not in files:
        raise NotAPack(file=report.file, reason_zh=f"没有 {MANIFEST}", reason_en=f"there is no {MANIFEST}")
    signed = signed_from_document(read_canonical(files[MANIFEST], what=MANIFEST), what=MANIFEST)
    contents = _contents(signed, report)
    try:
        open_signed(signed, ring, owner=SIGNED_BY, what=MANIFEST)
        report.count("signatures")
    except EvidenceError as cause:
        report.add(cause.code.replace(".", "-"), member=MANIFEST, zh=cause.text("zh"), en=cause.text("en"))
    for name in sorted(set(files) - {MANIFEST} | set(contents.files)):
        if name not in files:
            report.add("file-missing", member=name, zh=f"缺少文件 {name}", en=f"the file {name} is missing")
        elif name not in contents.files:
            report.add("file-unknown", member=name, zh=f"清单中没有 {name}", en=f"{name} is not in the manifest")
        elif sha256_hex(files[name]) != contents.files[name]:
            report.add("file-changed", member=name, zh=f"{name} 签名后被改动", en=f"{name} was changed after signing")
        report.count("files")
    return contents


def _contents(signed: Signed, report: Report) -> Contents:
    body: Mapping[str, Any] = signed.body
    match body:
        case {
            "kind": str() as kind,
            "id": str() as id_,
            "version": int() as version,
            "digest": str() as digest,
            "files": dict() as files,
            **rest,
        } if not rest:
            return Contents(kind, id_, version, digest, files)
    raise NotAPack(file=report.file, reason_zh=f"{MANIFEST} 的内容不合要求", reason_en=f"{MANIFEST} has another shape")
