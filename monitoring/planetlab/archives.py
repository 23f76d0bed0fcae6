"""Reads trace archives: one ``.tar.gz`` a day, one file a machine, 288 whole percents, five minutes apart."""

from __future__ import annotations

import gzip
import re
import tarfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from foundation.values.findings import Finding, Place, Severity

SAMPLES_A_DAY = 288

_LARGEST_ARCHIVE = 64 * 2**20
_LARGEST_MEMBER = 64 * 2**10
_MOST_MEMBERS = 20_000
_PERCENT = re.compile(rb"\d{1,3}")
_SHOWN = 50

Percents = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Traces:
    """The machines found on every day, by name; ``days[d][name]`` holds that day's 288 percents."""

    names: tuple[str, ...]
    days: tuple[dict[str, Percents], ...]


def read_planetlab(archives: Sequence[Path]) -> tuple[Traces | None, tuple[Finding, ...]]:
    """Read the archives, in the order of their file names; on any finding there are no traces.

    The names common to all days, sorted, are the machines; other machines are left out.
    """
    findings: list[Finding] = []
    if not archives:
        finding = _finding("", "", "none", "at least one archive", "没有轨迹文件", "there is no archive of traces")
        return None, (finding,)
    days = []
    for path in sorted(archives, key=lambda each: each.name):
        wrong: list[Finding] = []
        days.append(_day(path, wrong))
        findings.extend(wrong[:_SHOWN])
        if len(wrong) > _SHOWN:
            more = len(wrong) - _SHOWN
            findings.append(
                _finding(path.name, "", str(more), "none", f"另有 {more} 处同类问题", f"and {more} findings more")
            )
    common = set.intersection(*(set(day) for day in days))
    if not findings and not common:
        places = ", ".join(path.name for path in archives)
        findings.append(
            _finding(places, "", "0", "names common to all days", "各日没有共同的机器", "no machine is in every day")
        )
    if findings:
        return None, tuple(findings)
    names = tuple(sorted(common))
    return Traces(names, tuple({name: day[name] for name in names} for day in days)), ()


def _day(path: Path, findings: list[Finding]) -> dict[str, Percents]:
    day: dict[str, Percents] = {}
    try:
        for name, data in _members(path, findings):
            percents = _percents(path.name, name, data, findings)
            if percents is None:
                continue
            if name in day:
                findings.append(
                    _finding(path.name, name, name, "each machine once", "同一机器出现两次", "a machine is there twice")
                )
            day[name] = percents
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
        why = getattr(error, "strerror", None) or str(error) or type(error).__name__
        findings.append(
            _finding(path.name, "", why[:80], "a .tar.gz archive", f"无法读取:{why}", f"cannot be read: {why}")
        )
    return day


def _members(path: Path, findings: list[Finding]) -> Iterator[tuple[str, bytes]]:
    """The files of the archive by the last part of their names, read in its order, nothing unpacked to disk."""
    size = path.stat().st_size
    if size > _LARGEST_ARCHIVE:
        limit = f"{_LARGEST_ARCHIVE} bytes"
        findings.append(_finding(path.name, "", f"{size} bytes", limit, "文件过大", "the archive is too large"))
        return
    # Through gzip's own reader: tarfile's takes a file that breaks off for one that ends.
    with gzip.open(path) as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
        for count, member in enumerate(archive):
            if count >= _MOST_MEMBERS:
                limit = f"{_MOST_MEMBERS} files"
                findings.append(_finding(path.name, "", "more", limit, "文件数过多", "there are too many files in it"))
                return
            name = PurePosixPath(member.name).name
            if not member.isfile() or name.startswith("."):
                continue
            if member.size > _LARGEST_MEMBER:
                limit = f"{_LARGEST_MEMBER} bytes"
                findings.append(
                    _finding(path.name, name, f"{member.size} bytes", limit, "轨迹过大", "a trace is too large")
                )
                return
            file = archive.extractfile(member)
            if file is not None:
                yield name, file.read()
        if len(stream.read(_LARGEST_MEMBER)) == _LARGEST_MEMBER:
            findings.append(
                _finding(path.name, "", "more", "its end", "归档之后还有数据", "there is more after the archive")
            )


def _percents(file: str, name: str, data: bytes, findings: list[Finding]) -> Percents | None:
    lines = data.split()
    wrong = next((row for row, line in enumerate(lines, 1) if not _PERCENT.fullmatch(line) or int(line) > 100), None)
    if wrong is not None:
        found = lines[wrong - 1][:20].decode(errors="replace")
        findings.append(
            _finding(file, name, found, "a whole percent, 0 to 100", "不是百分数", "not a percentage", row=wrong)
        )
        return None
    if len(lines) != SAMPLES_A_DAY:
        expected = f"{SAMPLES_A_DAY} samples"
        findings.append(
            _finding(file, name, f"{len(lines)} samples", expected, "采样数不符", "the samples are not a day")
        )
        return None
    return tuple(map(int, lines))


def _finding(file: str, name: str, found: str, expected: str, zh: str, en: str, *, row: int | None = None) -> Finding:
    place = Place(file=file, sheet=name, row=row)
    return Finding("monitoring.traces.invalid", Severity.ERROR, place, found, expected, zh, en)
