"""Why an attachment is not given out.

GovernanceError
└── PersonalAttachment    it holds personal data: only a download, which leaves an audit entry, gives it out
"""

from __future__ import annotations

from governance.errors import GovernanceError


class PersonalAttachment(GovernanceError):
    """The file with ``digest`` holds personal data."""

    code = "attachments.personal"
    exit_status = 6
    zh = "附件 {digest} 含个人信息:请下载(下载留痕)"
    en = "the attachment {digest} holds personal data: download it, which leaves an audit entry"
