"""An uploaded file is what its content says, and its name must say the same; programs and bombs are refused."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from foundation.documents.content_types import allowed_content, content_type

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EXAMPLES = Path(__file__).resolve().parents[3] / "examples"


def package(parts: dict[str, bytes], *, level: int = 6) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return made.getvalue()


def kinds(*types: str) -> bytes:
    named = "".join(f'<Override PartName="/p{i}" ContentType="{kind}"/>' for i, kind in enumerate(types))
    return f'<?xml version="1.0"?><Types xmlns="x">{named}</Types>'.encode()


def docx(**more: bytes) -> bytes:
    return package(
        {"[Content_Types].xml": kinds(f"{WORD}.main+xml"), "word/document.xml": b"<w/>"}
        | {name.replace("__", "/").replace("_dot_", "."): content for name, content in more.items()}
    )


def png() -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000") + b"\0" * 20 + bytes.fromhex("ffd9")
ODT = package({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<x/>"})
OFD = package({"OFD.xml": b"<ofd/>", "Doc_0/Document.xml": b"<x/>"})


def codes(name: str, content: bytes) -> list[str]:
    _, findings = content_type(name, content)
    return [finding.code.rpartition(".")[2] for finding in findings]


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("批复.pdf", PDF, "application/pdf"),
        ("现场.PNG", png(), "image/png"),
        ("现场.jpeg", JPEG, "image/jpeg"),
        ("方案.docx", docx(), WORD),
        ("台账.xlsx", (EXAMPLES / "room.xlsx").read_bytes(), None),
        ("方案.odt", ODT, "application/vnd.oasis.opendocument.text"),
        ("公文.ofd", OFD, "application/ofd"),
        ("说明.txt", "项目说明\n".encode(), "text/plain"),
        ("旧系统.csv", "单位,金额\n人社,1\n".encode("gb18030"), "text/csv"),
    ],
)
def test_an_allowed_kind_is_told_by_its_content(name: str, content: bytes, media_type: str | None) -> None:
    found, findings = content_type(name, content)
    assert findings == ()
    assert found is not None
    assert media_type in {None, found.media_type}


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("批复.pdf", png(), "type-differs"),
        ("现场.png", PDF, "type-differs"),
        ("说明.txt", PDF, "type-differs"),
        ("说明.txt", docx(), "type-differs"),
        ("说明.csv", b"\x7fELF\x02\x01\x01\0", "type-differs"),
        ("说明.txt", b"#!/bin/sh\nrm -rf /\n", "type-differs"),
        ("说明.txt", b"  <html><script>", "type-differs"),
        ("方案.docx", (EXAMPLES / "room.xlsx").read_bytes(), "type-differs"),
        ("台账.xlsx", docx(), "type-differs"),
        ("方案.docx", package({"a.txt": b"x"}), "type-differs"),
        ("方案.docx", b"MZ" + docx(), "type-differs"),
        ("方案.docx", bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600, "type-differs"),
        ("程序.exe", b"MZ\x90\0", "ending"),
        ("宏.docm", docx(), "ending"),
        ("无后缀", b"x", "ending"),
        ("批复.pdf", b"", "empty"),
        ("../批复.pdf", PDF, "name"),
        ("fdp.\u202efdp", PDF, "name"),
        ("批复.pdf", PDF.replace(b"<</Type", b"<</OpenAction<</S/JavaScript>>/Type"), "active-content"),
    ],
)
def test_what_is_not_what_it_says_is_refused(name: str, content: bytes, code: str) -> None:
    assert codes(name, content) == [code]


@pytest.mark.parametrize(
    "content",
    [
        docx(word__vbaProject_dot_bin=b"x"),
        docx(word__embeddings__setup_dot_bin=b"MZ\x90\0\x03\0\0\0"),
        docx(word__media__image1_dot_png=b"\x7fELF\x02\x01\x01\0"),
        docx(word__embeddings__old_dot_bin=bytes.fromhex("d0cf11e0a1b11ae1")),
        package({"[Content_Types].xml": kinds(f"{WORD}.main+xml", "application/vnd.ms-office.vbaProject")}),
        package(
            {
                "[Content_Types].xml": kinds(
                    f"{WORD}.main+xml", "application/vnd.ms-word.document.macro&#69;nabled.main+xml"
                )
            }
        ),
        package({"[Content_Types].xml": kinds(f"{WORD}.main+xml", "application/vnd.ms-office.activeX+xml")}),
    ],
)
def test_macros_and_programs_inside_a_document_are_refused(content: bytes) -> None:
    assert "active-content" in codes("方案.docx", content)


def test_a_document_that_only_claims_to_have_no_macros_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "macro.xlsm"
    book = xlsxwriter.Workbook(str(path))
    (tmp_path / "vba.bin").write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 512)
    book.add_worksheet()
    book.add_vba_project(str(tmp_path / "vba.bin"))
    book.close()
    assert set(codes("台账.xlsx", path.read_bytes())) == {"type-differs", "active-content"}


def test_bombs_are_refused_without_unpacking_them() -> None:
    zeros = b"\0" * (80 * 2**20)
    assert codes("方案.docx", docx(word__document2_dot_xml=zeros)) == ["too-large"]
    dense = docx(word__document2_dot_xml=b"\0" * (2 * 2**20))
    assert codes("方案.docx", dense) == ["too-large"]
    many = package({f"p{i}": b"" for i in range(5_001)})
    assert codes("方案.docx", many) == ["too-large"]


def test_a_document_type_in_the_list_of_parts_is_refused() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><Types><Override ContentType="&a;"/></Types>'
    assert codes("方案.docx", package({"[Content_Types].xml": bomb})) == ["damaged"]


def test_a_file_above_the_largest_size_is_refused() -> None:
    assert codes("批复.pdf", PDF + b" " * allowed_content().largest) == ["too-large"]


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400), st.sampled_from(["pdf", "png", "docx", "xlsx", "ofd", "txt", "csv", "tif", "exe", ""]))
def test_any_bytes_are_a_kind_or_findings_and_never_an_error(content: bytes, ending: str) -> None:
    found, findings = content_type(f"x.{ending}", content)
    assert (found is None) == bool(findings)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2_000), st.binary(min_size=1, max_size=4))
def test_a_damaged_package_is_a_finding_and_never_an_error(at: int, wrong: bytes) -> None:
    content = docx()
    content_type("方案.docx", content[:at] + wrong + content[at + len(wrong) :])
    content_type("方案.docx", content[:at])
