"""The signed manifest beside a probe log, ``<log>.sig.json``: whose checks these are, and the digest of the log."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from foundation.evidence import KeyRing, NotCanonical, open_signed, read_canonical, signed_from_document
from foundation.values.errors import InvalidValue
from foundation.values.month import Month
from monitoring.errors import LogNotSigned

SUFFIX = ".sig.json"
PROBE_KEY = "bureau.probe"
"""Who may sign a probe log: the bureau's own probe, with a key of its own."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,39}")
_SOURCE = re.compile(r"[a-z][a-z0-9:.-]{0,39}")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a probe signs. ``sha256`` is the log file's; ``source`` says how its checks came about (``replay``)."""

    agency: str
    service: str
    month: Month
    probe: str
    source: str
    sha256: str

    def body(self) -> dict[str, str]:
        """The document that is signed."""
        return {
            "kind": "probe-log",
            "agency": self.agency,
            "service": self.service,
            "month": str(self.month),
            "probe": self.probe,
            "source": self.source,
            "sha256": self.sha256,
        }


def open_manifest(log: Path, ring: KeyRing) -> Manifest:
    """Read the manifest beside ``log`` and check its signature against the reader's keys.

    Raises ``LogNotSigned``, or one of evidence's errors where the signature, the key or the shape is wrong. Whether
    the log is the file that was signed, its reader checks.
    """
    path = log.with_name(log.name + SUFFIX)
    try:
        data = path.read_bytes()
    except OSError as cause:
        raise LogNotSigned(file=log.name, expected=path.name) from cause
    signed = signed_from_document(read_canonical(data.strip(), what=path.name), what=path.name)
    return _manifest(open_signed(signed, ring, owner=PROBE_KEY, what=path.name), path.name)


def _manifest(body: Mapping[str, Any], what: str) -> Manifest:
    fields = dict(body)
    if fields.pop("kind", None) != "probe-log" or not all(isinstance(value, str) for value in fields.values()):
        raise NotCanonical(what=what)
    try:
        manifest = Manifest(**(fields | {"month": Month.parse(fields.get("month", ""))}))
    except (TypeError, InvalidValue) as cause:
        raise NotCanonical(what=what) from cause
    names = (manifest.agency, manifest.service, manifest.probe)
    if not all(_NAME.fullmatch(name) for name in names) or not _SOURCE.fullmatch(manifest.source):
        raise NotCanonical(what=what)
    return manifest
