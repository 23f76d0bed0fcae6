"""A file belongs to the party that attached it; the same content of two lies there once, and neither knows."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from foundation.documents import BlobStore
from foundation.documents.errors import BlobCorrupted, BlobMissing, ContentRefused
from foundation.store import Scope, Transaction, UnscopedQuery
from foundation.values.errors import InvalidValue
from governance import audit
from governance.attachments import (
    Attachment,
    add_attachment,
    attach,
    attachments,
    check_attachments,
    download_attachment,
    read_attachment,
    sweep_attachments,
)
from governance.attachments.errors import PersonalAttachment
from governance.attachments.tables import attachment_table
from governance.authority import Act, Office, acting, viewing
from governance.errors import NotFound, Refused

TEXT = "项目方案\n".encode()


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path / "attachments")


def there(transaction: Transaction, scope: Scope, subject: str) -> None:
    """Every subject is there."""


def add(
    office: Office, token: str, blobs: BlobStore, *, content: bytes = TEXT, personal: bool = False, name: str = "a.txt"
) -> Attachment:
    return add_attachment(
        office, token, blobs, subject="project:P-1", name=name, content=content, exists=there, personal=personal
    )


def entries(office: Office, event: str) -> int:
    with office.store.reading() as transaction:
        return sum(entry.event == event for entry in audit.entries(transaction))


def test_an_attachment_is_read_by_its_party_and_whoever_manages(
    office: Office, people: dict[str, str], blobs: BlobStore
) -> None:
    added = add(office, people["hrss-1"], blobs)
    assert (added.media_type, added.size) == ("text/plain", len(TEXT))
    for reader in ("hrss-2", "bureau-1", "auditor-1"):
        with viewing(office, people[reader]) as view:
            assert read_attachment(view, added.digest, blobs=blobs) == (added, TEXT)
    with viewing(office, people["housing-1"]) as view:
        assert attachments(view.transaction, view.scope) == []
        with pytest.raises(NotFound):
            read_attachment(view, added.digest, blobs=blobs)
        with pytest.raises(UnscopedQuery):
            view.transaction.rows(attachment_table.table.select())
    with pytest.raises(NotFound):
        download_attachment(office, people["housing-1"], blobs, added.digest)


def test_the_same_content_of_two_agencies_lies_there_once_and_neither_learns(
    office: Office, people: dict[str, str], blobs: BlobStore
) -> None:
    mine, theirs = add(office, people["hrss-1"], blobs), add(office, people["housing-1"], blobs)
    assert mine.digest == theirs.digest
    assert list(blobs.digests()) == [mine.digest]
    for reader, own in (("hrss-1", mine), ("housing-1", theirs)):
        with viewing(office, people[reader]) as view:
            assert attachments(view.transaction, view.scope) == [own]
            assert read_attachment(view, mine.digest, blobs=blobs)[0] == own
    assert entries(office, "attachment.added") == 2


def test_attaching_again_changes_nothing_and_puts_a_damaged_copy_right(
    office: Office, people: dict[str, str], blobs: BlobStore
) -> None:
    added = add(office, people["hrss-1"], blobs)
    path = blobs.folder / added.digest[:2] / added.digest
    path.write_bytes(b"damaged")
    with viewing(office, people["hrss-1"]) as view, pytest.raises(BlobCorrupted):
        read_attachment(view, added.digest, blobs=blobs)
    assert [each.what for each in check_attachments(office.store, blobs)] == ["corrupted"]
    assert add(office, people["hrss-1"], blobs) == added
    assert check_attachments(office.store, blobs) == []
    assert entries(office, "attachment.added") == 1
    path.unlink()
    with viewing(office, people["hrss-1"]) as view, pytest.raises(BlobMissing):
        read_attachment(view, added.digest, blobs=blobs)


def test_personal_data_is_handed_out_by_a_download_that_leaves_an_entry(
    office: Office, people: dict[str, str], blobs: BlobStore
) -> None:
    added = add(office, people["hrss-1"], blobs, personal=True)
    with viewing(office, people["bureau-1"]) as view, pytest.raises(PersonalAttachment):
        read_attachment(view, added.digest, blobs=blobs)
    assert download_attachment(office, people["bureau-1"], blobs, added.digest) == (added, TEXT)
    assert entries(office, "attachment.read") == 1
    with office.store.reading() as transaction:
        (entry,) = [each for each in audit.entries(transaction) if each.event == "attachment.read"]
    assert (entry.account, entry.facts["digest"]) == ("bureau-1", added.digest)


def test_nobody_attaches_for_another_party(office: Office, people: dict[str, str], blobs: BlobStore) -> None:
    with (
        pytest.raises(Refused),
        acting(office, people["hrss-1"], Act.ATTACHMENT_ADD, "project:P-1") as mandate,
    ):
        attach(mandate, "housing", "a.txt", TEXT, blobs=blobs, subject="project:P-1")
    with pytest.raises(Refused):
        add(office, people["auditor-1"], blobs)


def test_a_refused_file_leaves_nothing(office: Office, people: dict[str, str], blobs: BlobStore) -> None:
    with pytest.raises(ContentRefused) as caught:
        add(office, people["hrss-1"], blobs, content=b"MZ\0", name="setup.exe")
    assert caught.value.facts["findings"]
    assert list(blobs.digests()) == []
    assert entries(office, "attachment.added") == 0


def test_what_a_kill_left_is_swept_and_what_has_a_row_is_not(
    office: Office, people: dict[str, str], blobs: BlobStore
) -> None:
    added = add(office, people["hrss-1"], blobs)
    with (
        pytest.raises(InvalidValue),
        acting(office, people["hrss-1"], Act.ATTACHMENT_ADD, "project:P-1") as mandate,
    ):
        attach(mandate, "hrss", "b.txt", b"never committed", blobs=blobs, subject="project:P-1")
        raise InvalidValue(field="x", found="x", expected="y")
    partial = blobs.folder / added.digest[:2] / "tmp123.part"
    partial.write_bytes(b"half")
    assert len(list(blobs.digests())) == 2
    now = office.clocks.real()
    os.utime(partial, (now.timestamp(), now.timestamp()))
    swept = sweep_attachments(office, blobs)
    assert (swept.orphans, swept.partials, swept.bytes) == (1, 0, len(b"never committed"))
    assert list(blobs.digests()) == [added.digest]
    later = sweep_attachments(office, blobs, patience=timedelta(0))
    assert (later.orphans, later.partials) == (0, 1)
    assert sweep_attachments(office, blobs, patience=timedelta(0)).bytes == 0
    assert entries(office, "attachment.swept") == 2
    with viewing(office, people["hrss-1"]) as view:
        assert read_attachment(view, added.digest, blobs=blobs)[1] == TEXT


def test_an_audit_entry_of_an_attachment_holds_no_name(
    office: Office, people: dict[str, str], blobs: BlobStore
) -> None:
    add(office, people["hrss-1"], blobs, name="张三的简历.txt")
    with office.store.reading() as transaction:
        assert "张三" not in repr(list(audit.entries(transaction)))
