"""Looks at a workbook before anything parses it: is it one, how large does it unpack, how far does each sheet reach."""

from __future__ import annotations

import posixpath
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import IO
from xml.parsers import expat

from foundation.documents.extent import StopReading, local, measure, new_parser
from foundation.documents.limits import Limits
from foundation.documents.problems import Problem

_ZIP = b"PK\x03\x04"
_COMPOUND = bytes.fromhex("D0CF11E0A1B11AE1")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_CHUNK = 2**20
_ROOT = "_rels/.rels"


def inspect(stream: IO[bytes], limits: Limits) -> Iterator[Problem]:
    """Every problem of the workbook in ``stream``; none means that reading it stays within ``limits``.

    Problems that make going on useless end the inspection; sizes and far cells are all gathered.
    """
    try:
        yield from _inspect(stream, limits)
    except StopReading as stop:
        yield stop.problem
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        yield Problem("damaged", found=str(error) or type(error).__name__)
    except RuntimeError as error:  # what zipfile raises for a part that wants a password
        if "encrypted" not in str(error) and "password" not in str(error):
            raise
        yield Problem("encrypted", found="encrypted zip part")


def _inspect(stream: IO[bytes], limits: Limits) -> Iterator[Problem]:
    _check_signature(stream)
    with zipfile.ZipFile(stream) as archive:
        parts = _parts(archive, limits)
        if oversized := _sizes(archive, limits):
            yield from oversized
            return
        if _ROOT not in parts:
            yield Problem("not-a-workbook", found="zip")
            return
        if any(info.flag_bits & 1 for info in archive.infolist()):
            yield Problem("encrypted", found="encrypted zip part")
            return
        yield from _far_cells(archive, parts, limits)


def _check_signature(stream: IO[bytes]) -> None:
    head = stream.read(8)
    if not head:
        raise StopReading(Problem("empty", found="0 bytes"))
    if head == _COMPOUND:
        # A workbook with a password is an OLE container; without that stream it is the format before 2007.
        if _contains(stream, _ENCRYPTED):
            raise StopReading(Problem("encrypted", found="EncryptedPackage"))
        raise StopReading(Problem("not-a-workbook", found="OLE container, perhaps .xls"))
    if not head.startswith(_ZIP):
        raise StopReading(Problem("not-a-workbook", found=f"begins with {head!r}"))
    stream.seek(0)


def _contains(stream: IO[bytes], needle: bytes) -> bool:
    tail = b""
    while chunk := stream.read(_CHUNK):
        if needle in tail + chunk:
            return True
        tail = chunk[-len(needle) :]
    return False


def _parts(archive: zipfile.ZipFile, limits: Limits) -> dict[str, zipfile.ZipInfo]:
    """Parts by lower-case name; a name twice is refused, since two readers would see two workbooks."""
    infos = archive.infolist()
    if len(infos) > limits.parts:
        raise StopReading(Problem("too-large", found=f"{len(infos)} parts", expected=f"{limits.parts} parts"))
    parts: dict[str, zipfile.ZipInfo] = {}
    for info in infos:
        name = info.filename.replace("\\", "/").lstrip("/").lower()
        if name in parts:
            raise StopReading(Problem("damaged", field=info.filename, found="the same part twice"))
        parts[name] = info
    return parts


def _sizes(archive: zipfile.ZipFile, limits: Limits) -> list[Problem]:
    # zipfile never hands out more than the declared size and then checks the CRC, so declared sizes bind
    problems: list[Problem] = []
    for info in archive.infolist():
        ratio = info.file_size // max(info.compress_size, 1)
        if info.file_size > limits.part_bytes:
            found, expected = f"{info.file_size} B", f"{limits.part_bytes} B"
        elif info.file_size > limits.ratio_free_bytes and ratio > limits.ratio:
            found, expected = f"{ratio}:1", f"{limits.ratio}:1"
        else:
            continue
        problems.append(Problem("too-large", field=info.filename, found=found, expected=expected))
    total = sum(info.file_size for info in archive.infolist())
    if total > limits.unpacked_bytes:
        problems.append(Problem("too-large", found=f"{total} B", expected=f"{limits.unpacked_bytes} B"))
    return problems


