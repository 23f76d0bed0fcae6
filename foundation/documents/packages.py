"""Looks at a package (a document that is a zip of parts) without opening it as a document.

Its directory says how large it unpacks, its list of kinds of part whether it carries macros, and every part's first
bytes whether it is a program. A part is never unpacked further than that, so a zip bomb costs nothing.
"""

from __future__ import annotations

import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from xml.parsers import expat

from foundation.documents.extent import StopReading, local, new_parser
from foundation.documents.limits import Limits
from foundation.documents.refusals import Refusal

_ZIP = b"PK\x03\x04"
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_HEAD = 8
_KINDS = "[content_types].xml"
_KINDS_LARGEST = 4 * 2**20
_DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, expat.ExpatError),
    *(ValueError, OSError, struct.error, IndexError, OverflowError),  # what zipfile raises over bytes that lie
)


@dataclass(frozen=True, slots=True)
class PackageRules:
    """What makes a package refused: words in its kinds of part, names of parts, first bytes of parts, its sizes."""

    limits: Limits
    refused_content: tuple[str, ...]
    refused_parts: tuple[str, ...]
    refused_beginnings: tuple[bytes, ...]


def package_problems(content: bytes, main: str, rules: PackageRules) -> Iterator[Refusal]:
    """Every reason not to take in ``content`` as a package whose main part is of the kind ``main``."""
    if content.startswith(_OLE):
        yield Refusal("type-differs", found="OLE (encrypted, or a format before 2007)", expected=main)
        return
    if not content.startswith(_ZIP):  # anything before the first part may be another file
        yield Refusal("type-differs", found=repr(content[:_HEAD]), expected=main)
        return
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            yield from _archive_problems(archive, main, rules)
    except _DAMAGED as error:
        yield Refusal("damaged", found=(str(error) or type(error).__name__)[:120])
    except StopReading as stop:
        yield Refusal("damaged", found=stop.problem.found)
    except RuntimeError as error:  # what zipfile raises for a part that wants a password
        if "encrypted" not in str(error) and "password" not in str(error):
            raise
        yield Refusal("encrypted")


def _archive_problems(archive: zipfile.ZipFile, main: str, rules: PackageRules) -> Iterator[Refusal]:
    sizes = list(_size_problems(archive, rules.limits))
    yield from sizes
    parts: dict[str, zipfile.ZipInfo] = {}
    for info in archive.infolist():
        name = info.filename.replace("\\", "/").lstrip("/").lower()
        if name in parts:  # two readers would see two documents
            yield Refusal("damaged", field=info.filename, found="the same part twice")
            return
        parts[name] = info
    if sizes:
        return
    if any(info.flag_bits & 1 for info in parts.values()):
        yield Refusal("encrypted")
        return
    yield from _kind(archive, parts, main, rules)
    yield from _part_problems(archive, parts, rules)


def _size_problems(archive: zipfile.ZipFile, limits: Limits) -> Iterator[Refusal]:
    # zipfile never hands out more than the declared size, so declared sizes bind what anybody here unpacks
    infos = archive.infolist()
    if len(infos) > limits.parts:
        yield Refusal("too-large", found=f"{len(infos)} parts", expected=f"{limits.parts} parts")
    for info in infos:
        ratio = info.file_size // max(info.compress_size, 1)
        if info.file_size > limits.part_bytes:
            found, expected = f"{info.file_size} B", f"{limits.part_bytes} B"
        elif info.file_size > limits.ratio_free_bytes and ratio > limits.ratio:
            found, expected = f"{ratio}:1", f"{limits.ratio}:1"
        else:
            continue
        yield Refusal("too-large", field=info.filename, found=found, expected=expected)
        return
    total = sum(info.file_size for info in infos)
    if total > limits.unpacked_bytes:
        yield Refusal("too-large", found=f"{total} B", expected=f"{limits.unpacked_bytes} B")


def _kind(
    archive: zipfile.ZipFile, parts: dict[str, zipfile.ZipInfo], main: str, rules: PackageRules
) -> Iterator[Refusal]:
    """Whether the package is of the kind ``main``, and carries no part of a refused kind."""
    if _KINDS in parts:
        kinds = _kinds_of_parts(archive, parts[_KINDS])
        if main not in kinds:
            shown = ", ".join(sorted(each for each in kinds if "main+xml" in each))[:120]
            yield Refusal("type-differs", found=shown or "zip", expected=main)
        for kind in sorted(kinds):
            if any(word in kind.lower() for word in rules.refused_content):
                yield Refusal("active-content", found=kind)
        return
    said = _first_line(archive, parts.get("mimetype"))
    found = "ofd" if "ofd.xml" in parts else said
    if found != main:
        yield Refusal("type-differs", found=found[:80] or "zip", expected=main)


def _part_problems(
    archive: zipfile.ZipFile, parts: dict[str, zipfile.ZipInfo], rules: PackageRules
) -> Iterator[Refusal]:
    for name, info in parts.items():
        if info.is_dir():
            continue
        if any(name.startswith(each) or f"/{each}" in f"/{name}" for each in rules.refused_parts):
            yield Refusal("active-content", field=info.filename, found=info.filename)
            continue
        with archive.open(info) as stream:
            head = stream.read(_HEAD)
        if any(head.startswith(beginning) for beginning in rules.refused_beginnings):
            yield Refusal("active-content", field=info.filename, found=f"{info.filename} {head[:4].hex()}")


def _kinds_of_parts(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> set[str]:
    """Every kind the list of parts declares. A document type in it is refused: entities are how XML explodes."""
    if info.file_size > _KINDS_LARGEST:
        raise zipfile.BadZipFile("the list of parts is too long")
    found: set[str] = set()

    def start(name: str, attributes: list[str]) -> None:
        for key, value in zip(attributes[::2], attributes[1::2], strict=True):
            if local(key) == "ContentType":
                found.add(value)

    parser = new_parser("")
    parser.StartElementHandler = start
    with archive.open(info) as stream:
        parser.Parse(stream.read(), True)
    return found


def _first_line(archive: zipfile.ZipFile, info: zipfile.ZipInfo | None) -> str:
    if info is None:
        return ""
    with archive.open(info) as stream:
        return stream.read(120).decode("ascii", "replace").strip()
