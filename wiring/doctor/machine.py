"""This machine: its processes, the sandbox, the Pulumi CLI, fonts, Python packages."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from foundation.values.findings import Finding
from wiring.doctor.model import Patient, error, note, warning

LOCK = Path(__file__).resolve().parents[2] / "requirements.lock"
_PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)(\s*;)?", re.MULTILINE)
_ABSENT = "∅"
_MOST_READ = 64 * 1024**2


def processes(patient: Patient) -> Iterator[Finding]:
    """Worker and portal answer where they said they would, and none has died unnoticed."""
    from wiring.logs import log_file
    from wiring.processes.asking import SILENT, reasons_of
    from wiring.processes.machine import OURS
    from wiring.processes.records import read_record

    folder = patient.settings.work_folder
    for process in OURS:
        record = read_record(folder, process)
        if record is None:
            continue
        log = log_file(folder, process)
        if not record.alive:
            zh = f"{process}(pid {record.pid})已意外结束:guanyun up;日志 {log}"
            en = f"{process} (pid {record.pid}) ended unexpectedly: guanyun up; its log is {log}"
            yield error("process-died", process, zh, en, found=str(record.pid))
            continue
        for reason in reasons_of(record.address, seconds=8.0):
            zh = f"{process}({record.address})未就绪:{reason.zh};日志 {log}"
            en = f"{process} ({record.address}) is not ready: {reason.en}; its log is {log}"
            yield error(
                "process-silent" if reason == SILENT else "process-not-ready", process, zh, en, found=reason.code
            )


def sandbox(patient: Patient) -> Iterator[Finding]:
    """The sandbox's journal is whole; it runs where it is the cloud."""
    from infra.sandbox import status

    if patient.settings.aws_endpoint:
        return
    folder = patient.settings.sandbox_folder
    if not folder.is_dir():
        return
    number = _first_broken(folder / "journal")
    if number is not None:
        journal = folder / "journal"
        zh = f"{journal} 第 {number} 行损坏:从备份恢复,或 guanyun sandbox reset(清空沙箱)"
        en = f"line {number} of {journal} is damaged: restore it, or guanyun sandbox reset (which empties the sandbox)"
        yield error("sandbox-journal", "sandbox", zh, en, found=f"line {number}")
    if not status(folder).running:
        zh, en = (
            "沙箱云没有运行,部署会停在无云可用:guanyun up",
            "the sandbox does not run, nothing can be deployed: guanyun up",
        )
        yield note("sandbox-down", "sandbox", zh, en)


def _first_broken(journal: Path) -> int | None:
    """The first damaged line of ``infra.sandbox.journal``'s form; a torn last line is none, it was never answered."""
    if not journal.exists() or journal.stat().st_size > _MOST_READ:
        return None
    lines = journal.read_bytes().split(b"\n")
    for number, line in enumerate(lines[:-1], 1):
        digest, _, content = line.partition(b" ")
        if hashlib.sha256(content).hexdigest()[:16].encode() != digest and number < len(lines) - 1:
            return number
    return None


def pulumi(patient: Patient) -> Iterator[Finding]:
    """The engine's command line is there, in the version that fits."""
    from infra.engine.command import locate

    locate()  # its own error says what is missing and what to run
    return
    yield


def fonts(patient: Patient) -> Iterator[Finding]:
    """The fonts of PDF statements are installed."""
    from foundation.documents.pdf import FONT_FOLDERS, FONT_PACKAGE

    if not any(path.suffix in {".ttc", ".otf", ".ttf"} for folder in FONT_FOLDERS for path in _files(folder)):
        zh = f"没有中文字体,无法出具 PDF:请安装 Debian 软件包 {FONT_PACKAGE}"
        en = f"there are no Chinese fonts, so no PDF can be made: install the Debian package {FONT_PACKAGE}"
        yield warning("fonts-missing", "fonts", zh, en)


def _files(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []


def packages(patient: Patient) -> Iterator[Finding]:
    """The installed Python packages are those of the lock file, where there is one."""
    if not LOCK.exists():
        return
    locked: dict[str, set[str]] = {}
    for name, pinned, conditional in _PINNED.findall(LOCK.read_text(encoding="utf-8")):
        # What is locked for some machines only may be absent here, or there in the version for another Python.
        locked.setdefault(name, set()).update({pinned, _ABSENT} if conditional else {pinned})
    installed = {name: _installed(name) for name in locked}
    wrong = [
        f"{name} {installed[name]} ≠ {max(locked[name])}" for name in locked if installed[name] not in locked[name]
    ]
    if wrong:
        shown = ", ".join(wrong[:5]) + ("…" if len(wrong) > 5 else "")
        zh = f"{len(wrong)} 个软件包与锁定版本不符({shown}):make setup"
        en = f"{len(wrong)} packages differ from the lock file ({shown}): make setup"
        yield warning("packages-differ", "packages", zh, en, found=str(len(wrong)))


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return _ABSENT
