"""Writes a probe log and its signature: the probe's own side of the form."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path

from foundation.evidence import Signer, canonical_bytes, sha256_hex, sign
from monitoring.probes.manifest import SUFFIX, Manifest


def write_probe_log(path: Path, lines: Iterable[Mapping[str, object]]) -> str:
    """Write checks as a log; returns the file's digest, which goes into its manifest."""
    text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
    data = gzip.compress(text.encode(), compresslevel=9, mtime=0)
    path.write_bytes(data)
    return sha256_hex(data)


def sign_probe_log(path: Path, manifest: Manifest, signer: Signer) -> Path:
    """Write the signed manifest beside the log; returns its path."""
    beside = path.with_name(path.name + SUFFIX)
    beside.write_bytes(canonical_bytes(asdict(sign(manifest.body(), signer))) + b"\n")
    return beside
