"""A probe's key, and a desk with the example's contract and catalogue."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from foundation.evidence import FileSigner, KeyRing, create_key, read_key_ring
from foundation.values.month import Month
from governance.authority import Office
from governance.catalogue import draft_catalogue, publish_catalogue
from governance.contracts import record_contract
from monitoring.probes import Manifest, sign_probe_log, write_probe_log
from tests import examples

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE_LOG = ROOT / "examples" / "probe" / "2026-03-hrss-cloud-host.jsonl.gz"
FEBRUARY = Month(2026, 2)
"""Over when the tests' business clock starts, and the shortest month."""


@dataclass(frozen=True)
class Probe:
    """Writes signed logs into a folder."""

    folder: Path
    signer: FileSigner
    ring: KeyRing

    def log(self, lines: Iterator[Mapping[str, object]] | list[Mapping[str, object]], **manifest: object) -> Path:
        """A log of those lines, signed; ``manifest`` replaces what it says of itself."""
        path = self.folder / "log.jsonl.gz"
        said = Manifest("hrss", "cloud-host", FEBRUARY, "probe-1", "replay", write_probe_log(path, lines))
        sign_probe_log(path, replace(said, **manifest), self.signer)  # type: ignore[arg-type]
        return path


@pytest.fixture
def probe(tmp_path: Path) -> Probe:
    private = tmp_path / "private" / "bureau.probe.pem"
    create_key(private, tmp_path / "public" / "bureau.probe.pub.pem")
    return Probe(tmp_path, FileSigner(private), read_key_ring(tmp_path / "public"))


@pytest.fixture
def february_checks() -> Callable[..., list[Mapping[str, object]]]:
    """Makes February's checks, one in ``every`` minutes, none in ``missing``; those in ``down`` fail."""

    def make(*, every: int = 60, down: range = range(0), missing: range = range(0)) -> list[Mapping[str, object]]:
        start = FEBRUARY.interval.start
        return [
            {"at": (start + timedelta(minutes=minute, seconds=20)).isoformat(), "ok": minute not in down, "ms": 9}
            for minute in range(0, 28 * 1440, every)
            if minute not in missing
        ]

    return make


@pytest.fixture
def desk(office: Office, people: dict[str, str]) -> Office:
    record_contract(office, people["bureau-1"], examples.contract())
    draft_catalogue(office, people["bureau-1"], examples.catalogue())
    publish_catalogue(office, people["bureau-2"], examples.catalogue().id)
    return office


@pytest.fixture
def example_log() -> Path:
    return EXAMPLE_LOG
