"""Why governance says no.

GovernanceError
├── Refused             a rule forbids it; the refusal is in the audit log
├── NotLoggedIn         no token, or it has expired
├── AskerGone           who asked for the work may not act any more
├── LoginRefused        account or password do not fit
├── AuditDiffers        the audit log is not what was handed out, or does not hold together
├── NothingToCountersign  no checkpoint was handed to this reader yet
├── NotFound            no such thing
├── NotADemo            only a database created as a demo may do this
├── NotEmpty            only an empty database may do this
├── TaskNotFree         closed, somebody else's, or for another duty
└── InvalidDocument    findings in a catalogue, price or contract document
"""

from __future__ import annotations

from collections.abc import Sequence

from foundation.values.errors import GuanyunError, Language
from foundation.values.findings import Finding


class GovernanceError(GuanyunError):
    """Base of this package's errors."""

    code = "governance.error"


class Refused(GovernanceError):
    """``act`` on ``subject`` is forbidden by ``rule``; ``because_zh`` and ``because_en`` say why in words."""

    code = "governance.refused"
    exit_status = 6
    zh = "拒绝:{act} {subject}。依据 {rule}:{because_zh}"
    en = "refused: {act} on {subject}. Rule {rule}: {because_en}"


class NotLoggedIn(GovernanceError):
    """No valid session."""

    code = "governance.not-logged-in"
    exit_status = 6
    zh = "未登录或登录已过期:请先运行 guanyun login 账号"
    en = "not logged in, or the login has expired: run guanyun login ACCOUNT first"


class AskerGone(GovernanceError):
    """``account`` asked for the work and may not act any more."""

    code = "governance.asker-gone"
    exit_status = 6
    zh = "提出该任务的账号 {account} 已失效:须由现任人员重新提出"
    en = "the account {account}, which asked for this work, is no longer valid: somebody in office must ask anew"


class AuditDiffers(GovernanceError):
    """The log is wrong at entry ``number``: nobody puts a name under it."""

    code = "governance.audit-differs"
    exit_status = 3
    zh = "不予会签:审计日志第 {number} 条:{because_zh}"
    en = "not countersigned: audit entry {number}: {because_en}"


class NothingToCountersign(GovernanceError):
    """The reader's folder holds no checkpoint on record."""

    code = "governance.nothing-to-countersign"
    exit_status = 4
    zh = "尚无交到手的检查点可会签:请先由运营方运行 guanyun audit checkpoint,再取回 handed-out 目录"
    en = "no checkpoint was handed out yet: the operator runs guanyun audit checkpoint first; then fetch handed-out"


class LoginRefused(GovernanceError):
    """Deliberately does not say which of the two was wrong."""

    code = "governance.login-refused"
    exit_status = 6
    zh = "账号或密码不符"
    en = "account or password do not fit"


class NotFound(GovernanceError):
    """``what`` with ``key`` does not exist, or is outside the asker's scope."""

    code = "governance.not-found"
    exit_status = 2
    zh = "没有{what_zh} {key}"
    en = "there is no {what_en} {key}"


class NotADemo(GovernanceError):
    """The business clock of a real installation is the real clock."""

    code = "governance.not-a-demo"
    exit_status = 2
    zh = "只有演示数据库可以设定业务时间"
    en = "only a database created as a demo lets its business clock be set"


class NotEmpty(GovernanceError):
    """``what`` was found in a database that must be empty."""

    code = "governance.not-empty"
    exit_status = 2
    zh = "数据库不是空的(已有 {what}):演示只能建在空库上"
    en = "the database is not empty ({what}): a demo can only be made in an empty one"


class InvalidDocument(GovernanceError):
    """``count`` findings; the first is ``first``."""

    code = "governance.invalid-document"
    exit_status = 2
    zh = "文件有 {count} 处不合要求,第一处:{first}"
    en = "{count} findings in the file, the first: {first}"

    def text(self, language: Language) -> str:
        """The first finding in the reader's own language, where the findings are there."""
        found = self.facts.get("findings")
        first = found[0] if isinstance(found, Sequence) and found else None
        if language == "zh" and isinstance(first, Finding):
            return self.zh.format(**{**self.facts, "first": first.zh})
        return super().text(language)


class TaskNotFree(GovernanceError):
    """The task ``number`` is closed, taken by somebody else, or for a duty that this login does not have."""

    code = "governance.task-not-free"
    exit_status = 3
    zh = "待办 {number} 已办结、已由他人领取,或不属于本次登录的职责"
    en = "task {number} is closed, taken by somebody else, or for a duty this login does not have"
