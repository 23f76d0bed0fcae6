"""The home folder, its disk, its keys."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from foundation.values.findings import Finding
from wiring.doctor.model import Patient, error, warning

_GIB = 1024**3
_FULL, _NEARLY_FULL = _GIB // 2, 4 * _GIB
_NEEDED_KEYS = ("operator.evidence", "operator.billing")
"""What signs roots and bills (docs/trust.md)."""


def home(patient: Patient) -> Iterator[Finding]:
    """The folder is there, ours, and nobody else's business."""
    folder = patient.settings.home
    if not folder.is_dir():
        zh, en = (
            f"{folder} 不存在:先建立管运,或设定 GUANYUN_HOME",
            f"{folder} is not there: set up, or set GUANYUN_HOME",
        )
        yield error("home-missing", str(folder), zh, en)
        return
    seen = folder.stat()
    mode = stat.S_IMODE(seen.st_mode)
    if seen.st_uid != os.geteuid():
        zh, en = f"{folder} 属于另一用户:请以其所有者运行", f"{folder} belongs to another user: run as its owner"
        yield error("home-owner", str(folder), zh, en, found=str(seen.st_uid), expected=str(os.geteuid()))
    if mode & 0o022:
        yield error("home-writable", str(folder), *_close(folder, "700", "写入", "write in"), found=f"{mode:o}")
    elif mode & 0o055:
        yield warning("home-readable", str(folder), *_close(folder, "700", "读取", "read"), found=f"{mode:o}")
    if not os.access(folder, os.W_OK):
        yield error("home-read-only", str(folder), f"{folder} 无法写入", f"{folder} cannot be written to")


def disk(patient: Patient) -> Iterator[Finding]:
    """Room for the records, the usage store and the logs."""
    folder = patient.settings.home
    place = folder if folder.is_dir() else folder.parent
    if not place.is_dir():
        return
    free = shutil.disk_usage(place).free
    if free >= _NEARLY_FULL:
        return
    found, full = f"{free / _GIB:.1f} GiB", free < _FULL
    zh = f"{place} 所在磁盘只剩 {found}" + (",写入将失败:请立即清理或扩容" if full else ":请清理或扩容")
    en = f"only {found} are free where {place} lies" + (": writing will fail, make room now" if full else ": make room")
    yield (error if full else warning)("disk-full", str(place), zh, en, found=found, expected="4 GiB")


def keys(patient: Patient) -> Iterator[Finding]:
    """Private keys are there, and private; so is whatever else holds a secret."""
    settings = patient.settings
    folder = settings.keys_folder
    if patient.application is None and not folder.is_dir():
        return
    for name in _NEEDED_KEYS:
        path = folder / f"{name}.pem"
        if not path.exists():
            zh, en = f"缺少私钥 {path}:从备份恢复", f"the private key {path} is missing: restore it from the backup"
            yield error("key-missing", str(path), zh, en)
        public = settings.public_keys_folder / f"{name}.pub.pem"
        if not public.exists():
            zh, en = f"缺少公钥 {public}", f"the public key {public} is missing"
            yield warning("public-key-missing", str(public), zh, en)
    private = [*sorted(folder.glob("*")), settings.session_file, settings.home / "demo-passwords.json"]
    for path in private:
        if path.is_file() and (mode := stat.S_IMODE(path.stat().st_mode)) & 0o077:
            yield error(
                "not-private", str(path), *_close(path, "600", "读取", "read"), found=f"{mode:o}", expected="600"
            )
    if folder.is_dir() and (mode := stat.S_IMODE(folder.stat().st_mode)) & 0o077:
        yield error(
            "not-private", str(folder), *_close(folder, "700", "进入", "enter"), found=f"{mode:o}", expected="700"
        )


def _close(path: Path, mode: str, may_zh: str, may_en: str) -> tuple[str, str]:
    return (
        f"其他用户可以{may_zh} {path}:请运行 chmod {mode} {path}",
        f"other users can {may_en} {path}: run chmod {mode} {path}",
    )
