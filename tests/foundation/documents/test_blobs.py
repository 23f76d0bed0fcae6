"""A blob is stored once under its digest, whole or not at all, and never handed out damaged."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foundation.documents import BlobStore
from foundation.documents.errors import BlobCorrupted, BlobMissing
from foundation.evidence import sha256_hex
from foundation.values.errors import InvalidValue


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path / "blobs")


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=3_000))
def test_what_is_put_is_read_back(blobs: BlobStore, content: bytes) -> None:
    digest = blobs.put(content)
    assert digest == sha256_hex(content)
    assert blobs.put(content) == digest
    assert blobs.read(digest) == content


def test_the_same_content_lies_there_once_and_only_its_owner_reads_it(blobs: BlobStore) -> None:
    digest = blobs.put(b"a")
    assert [blobs.put(b"a"), *blobs.digests()] == [digest, digest]
    path = blobs.folder / digest[:2] / digest
    assert path.stat().st_mode & 0o077 == 0
    assert blobs.folder.stat().st_mode & 0o077 == 0


def test_a_damaged_blob_is_never_handed_out_and_is_put_right_by_the_same_content(blobs: BlobStore) -> None:
    digest = blobs.put(b"whole")
    path = blobs.folder / digest[:2] / digest
    for damaged in (b"whol", b"whole!", b"Whole", b""):
        path.write_bytes(damaged)
        with pytest.raises(BlobCorrupted):
            blobs.read(digest)
    blobs.put(b"whole")
    assert blobs.read(digest) == b"whole"
    assert blobs.remove(digest) == 5
    assert blobs.remove(digest) == 0
    with pytest.raises(BlobMissing):
        blobs.read(digest)


@pytest.mark.parametrize("digest", ["", "..", "../../etc/passwd", "A" * 64, "0" * 63])
def test_nothing_but_a_digest_names_a_blob(blobs: BlobStore, digest: str) -> None:
    with pytest.raises(InvalidValue):
        blobs.read(digest)


def test_file_and_folder_are_synced_before_the_digest_is_returned(
    blobs: BlobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def synced(descriptor: int) -> None:
        done.append("folder" if os.path.isdir(f"/proc/self/fd/{descriptor}") else "file")  # noqa: PTH112
        fsync(descriptor)

    def renamed(path: Path, target: Path) -> Path:
        done.append("rename")
        return replace(path, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", renamed)
    blobs.put(b"x")
    assert done[-3:] == ["file", "rename", "folder"]


def test_a_kill_leaves_a_partial_and_no_blob(blobs: BlobStore, tmp_path: Path) -> None:
    program = (
        "import os, signal, sys; from pathlib import Path; from foundation.documents import BlobStore\n"
        "Path.replace = lambda self, target: os.kill(os.getpid(), signal.SIGKILL)\n"
        f"BlobStore(Path({str(blobs.folder)!r})).put(b'half')"
    )
    subprocess.run([sys.executable, "-c", program], check=False, timeout=60)
    assert list(blobs.digests()) == []
    assert len(list(blobs.partials())) == 1
    assert blobs.read(blobs.put(b"half")) == b"half"
