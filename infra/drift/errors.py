"""What drift refuses.

InfraError
└── DriftError
    ├── NeverApplied        nothing was applied, so nothing can have drifted
    ├── FindingEnded        the finding is over
    ├── AcceptanceUnfit     the acceptance's end does not fit
    ├── NothingToAdopt      no open finding of the environment has a word in the spec
    ├── NotEnded            a deployment has to be finished first
    ├── NotReached          another look could not reach the cloud a moment ago
    └── LooksAgain          the cloud could not be reached, and the look comes again by itself
"""

from __future__ import annotations

from infra.errors import InfraError


class DriftError(InfraError):
    """Base of this room's errors."""

    code = "infra.drift"
    exit_status = 3


class NeverApplied(DriftError):
    """``environment`` was never applied, or has been ended."""

    code = "infra.never-applied"
    zh = "环境 {environment} 没有部署过,或已终止:没有可比对的状态"
    en = "environment {environment} was never applied, or has been ended: there is nothing to compare with"


class FindingEnded(DriftError):
    """``finding`` is over: ``ending_zh``, ``ending_en``."""

    code = "infra.drift-ended"
    zh = "漂移 {finding} 已结束({ending_zh})"
    en = "the finding {finding} is over ({ending_en})"


class AcceptanceUnfit(DriftError):
    """``finding`` cannot be accepted so long: its end must lie within ``days`` days."""

    code = "infra.drift-acceptance-unfit"
    zh = "漂移 {finding} 的接受期限须在今后 {days} 天之内"
    en = "the acceptance of {finding} must end within the next {days} days"


class NothingToAdopt(DriftError):
    """``environment``: no chosen finding can become part of the spec; ``because_zh`` and ``because_en`` say why."""

    code = "infra.drift-nothing-to-adopt"
    zh = "环境 {environment} 没有可采纳的漂移:{because_zh}"
    en = "nothing that drifted in environment {environment} can be adopted: {because_en}"


class NotEnded(DriftError):
    """A deployment of ``environment`` began and did not end: what it left is its resume's to finish."""

    code = "infra.drift-unfinished"
    zh = "环境 {environment} 有未结束的部署:请先用 guanyun runbook run resume-environment 完成它"
    en = "a deployment of environment {environment} has not ended: finish it with the runbook resume-environment"


class NotReached(DriftError):
    """The look at ``environment`` could not reach the cloud at ``at``, for ``reason_zh``, ``reason_en``; this look did
    not try again so soon."""

    code = "infra.drift-not-reached"
    exit_status = 4
    zh = "未再等待:{at} 查看环境 {environment} 时云已无法访问。{reason_zh}"
    en = "not waited for again: the look at environment {environment} could not reach the cloud at {at}. {reason_en}"


class LooksAgain(DriftError):
    """The cloud could not be reached, for ``reason_zh``, ``reason_en``; the look is tried again later by itself."""

    code = "infra.drift-looks-again"
    exit_status = 4
    zh = "云无法访问,稍后自动再看:{reason_zh}"
    en = "the cloud cannot be reached, the look comes again by itself: {reason_en}"
