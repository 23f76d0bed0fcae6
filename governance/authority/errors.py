"""Why authority says no, beyond the refusals of ``governance.errors``.

GovernanceError
├── PoliciesBroken      a shipped policy file does not hold what it must
├── NoSuchAct           a word that is no act
├── GlassNotNeeded      whoever should get the grant may do the act without it, or never
├── GlassTooLong        the end is past, or too far away
├── GlassUnreviewed     an earlier grant still waits for its review
└── GlassDone           it was opened, has ended or was reviewed already
"""

from __future__ import annotations

from governance.errors import GovernanceError


class PoliciesBroken(GovernanceError):
    """``file`` (or the act) and ``reason``: nobody may do anything until the policies are whole."""

    code = "governance.policies-broken"
    exit_status = 1
    zh = "权限规则文件 {file} 不合要求:{reason}"
    en = "the policy file {file} is not as it must be: {reason}"


class NoSuchAct(GovernanceError):
    """``act`` is no act; ``near`` are those of the same noun, or all nouns."""

    code = "governance.no-such-act"
    exit_status = 2
    zh = "没有 {act} 这个事项;可用:{near}"
    en = "there is no act {act}; there are: {near}"


class GlassNotNeeded(GovernanceError):
    """``account`` may do ``act`` anyhow, or is kept from it by what no grant passes."""

    code = "governance.glass-not-needed"
    exit_status = 2
    zh = "不能为 {account} 开启对 {act} 的应急授权:{because_zh}"
    en = "no break-glass grant can let {account} do {act}: {because_en}"


class GlassTooLong(GovernanceError):
    """The end must lie ahead, at most ``hours`` away."""

    code = "governance.glass-too-long"
    exit_status = 2
    zh = "应急授权的结束时间须在此刻之后,且不超过 {hours} 小时"
    en = "a break-glass grant ends in the future, at most {hours} hours from now"


class GlassUnreviewed(GovernanceError):
    """The review of ``grant``, of the same person or asked for by the same, is overdue: it comes first."""

    code = "governance.glass-unreviewed"
    exit_status = 2
    zh = "应急授权 {grant} 逾期未复核,复核之前不再为同一人开启"
    en = "the review of the break-glass grant {grant} is overdue: none is opened for the same person before it"


class GlassDone(GovernanceError):
    """``grant`` is past that: ``because_zh`` and ``because_en`` say what happened."""

    code = "governance.glass-done"
    exit_status = 2
    zh = "应急授权 {grant} 已{because_zh}"
    en = "the break-glass grant {grant} {because_en}"
