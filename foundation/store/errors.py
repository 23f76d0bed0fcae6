"""What can go wrong with the record database.

StoreError
├── UnscopedQuery        a query on an agency's table without a scope: a defect, never a user's fault
├── AlreadyThere         the same key with other content
├── ValueRefused         a text too long, a number too large, a NUL: PostgreSQL keeps to a column's size
├── DatabaseUnavailable  locked, full, unreachable
│   └── CommitUnknown    the connection broke while committing: written or not
├── DatabaseAddressWrong the URL is none we understand
├── DatabaseUnsuited     PostgreSQL with another encoding or order of texts
├── RoleTooMighty        a PostgreSQL role that row-level security does not hold
├── ReferencesBroken     a migration left rows that refer to nothing
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


class ValueRefused(StoreError):
    """``reason``: the driver's own words, which name the column's type and not the value."""

    code = "store.value-refused"
    exit_status = 1
    zh = "数据库不接受某个值({reason}),什么都没有写入:请缩短或更正输入"
    en = "the database does not take a value ({reason}); nothing was written: shorten or correct what was given"


class DatabaseUnavailable(StoreError):
    """``reason``: the driver's own words."""

    code = "store.unavailable"
    zh = "数据库不可用:{reason}。什么都没有写入,请稍后重试"
    en = "the database is not available: {reason}. Nothing was written; try again"


class CommitUnknown(DatabaseUnavailable):
    """``reason``: the driver's own words. Whoever catches it looks before doing again what may not be done twice."""

    code = "store.commit-unknown"
    zh = "提交时与数据库的连接中断({reason}):不知道是否已写入。请重新执行:已写入的不会写第二次"
    en = (
        "the connection broke while committing ({reason}): it may or may not be written. "
        "Run it again: nothing is written twice"
    )


class DatabaseAddressWrong(StoreError):
    """The URL cannot be read; it is never repeated, because it may hold a password."""

    code = "store.address"
    exit_status = 2
    zh = "数据库地址无法识别:应为 sqlite:///文件 或 postgresql://用户@主机/数据库(GUANYUN_DATABASE)"
    en = "no such kind of database address: give sqlite:///file or postgresql://user@host/database (GUANYUN_DATABASE)"


class DatabaseUnsuited(StoreError):
    """A PostgreSQL database whose ``encoding`` is not UTF8 or whose ``collation`` is not by code point."""

    code = "store.unsuited"
    zh = (
        "数据库的编码为 {encoding}、排序规则为 {collation}:需要 UTF8 与 C。"
        "请用 createdb --template=template0 --encoding=UTF8 --locale=C 新建"
    )
    en = (
        "the database has encoding {encoding} and collation {collation}; it needs UTF8 and C: "
        "make one with createdb --template=template0 --encoding=UTF8 --locale=C"
    )


class RoleTooMighty(StoreError):
    """The program's own PostgreSQL role is ``found`` (SUPERUSER, BYPASSRLS): no policy would hold it."""

    code = "store.role-too-mighty"
    zh = (
        "连接数据库的角色具有 {found},行级安全对它不起作用。"
        "请另建普通角色:createuser --no-superuser --no-createdb --no-createrole,并以它连接"
    )
    en = (
        "the role that connects to the database has {found}: row-level security does not hold it. Make a plain one "
        "(createuser --no-superuser --no-createdb --no-createrole) and connect as that"
    )


class ReferencesBroken(StoreError):
    """After a migration, rows of ``tables`` refer to rows that are not there."""

    code = "store.references-broken"
    zh = "升级后 {tables} 中有记录引用了不存在的记录:什么都没有改变,请报告此缺陷"
    en = "after the migration rows of {tables} refer to rows that are not there: nothing was changed; report this"


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
