"""Why somebody is not let in, or a password, code or token is not taken.

GovernanceError
├── DutyToChoose              several duties, none named
├── DutyNotHeld               another duty than the account has
├── LoginLocked               too many failures, for a while
├── PasswordExpired           the password lets one in only to change it
├── FirstPasswordLapsed       an administrator's first password was not used in time
├── UnfitPassword             findings in a new password
├── SecondFactorNeeded        a code is asked for
├── SecondFactorNotEnrolled   the duty needs a second factor, and the account has none
├── SecondFactorStands        the account has a second factor already
├── SecondFactorNotBegun      nothing to confirm
├── SealBroken                a secret cannot be opened with this installation's key
├── InPersonOnly              an API token, or work on somebody's behalf, cannot do this
├── UnfitToken                an API token that cannot be made
├── UnfitPolicy               findings in a login policy
├── IssuerNotSet              no issuer of unified identities is configured
├── IssuerAway                the issuer does not answer
├── IssuerWrong               the issuer's answer does not hold
├── LoginAbandoned            nobody came back from the issuer
├── SubjectUnknown            the issuer's subject is bound to nobody here
├── SubjectBound              the subject is bound to another person
└── AccountToChoose           the person has several accounts, none named
"""

from __future__ import annotations

from governance.errors import GovernanceError


class DutyToChoose(GovernanceError):
    """``account`` may serve several ``duties``, and none was named."""

    code = "governance.duty-to-choose"
    exit_status = 2
    zh = "账号 {account} 有多项职责({duties}):一次登录只承担一项,请加 --duty 指明"
    en = "the account {account} has several duties ({duties}), and a login serves one: say which with --duty"


class DutyNotHeld(GovernanceError):
    """``account`` may serve ``duties``, not ``duty``."""

    code = "governance.duty-not-held"
    exit_status = 6
    zh = "账号 {account} 没有 {duty} 职责(有:{duties})"
    en = "the account {account} does not have the duty {duty} (it has: {duties})"


class LoginLocked(GovernanceError):
    """Too many failures; ``until`` says when to come back. The same is said of names nobody has."""

    code = "governance.login-locked"
    exit_status = 6
    zh = "失败次数过多,已锁定至 {until};也可请安全管理员解锁"
    en = "too many failures: locked until {until}, unless a security administrator unlocks it"


class PasswordExpired(GovernanceError):
    """The password of ``account`` must be changed before it lets anybody in."""

    code = "governance.password-expired"
    exit_status = 6
    zh = "口令已到期或为初始口令,须先修改:guanyun password change {account}"
    en = "the password has expired, or is a first one: change it with guanyun password change {account}"


class FirstPasswordLapsed(GovernanceError):
    """The first password of ``account`` was not changed in time."""

    code = "governance.first-password-lapsed"
    exit_status = 6
    zh = "账号 {account} 的初始口令已失效:请系统管理员重新给一个"
    en = "the first password of {account} has lapsed: a system administrator must give another"


class UnfitPassword(GovernanceError):
    """``count`` ``findings`` in a new password, which is in none of them."""

    code = "governance.unfit-password"
    exit_status = 2
    zh = "新口令有 {count} 处不合要求"
    en = "{count} findings in the new password"


class SecondFactorNeeded(GovernanceError):
    """``account`` logs in with a code as well."""

    code = "governance.second-factor-needed"
    exit_status = 6
    zh = "账号 {account} 还须输入动态口令或恢复码"
    en = "the account {account} also needs its code of six digits, or a recovery code"


class SecondFactorNotEnrolled(GovernanceError):
    """``duty`` is served with a second factor only, and ``account`` has none."""

    code = "governance.second-factor-not-enrolled"
    exit_status = 6
    zh = "承担 {duty} 职责须有动态口令:请先运行 guanyun password code {account}"
    en = "the duty {duty} needs a second factor: run guanyun password code {account} first"


