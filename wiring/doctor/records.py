"""The record database and the clock it is written by."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from sqlalchemy import make_url, select, text

from foundation.store import Transaction, owns_tables, unprotected
from foundation.values.findings import Finding
from foundation.values.instant import format_instant
from governance.audit import audit_table
from wiring.doctor.model import Patient, error, note, warning
from wiring.tables import gather

_MIB = 1024**2
_LARGE_LOG = 256 * _MIB
_QUICK = 512 * _MIB
"""A database file up to this size is read through; a larger one takes minutes, so a person starts that."""
_AHEAD = timedelta(minutes=1)
_SILENT = timedelta(days=30)


def database(patient: Patient) -> Iterator[Finding]:
    """It answers, and has the shape this program needs. What is wrong says itself what to do."""
    if patient.away is not None:
        yield error(patient.away.code, "database", patient.away.zh, patient.away.en)


def sqlite_files(patient: Patient, transaction: Transaction) -> Iterator[Finding]:
    """SQLite: the file is whole, its log of writes is taken in, it is written as carefully as it should be."""
    if transaction.dialect != "sqlite":
        return
    path = Path(str(make_url(patient.settings.database_url).database))
    if path.stat().st_size <= _QUICK:
        said = [str(value) for row in transaction.rows(text("PRAGMA quick_check(5)")) for value in row.values()]
        if said != ["ok"]:
            zh = f"{path} 已损坏:停止所有进程,保留原文件,从备份恢复"
            en = f"{path} is damaged: stop every process, keep the file, restore the backup"
            yield error("database-damaged", str(path), zh, en, found="; ".join(said)[:300], expected="ok")
    else:
        zh = f"{path} 较大,未逐页检查:停机时运行 sqlite3 {path} 'PRAGMA quick_check'"
        en = f"{path} is large and was not read through: when stopped, run sqlite3 {path} 'PRAGMA quick_check'"
        yield note("database-not-read", str(path), zh, en)
    log = path.with_name(path.name + "-wal")
    size = log.stat().st_size if log.exists() else 0
    if size > _LARGE_LOG:
        zh = f"{log} 有 {size // _MIB} MiB:有进程长时间占用读取,重启 guanyun down && guanyun up"
        en = f"{log} has {size // _MIB} MiB: somebody keeps reading an old state, run guanyun down && guanyun up"
        yield warning("database-log-large", str(log), zh, en, found=f"{size // _MIB} MiB")
    mode = transaction.value(text("PRAGMA journal_mode"))
    if mode != "wal":
        zh, en = f"{path} 不是 WAL 方式({mode})", f"{path} is not written ahead ({mode})"
        yield warning("database-mode", str(path), zh, en, found=str(mode), expected="wal")


def row_security(patient: Patient, transaction: Transaction) -> Iterator[Finding]:
    """PostgreSQL: every agency's table is under row-level security, and the program's role cannot take it away."""
    if patient.application is None or transaction.dialect != "postgresql":
        return
    with patient.application.store.engine.connect() as connection:
        bare = [table.name for table in unprotected(connection, gather().sorted_tables)]
        owner = owns_tables(connection)
    if bare:
        zh = f"这些表没有行级安全:{'、'.join(bare)};请以表的所有者运行 guanyun database upgrade"
        en = f"no row-level security on {', '.join(bare)}: run guanyun database upgrade as the tables' owner"
        yield error("row-security-missing", "database", zh, en, found=", ".join(bare)[:300])
    if owner:
        zh = "程序以表的所有者连接,能取消行级安全:另建角色,并以 GUANYUN_DATABASE_OWNER 升级(docs/operating.md)"
        en = (
            "the program connects as the owner of the tables and could take row-level security away: make a second "
            "role and upgrade by GUANYUN_DATABASE_OWNER (docs/operating.md)"
        )
        yield warning("database-owner", "database", zh, en)


def clock(patient: Patient, transaction: Transaction) -> Iterator[Finding]:
    """The machine's clock has not been set back behind what was written, nor leapt far ahead of it."""
    newest = transaction.value(select(audit_table.c.recorded_at).order_by(audit_table.c.number.desc()).limit(1))
    if newest is None:
        return
    facts = {"found": format_instant(patient.now), "expected": f"about {format_instant(newest)} or later"}
    if newest > patient.now + _AHEAD:
        zh = f"本机时钟比最近一条审计记录早 {newest - patient.now}:时钟被拨慢,请与时间服务器对时"
        en = f"the clock is {newest - patient.now} behind the newest audit entry: set it by a time server"
        yield error("clock-behind", "clock", zh, en, **facts)
    elif patient.now - newest > _SILENT:
        days = (patient.now - newest).days
        zh = f"最近一条审计记录在 {days} 天前:久未使用,或时钟被拨快,请核对"
        en = f"the newest audit entry is {days} days old: nobody worked, or the clock was set ahead; look at it"
        yield warning("clock-ahead", "clock", zh, en, **facts)
