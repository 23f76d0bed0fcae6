"""What can go wrong with the record database.

StoreError
├── UnscopedQuery        a query on an agency's table without a scope: a defect, never a user's fault
├── AlreadyThere         the same key with other content
├── DatabaseUnavailable  locked, full, unreachable
├── NotMigrated          the database is older than the program
└── DatabaseNewer        the database is newer than the program
"""

from __future__ import annotations

from foundation.values.errors import GuanyunError


class StoreError(GuanyunError):
    """Base of this package's errors."""

    code = "store.error"
    exit_status = 4


class UnscopedQuery(StoreError):
    """``table`` was queried without a scope."""

    code = "store.unscoped-query"
    zh = "对 {table} 的查询没有数据范围"
    en = "a query on {table} has no scope"


class AlreadyThere(StoreError):
    """``what`` exists under ``key`` with other content: ``found`` beside ``expected``."""

    code = "store.already-there"
    exit_status = 1
    zh = "{what} {key} 已存在,内容不同:已有 {found},现为 {expected}"
    en = "{what} {key} exists with other content: recorded {found}, now {expected}"


class DatabaseUnavailable(StoreError):
    """``reason``: the driver's own words."""

    code = "store.unavailable"
    zh = "数据库不可用:{reason}。什么都没有写入,请稍后重试"
    en = "the database is not available: {reason}. Nothing was written; try again"


class NotMigrated(StoreError):
    """The database has revision ``found``; the program needs ``expected``."""

    code = "store.not-migrated"
    zh = "数据库版本为 {found},程序需要 {expected}:请先运行 guanyun database upgrade"
    en = "the database is at {found}, this program needs {expected}: run guanyun database upgrade first"


class DatabaseNewer(StoreError):
    """The database has revision ``found``, which this program does not know."""

    code = "store.newer"
    zh = "数据库版本 {found} 比程序新:请升级程序"
    en = "the database is at {found}, newer than this program: upgrade the program"
