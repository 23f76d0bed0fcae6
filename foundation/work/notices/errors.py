"""What can go wrong with notices.

WorkError
├── NoticeUndelivered      the receiver could not be reached, or was busy: tried again
├── SecretUnusable         a file of credentials cannot be used as it is: tried again, for a person may mend it
├── SignatureRefused       a receiver's check: not from whom it says, changed, or too old
├── NoticeRepeated         a receiver's check: this notice was taken before
└── FinalFailure
    ├── NoticeInvalid      a notice that cannot be sent as it is
    └── NoticeRefused      the receiver will not have it
"""

from __future__ import annotations

from foundation.work.errors import WorkError
from foundation.work.outbox import FinalFailure


class NoticeUndelivered(WorkError):
    """``receiver`` (a host, never a whole address) did not take it: ``reason``."""

    code = "work.notice-undelivered"
    zh = "通知未送达 {receiver}:{reason}"
    en = "the notice did not reach {receiver}: {reason}"


class SecretUnusable(WorkError):
    """``file`` holds no credentials that can be used: ``reason``. Its content is never repeated."""

    code = "work.secret-unusable"
    exit_status = 2
    zh = "凭据文件 {file} 不可用:{reason_zh}"
    en = "the credentials in {file} cannot be used: {reason_en}"


class NoticeInvalid(FinalFailure):
    """``field`` of a notice or a setting is ``found``, not ``expected``."""

    code = "work.notice-invalid"
    exit_status = 2
    zh = "通知的 {field}:得到 {found},应为 {expected}"
    en = "the notice's {field}: found {found}, expected {expected}"


class NoticeRefused(FinalFailure):
    """``receiver`` answered ``reason``: another try would end the same."""

    code = "work.notice-refused"
    zh = "{receiver} 拒收通知:{reason}"
    en = "{receiver} refused the notice: {reason}"


class SignatureRefused(WorkError):
    """A received notice whose ``what`` does not hold."""

    code = "work.notice-signature"
    zh = "收到的通知未通过核验:{what}"
    en = "the notice received does not hold: {what}"


class NoticeRepeated(WorkError):
    """Notice ``id`` was taken before: answer as the first time, and do nothing."""

    code = "work.notice-repeated"
    zh = "通知 {id} 已收过"
    en = "notice {id} was received before"
