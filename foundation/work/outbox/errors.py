"""What can go wrong with events.

WorkError
├── HandlerFailed    a subscriber's handler ended in an error that has no words of its own
├── FinalFailure     base of failures that no further try can mend: the event is a dead letter at once
├── NoDeadLetter     the event is not on the subscriber's dead-letter list
└── ReasonMissing    a dead letter is replayed or dropped only with a reason
"""

from __future__ import annotations

from foundation.work.errors import WorkError


class HandlerFailed(WorkError):
    """A handler raised ``kind``; ``reason`` is what may be shown of it."""

    code = "work.handler-failed"
    zh = "处理程序出错:{kind} {reason}"
    en = "the handler failed: {kind} {reason}"


class FinalFailure(WorkError):
    """Base of what a handler raises when trying again is of no use."""

    code = "work.final-failure"


class NoDeadLetter(WorkError):
    """Event ``number`` is no dead letter of ``subscriber``."""

    code = "work.no-dead-letter"
    exit_status = 2
    zh = "事件 {number} 不在 {subscriber} 的死信列表中"
    en = "event {number} is not on the dead-letter list of {subscriber}"


class ReasonMissing(WorkError):
    """``what`` (replay, drop) without a reason."""

    code = "work.reason-missing"
    exit_status = 2
    zh = "{what} 必须写明理由"
    en = "{what} needs a reason"
