"""Why something handed over cannot be read at all. What is wrong inside something readable is a finding.

VerificationError
├── NotAPack         the file is no pack: not a zip, too large, compressed, a name it must not have, a file missing
├── Undecodable      a document in it has another shape
└── NeedsWholeScope  a running installation is checked by a reader who sees every agency
"""

from __future__ import annotations

from billing.errors import BillingError


class VerificationError(BillingError):
    """Base of this room's errors."""

    code = "billing.verification.error"
    exit_status = 3


class NotAPack(VerificationError):
    """``file`` cannot be opened as a pack because of ``reason_zh`` / ``reason_en``."""

    code = "billing.verification.not-a-pack"
    zh = "{file} 不是证据包:{reason_zh}"
    en = "{file} is not an evidence pack: {reason_en}"


class Undecodable(VerificationError):
    """``what`` at ``path``: ``found`` where ``expected`` was needed."""

    code = "billing.verification.undecodable"
    zh = "{what} 的 {path}:得到 {found},应为 {expected}"
    en = "{what} at {path}: found {found}, expected {expected}"


class NeedsWholeScope(VerificationError):
    """The reader sees one agency only; a root is over all of them."""

    code = "billing.verification.needs-whole-scope"
    exit_status = 6
    zh = "在线核对须由可查看全部单位的一方进行;使用单位请核对自己的证据包"
    en = "a live check needs a reader who sees every agency; an agency verifies its own pack"
