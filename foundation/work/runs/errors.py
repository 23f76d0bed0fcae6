"""What can go wrong with runs.

WorkError
├── UnknownRun        no run of that id inside the reader's scope
├── UnknownKind       no kind of work has that name
├── WrongState        the run is not in a state in which that can be done
├── Parked            the run cannot go on without a person
│   ├── OutcomeUnknown    a non-repeatable step may or may not have happened
│   ├── StepChanged       a finished step was asked again with other inputs
│   └── CodeChanged       this program cannot finish what an older or newer one began
├── NothingHappened   raised by an effect: it certainly did not take place, so it may be tried again
├── StepNamedTwice    two steps of a flow have one name
├── Stopping          the run ends here for now: cancelled, paused, past its deadline, or the worker stops
└── ClaimLost         another worker has the run; nothing more is written
"""

from __future__ import annotations

from foundation.work.errors import WorkError


class UnknownRun(WorkError):
    """There is no run ``id``, or it is another agency's."""

    code = "work.unknown-run"
    exit_status = 2
    zh = "没有任务 {id}"
    en = "there is no run {id}"


class UnknownKind(WorkError):
    """There is no kind ``kind``; ``known`` lists those there are."""

    code = "work.unknown-kind"
    exit_status = 2
    zh = "没有任务种类 {kind};现有:{known}"
    en = "there is no kind of work {kind}; there are: {known}"


class WrongState(WorkError):
    """Run ``id`` is ``state``; ``what`` needs one of ``expected``."""

    code = "work.wrong-state"
    exit_status = 2
    zh = "任务 {id} 的状态为 {state},{what} 需要:{expected}"
    en = "run {id} is {state}; {what} needs it to be {expected}"


class Parked(WorkError):
    """Base of what a person must look at."""

    code = "work.parked"


class OutcomeUnknown(Parked):
    """Step ``step`` may or may not have happened: ``because``."""

    code = "work.outcome-unknown"
    zh = "步骤 {step} 结果不明({because_zh}):请到实际系统核实,再用 guanyun work resolve 说明是否已发生"
    en = "the outcome of step {step} is not known ({because_en}): look at the real system, then guanyun work resolve"


class StepChanged(Parked):
    """Step ``step`` is done with inputs ``recorded``; now it is asked with ``found``."""

    code = "work.step-changed"
    zh = "步骤 {step} 已用另一输入完成(记录 {recorded},现为 {found}):程序与进行中的任务不符,请人工核对"
    en = "step {step} was done with other inputs (recorded {recorded}, now {found}): the program does not fit this run"


class CodeChanged(Parked):
    """Kind ``kind`` was begun at version ``found``; this program can finish ``expected``."""

    code = "work.code-changed"
    zh = "任务种类 {kind} 第 {found} 版由其他版本的程序开始,本程序可完成:{expected}"
    en = "{kind} version {found} was begun by another version of the program; this one can finish: {expected}"


class CodeRemoved(Parked):
    """No worker's program knows the kind ``kind``."""

    code = "work.code-removed"
    zh = "没有任何程序认得任务种类 {kind}:请升级到含该种类的版本后重试,或取消"
    en = "no program knows the kind of work {kind}: retry with a version that has it, or cancel"


class KilledTooOften(Parked):
    """The worker died ``times`` times while this run was under way."""

    code = "work.killed-too-often"
    zh = "执行该任务时进程已中断 {times} 次:可能是它使进程中断,已停放,请人工核对"
    en = "the process ended {times} times while this run was under way: it may be the cause, so it is parked"


class NothingHappened(WorkError):
    """A non-repeatable effect that certainly did not take place: ``because``."""

    code = "work.nothing-happened"
    zh = "未执行:{because_zh}"
    en = "nothing was done: {because_en}"


class StepNamedTwice(WorkError):
    """A flow asked for two steps of the name ``step``."""

    code = "work.step-named-twice"
    zh = "程序缺陷:流程中有两个步骤同名 {step}"
    en = "a defect: two steps of the flow have the name {step}"


class Stopping(WorkError):
    """Base of a run's orderly ends between two steps."""

    code = "work.stopping"


class CancelAsked(Stopping):
    """Somebody cancelled the run."""

    code = "work.cancelled"
    zh = "已取消"
    en = "cancelled"


class PauseAsked(Stopping):
    """Somebody paused the run."""

    code = "work.paused"
    zh = "已暂停"
    en = "paused"


class DeadlinePassed(Stopping):
    """The run's deadline ``deadline`` passed before it ended."""

    code = "work.deadline-passed"
    zh = "已过期限 {deadline}"
    en = "its deadline {deadline} has passed"


class WorkerStops(Stopping):
    """This worker was told to stop; another goes on."""

    code = "work.worker-stops"
    zh = "执行进程正在停止,任务将由下一个进程继续"
    en = "the worker stops; the next one goes on with the run"


class ClaimLost(WorkError):
    """Run ``id`` was taken from this worker."""

    code = "work.claim-lost"
    exit_status = 5
    zh = "任务 {id} 已由其他进程接手,未写入"
    en = "run {id} was taken over by another worker; nothing was written"
