"""Reads a signed probe log: JSON lines, gzipped, one check a line: ``{"at": …, "ok": true, "ms": 12}``."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from foundation.evidence import KeyRing, sha256_hex
from foundation.values.errors import InvalidValue
from foundation.values.findings import Finding, Place, Severity
from foundation.values.instant import Interval, format_instant, parse_instant
from governance.sla import Check
from monitoring.probes.manifest import Manifest, open_manifest

_LARGEST_FILE = 16 * 2**20
_LARGEST_TEXT = 128 * 2**20
_LONGEST_LINE = 4096


@dataclass(frozen=True, slots=True)
class ProbeLog:
    """A log that holds in every line: its manifest and its checks, in time order."""

    manifest: Manifest
    checks: tuple[Check, ...]


class _Unreadable(Exception):
    def __init__(self, row: int | None, field: str, found: str, expected: str, zh: str, en: str) -> None:
        super().__init__(en)
        self.facts = (row, field, found, expected, zh, en)


def read_probe_log(path: Path, ring: KeyRing) -> tuple[ProbeLog | None, tuple[Finding, ...]]:
    """Check the signature, then read every line; on any finding there is no log.

    Raises what ``open_manifest`` raises: nothing of an unsigned file is looked at.
    """
    manifest = open_manifest(path, ring)
    try:
        data = _bytes(path, manifest)
        lines = _lines(data)
    except _Unreadable as wrong:
        return None, (_finding(path.name, *wrong.facts),)
    checks: dict[datetime, Check] = {}
    findings: list[Finding] = []
    month = manifest.month.interval
    for row, line in lines:
        try:
            check = _check(row, line, month)
            standing = checks.setdefault(check.at, check)
            if standing.ok != check.ok:
                raise _contradiction(row, check)
        except _Unreadable as wrong:
            findings.append(_finding(path.name, *wrong.facts))
    if findings:
        return None, tuple(findings)
    return ProbeLog(manifest, tuple(checks[at] for at in sorted(checks))), ()


def _bytes(path: Path, manifest: Manifest) -> bytes:
    try:
        size = path.stat().st_size
        data = path.read_bytes() if size <= _LARGEST_FILE else b""
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise _Unreadable(None, "", why, "a readable file", f"文件无法读取:{why}", f"cannot be read: {why}") from error
    if size > _LARGEST_FILE:
        limit = f"{_LARGEST_FILE} bytes"
        raise _Unreadable(None, "", f"{size} bytes", limit, "文件过大", "the file is too large")
    digest = sha256_hex(data)
    if digest != manifest.sha256:
        raise _Unreadable(
            None, "sha256", digest, manifest.sha256, "文件内容与签名不符", "the file is not the one that was signed"
        )
    return data


def _lines(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The lines with their numbers, blank ones left out; refuses what unpacks to too much."""
    unpacker = zlib.decompressobj(wbits=31)
    try:
        text = unpacker.decompress(data, _LARGEST_TEXT)
    except zlib.error as error:
        raise _not_gzip(str(error)) from error
    if unpacker.unconsumed_tail:
        limit = f"{_LARGEST_TEXT} bytes"
        raise _Unreadable(None, "", "more", limit, "解压后过大", "it unpacks to too much")
    if not unpacker.eof or unpacker.unused_data:
        raise _not_gzip("truncated, or followed by other data")
    return ((row, line) for row, line in enumerate(text.split(b"\n"), 1) if line.strip())


def _check(row: int, line: bytes, month: Interval) -> Check:
    if len(line) > _LONGEST_LINE:
        raise _Unreadable(row, "", f"{len(line)} bytes", f"{_LONGEST_LINE} bytes", "行过长", "the line is too long")
    try:
        document: Any = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise _Unreadable(
            row, "", line[:60].decode(errors="replace"), "JSON", "不是合法的 JSON", "the line is not JSON"
        ) from error
    match document:
        case {"at": str() as text, "ok": bool() as ok, "ms": int() | None as ms, **rest} if not rest:
            pass
        case _:
            shape = '{"at": instant, "ok": true or false, "ms": whole number or null}'
            found = str(document)[:60]
            raise _Unreadable(row, "", found, shape, "字段不合要求", "the fields are not those of a check")
    if isinstance(ms, bool) or (ms is not None and ms < 0):
        raise _Unreadable(row, "ms", str(ms), "milliseconds", "毫秒数不合要求", "not a number of milliseconds")
    try:
        at = parse_instant(text, field="at")
    except (InvalidValue, OverflowError) as error:
        expected = "ISO 8601 with an offset"
        raise _Unreadable(row, "at", text[:40], expected, "时间不合要求", "not an instant") from error
    if at not in month:
        bounds = f"[{format_instant(month.start)}, {format_instant(month.end)})"
        raise _Unreadable(row, "at", text[:40], bounds, "时间不在本月", "an instant outside the month")
    return Check(at, ok)


def _contradiction(row: int, check: Check) -> _Unreadable:
    return _Unreadable(
        row,
        "ok",
        str(check.ok).lower(),
        "one result an instant",
        f"{format_instant(check.at)} 有两个不同的结果",
        f"{format_instant(check.at)} has two results that differ",
    )


def _not_gzip(why: str) -> _Unreadable:
    return _Unreadable(None, "", why, "gzip", "不是完整的 gzip 文件", "not a whole gzip file")


def _finding(file: str, row: int | None, field: str, found: str, expected: str, zh: str, en: str) -> Finding:
    place = Place(file=file, row=row, field=field)
    return Finding("monitoring.probe-log.invalid", Severity.ERROR, place, found, expected, zh, en)