class SecondFactorStands(GovernanceError):
    """``account`` has one that counts."""

    code = "governance.second-factor-stands"
    exit_status = 2
    zh = "账号 {account} 已有动态口令;设备遗失时请安全管理员先行取消"
    en = "the account {account} has a second factor: a security administrator takes it away if its device is lost"


class SecondFactorNotBegun(GovernanceError):
    """``account`` has none that waits for its first code."""

    code = "governance.second-factor-not-begun"
    exit_status = 2
    zh = "账号 {account} 没有待确认的动态口令"
    en = "the account {account} has no second factor that waits for its first code"


class SealBroken(GovernanceError):
    """The sealed secret of ``owner`` does not open."""

    code = "governance.seal-broken"
    exit_status = 4
    zh = "{owner} 的动态口令密文无法用本系统的密钥打开:密钥文件 logins.key 是否被更换?"
    en = "the sealed secret of {owner} does not open with this installation's key: was the file logins.key replaced?"


class InPersonOnly(GovernanceError):
    """Only somebody who logged in may do this."""

    code = "governance.in-person-only"
    exit_status = 6
    zh = "此事须本人登录办理,接口令牌不能代办"
    en = "only somebody who logged in may do this: an API token cannot"


class UnfitToken(GovernanceError):
    """``because_zh`` and ``because_en`` say why."""

    code = "governance.unfit-token"
    exit_status = 2
    zh = "不能签发令牌:{because_zh}"
    en = "the token cannot be made: {because_en}"


class UnfitPolicy(GovernanceError):
    """``count`` ``findings`` in the file."""

    code = "governance.unfit-login-policy"
    exit_status = 2
    zh = "登录规则有 {count} 处不合要求"
    en = "{count} findings in the login policy"


class IssuerNotSet(GovernanceError):
    """There is no issuer to ask."""

    code = "governance.issuer-not-set"
    exit_status = 2
    zh = "未配置统一身份认证:请设定 GUANYUN_OIDC_ISSUER 与 GUANYUN_OIDC_CLIENT"
    en = "no issuer of unified identities is configured: set GUANYUN_OIDC_ISSUER and GUANYUN_OIDC_CLIENT"


class IssuerAway(GovernanceError):
    """``issuer`` did not answer, because of ``reason``."""

    code = "governance.issuer-away"
    exit_status = 4
    zh = "统一身份认证 {issuer} 没有应答:{reason}。可稍后再试,或用口令登录"
    en = "the issuer {issuer} does not answer: {reason}. Try again later, or log in with a password"


class IssuerWrong(GovernanceError):
    """What the issuer, or whoever came back from it, said does not hold: ``because_zh``, ``because_en``."""

    code = "governance.issuer-wrong"
    exit_status = 6
    zh = "统一身份认证的应答不成立:{because_zh}"
    en = "the issuer's answer does not hold: {because_en}"


class LoginAbandoned(GovernanceError):
    """Nobody came back within ``seconds``."""

    code = "governance.login-abandoned"
    exit_status = 6
    zh = "{seconds} 秒内没有从统一身份认证返回,登录已放弃"
    en = "nobody came back from the issuer within {seconds} seconds: the login was given up"


class SubjectUnknown(GovernanceError):
    """Who the issuer named has no account here, and none is made for them."""

    code = "governance.subject-unknown"
    exit_status = 6
    zh = "此统一身份在本系统没有对应的人员或账号;不会自动开户,请管理员办理"
    en = "this identity is bound to nobody with an account here, and none is made by itself: ask an administrator"


class SubjectBound(GovernanceError):
    """Another natural person has the subject."""

    code = "governance.subject-bound"
    exit_status = 6
    zh = "此统一身份已属于另一自然人"
    en = "this identity already belongs to another natural person"


class AccountToChoose(GovernanceError):
    """The person has the ``accounts``."""

    code = "governance.account-to-choose"
    exit_status = 2
    zh = "此人有多个账号({accounts}):请指明用哪一个"
    en = "this person has several accounts ({accounts}): say which"