def _far_cells(archive: zipfile.ZipFile, parts: dict[str, zipfile.ZipInfo], limits: Limits) -> Iterator[Problem]:
    area = 0
    stopped = False
    sheets = _sheets(archive, parts)
    for sheet, target in sheets:
        part = parts.get(target)
        if part is None:
            yield Problem("damaged", sheet=sheet, found=f"no part {target}")
            stopped = True
            continue
        try:
            with archive.open(part) as stream:
                area += measure(stream, sheet, limits).area
        except StopReading as stop:
            yield stop.problem
            stopped = True
    # Readers resolve a sheet's part more freely than the standard does: whatever else looks like one is measured too.
    known = {target for _, target in sheets}
    for name, part in parts.items():
        if name not in known:
            try:
                with archive.open(part) as stream:
                    measure(stream, part.filename, limits)
            except StopReading as stop:
                if stop.problem.code == "far-cell":
                    yield stop.problem
                    stopped = True
    if area > limits.cells and not stopped:
        yield Problem("too-large", found=f"{area} cells", expected=f"{limits.cells} cells")


def _sheets(archive: zipfile.ZipFile, parts: dict[str, zipfile.ZipInfo]) -> list[tuple[str, str]]:
    """(sheet name, lower-case part name) in workbook order."""
    books = [
        _resolve("", attributes.get("Target", ""))
        for attributes in _elements(archive, parts[_ROOT], "Relationship")
        if attributes.get("Type", "").endswith("/officeDocument")
    ]
    if len(books) != 1 or books[0] not in parts:
        raise StopReading(Problem("not-a-workbook", found="no workbook part"))
    folder, name = posixpath.split(books[0])
    relations = posixpath.join(folder, "_rels", f"{name}.rels")
    if relations not in parts:
        raise StopReading(Problem("damaged", found=f"no part {relations}"))
    targets = {
        attributes.get("Id", ""): _resolve(folder, attributes.get("Target", ""))
        for attributes in _elements(archive, parts[relations], "Relationship")
    }
    sheets: list[tuple[str, str]] = []
    for attributes in _elements(archive, parts[books[0]], "sheet"):
        name, relation = attributes.get("name", ""), attributes.get("id", "")
        if not name or any(name == other for other, _ in sheets):
            raise StopReading(Problem("damaged", sheet=name, found="sheet without a name of its own"))
        if relation not in targets:
            raise StopReading(Problem("damaged", sheet=name, found=f"sheet without a part ({relation})"))
        sheets.append((name, targets[relation]))
    if not sheets:
        raise StopReading(Problem("not-a-workbook", found="no sheet"))
    return sheets


def _resolve(folder: str, target: str) -> str:
    """A relationship's target as a lower-case part name."""
    path = posixpath.join("/", folder, target.replace("\\", "/"))
    return posixpath.normpath(path).lstrip("/").lower()


def _elements(archive: zipfile.ZipFile, part: zipfile.ZipInfo, kind: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    parser = new_parser("")
    parser.StartElementHandler = _collector(kind, found)
    try:
        with archive.open(part) as stream:
            while chunk := stream.read(_CHUNK):
                parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise StopReading(Problem("damaged", field=part.filename, found=f"XML: {error}")) from None
    return found


def _collector(kind: str, found: list[dict[str, str]]) -> Callable[[str, list[str]], None]:
    def start(name: str, attributes: list[str]) -> None:
        if local(name) == kind:
            names, values = attributes[::2], attributes[1::2]
            found.append({local(key): value for key, value in zip(names, values, strict=True)})

    return start
