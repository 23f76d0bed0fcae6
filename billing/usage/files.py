"""The folder of the usage store: files that are whole and on the disk, or not there.

    batches/<source>/<period>.<content digest, 16 digits>.parquet
    days/<Shanghai day>.v<version>.parquet

No engine's own writer syncs its files, so the sync is ours: temporary name → fsync → rename → fsync the folder.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from billing.errors import BatchMissing, InvalidRecord
from foundation.evidence import sha256_hex

_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True, slots=True)
class UsageStore:
    """Where usage files stand. Paths in the ledger are relative to ``folder``."""

    folder: Path

    def batch_path(self, source: str, period: str, digest: str) -> str:
        """The one name of a batch; a source or period that is no plain file name is refused."""
        for field, text in (("source", source), ("period", period)):
            if not _SAFE.fullmatch(text):
                raise InvalidRecord(key="*", field=field, found=repr(text))
        return f"batches/{source}/{period}.{digest[:16]}.parquet"

    def day_path(self, day: str, version: int) -> str:
        """The name of one version of a closed day."""
        return f"days/{day}.v{version}.parquet"

    def write(self, path: str, table: pa.Table) -> str:
        """Write a file whole and durably; returns the SHA-256 of its bytes."""
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(f".{target.name}.{os.getpid()}.part")
        try:
            with partial.open("wb") as file:
                pq.write_table(table, file, compression="zstd", store_schema=False)
                file.flush()
                os.fsync(file.fileno())
            digest = sha256_hex(partial.read_bytes())
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)
        for folder in (target.parent, target.parent.parent):
            _sync_folder(folder)
        return digest

    def checked(self, path: str, digest: str) -> Path:
        """The file, if its bytes are the ones in the ledger; raises ``BatchMissing``."""
        target = self.folder / path
        if not target.is_file() or sha256_hex(target.read_bytes()) != digest:
            raise BatchMissing(file=path)
        return target

    def read(self, path: str, digest: str) -> pa.Table:
        """A checked file's rows."""
        return pq.read_table(self.checked(path, digest))


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
