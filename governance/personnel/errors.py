"""Why the record of parties and people is not changed that way.

GovernanceError
├── UnfitRecord         findings in what was to be recorded, against what stands
├── TwoAdministrators   one natural person with two of the three administrators' duties
├── OutsideMembership   an account outside its person's time in the party
└── NothingToDelegate   who would delegate does not have what they give
"""

from __future__ import annotations

from governance.errors import GovernanceError


class UnfitRecord(GovernanceError):
    """``count`` findings; the first is ``first_zh``, ``first_en``; ``findings`` holds all."""

    code = "governance.unfit-record"
    exit_status = 2
    zh = "有 {count} 处与现有登记不符,第一处:{first_zh}"
    en = "{count} findings against what stands on record, the first: {first_en}"


class TwoAdministrators(GovernanceError):
    """``person`` would hold ``found``."""

    code = "governance.two-administrators"
    exit_status = 6
    zh = "同一自然人 {person} 不得兼任三员中的两员:{found}"
    en = "the natural person {person} may not hold two of the three administrators' duties: {found}"


class OutsideMembership(GovernanceError):
    """``account`` of ``person`` for ``party`` would be valid when the person is not in the party."""

    code = "governance.outside-membership"
    exit_status = 2
    zh = "账号 {account} 的有效期超出 {person} 在 {party} 的任职期"
    en = "the account {account} would be valid outside the time {person} is in {party}"


class NothingToDelegate(GovernanceError):
    """``duty`` for ``party`` is not the delegator's own, or the delegate is not in the party; ``because_*`` says."""

    code = "governance.nothing-to-delegate"
    exit_status = 6
    zh = "不能授权 {duty}:{because_zh}"
    en = "{duty} cannot be delegated: {because_en}"
