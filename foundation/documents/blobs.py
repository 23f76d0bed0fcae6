"""Files by their content: each lies in a folder under its own SHA-256, is stored once, and is checked when read.

A blob is written under a temporary name, synced, renamed, and its folder synced, so that after a kill it is there
whole or not at all. What lies there without anybody's row is garbage, and is removed by whoever holds the rows.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from foundation.documents.errors import BlobCorrupted, BlobMissing
from foundation.evidence import sha256_hex
from foundation.values.errors import InvalidValue

_DIGEST = re.compile(r"[0-9a-f]{64}")
_PARTIAL = ".part"


class BlobStore:
    """The blobs of one installation, in one folder; made when the first one is put."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, content: bytes) -> str:
        """Store the content and return its SHA-256; what is there whole already is left as it is.

        When this returns the blob survives a power failure. A damaged copy is replaced.
        """
        digest = sha256_hex(content)
        path = self._path(digest)
        if not self._is_whole(path, digest):
            self._make_folder(path.parent)
            descriptor, partial = tempfile.mkstemp(dir=path.parent, suffix=_PARTIAL)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                Path(partial).replace(path)
            except BaseException:
                Path(partial).unlink(missing_ok=True)
                raise
        _sync(path.parent)
        return digest

    def read(self, digest: str) -> bytes:
        """The content, checked against its digest. Raises ``BlobMissing``, ``BlobCorrupted``."""
        try:
            content = self._path(digest).read_bytes()
        except FileNotFoundError:
            raise BlobMissing(digest=digest) from None
        if sha256_hex(content) != digest:
            raise BlobCorrupted(digest=digest)
        return content

    def digests(self) -> Iterator[str]:
        """The digest of every blob that is there, in order."""
        for path in sorted(self.folder.glob("??/*")):
            if _DIGEST.fullmatch(path.name):
                yield path.name

    def partials(self) -> Iterator[Path]:
        """What a kill left half written."""
        yield from sorted(self.folder.glob(f"??/*{_PARTIAL}"))

    def remove(self, digest: str) -> int:
        """Remove a blob nobody has; returns its bytes. One that is not there is no error."""
        path = self._path(digest)
        try:
            size = path.stat().st_size
            path.unlink()
        except FileNotFoundError:
            return 0
        _sync(path.parent)
        return size

    def _path(self, digest: str) -> Path:
        if not _DIGEST.fullmatch(digest):
            raise InvalidValue(field="digest", found=digest[:80], expected="64 hexadecimal digits")
        return self.folder / digest[:2] / digest

    def _is_whole(self, path: Path, digest: str) -> bool:
        try:
            return sha256_hex(path.read_bytes()) == digest
        except FileNotFoundError:
            return False

    def _make_folder(self, folder: Path) -> None:
        for each in (self.folder, folder):
            if not each.exists():
                each.mkdir(mode=0o700, parents=True, exist_ok=True)
                _sync(each.parent)


def _sync(folder: Path) -> None:
    """A renamed file is there after a power failure only once its folder is synced."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
