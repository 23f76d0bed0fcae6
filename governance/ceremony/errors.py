"""Why a ceremony says no.

GovernanceError
├── CeremonyInvalid      findings in the ceremony's file
├── CeremonyOther        another ceremony has begun
├── CeremonyNotBegun     there is nothing to confirm
├── CeremonyClosed       the installation exists: it closed for good
├── ConfirmRefused       nobody of that name takes part, or the secret is not theirs
└── ConfirmLocked        too many wrong secrets
"""

from __future__ import annotations

from governance.errors import GovernanceError


class CeremonyInvalid(GovernanceError):
    """``count`` findings; the first is ``first``."""

    code = "governance.ceremony-invalid"
    exit_status = 2
    zh = "仪式文件有 {count} 处不合要求,第一处:{first}"
    en = "{count} findings in the ceremony's file, the first: {first}"


class CeremonyOther(GovernanceError):
    """One is on record with the digest ``found``."""

    code = "governance.ceremony-other"
    exit_status = 2
    zh = "已按另一份文件({found})开始仪式;要换文件,请另建空数据库"
    en = "a ceremony after another file ({found}) has begun; to use this one, start with an empty database"


class CeremonyNotBegun(GovernanceError):
    """Nothing was begun here."""

    code = "governance.ceremony-not-begun"
    exit_status = 2
    zh = "仪式尚未开始:请先运行 guanyun ceremony begin 文件"
    en = "no ceremony has begun: run guanyun ceremony begin FILE first"


class CeremonyClosed(GovernanceError):
    """It is over, and there is no second one."""

    code = "governance.ceremony-closed"
    exit_status = 2
    zh = "首次运行仪式已经结束,不再开启;此后各事由三员分别办理"
    en = "the ceremony is over for good; from here on the three administrators do what is theirs"


class ConfirmRefused(GovernanceError):
    """Deliberately does not say which of the two was wrong."""

    code = "governance.confirm-refused"
    exit_status = 6
    zh = "姓名账号与密语不符,未确认"
    en = "account and secret do not fit: not confirmed"


class ConfirmLocked(GovernanceError):
    """Too many wrong secrets; ``until`` says when to come back. The same is said of names that take no part."""

    code = "governance.confirm-locked"
    exit_status = 6
    zh = "密语错误次数过多,已锁定至 {until}"
    en = "too many wrong secrets: locked until {until}"
