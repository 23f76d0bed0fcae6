"""What can be wrong with a machine's processes.

WiringError
├── AlreadyRuns      another process of the same name has this home
├── PortTaken        somebody else listens where a process shall
├── NotStarted       a process ended, or did not become ready in time
├── NotStopped       a process lives on after every signal
└── HouseOnly        the house's own affairs, which no agency sees
"""

from __future__ import annotations

from wiring.errors import WiringError


class AlreadyRuns(WiringError):
    """``process`` runs already, as ``pid`` at ``address``."""

    code = "wiring.already-runs"
    exit_status = 5
    zh = "{process} 已在运行(pid {pid},{address}):同一目录只能有一个。查看 guanyun status,停止 guanyun down"
    en = "{process} runs already (pid {pid}, {address}); a home has one of each: see guanyun status and guanyun down"


class PortTaken(WiringError):
    """``process`` cannot listen on ``host``:``port``."""

    code = "wiring.port-taken"
    exit_status = 4
    zh = "{process} 无法监听 {host}:{port}:端口已被占用或不可用。请用 {setting} 另选一个"
    en = "{process} cannot listen on {host}:{port}: the port is taken or not to be had. Choose another with {setting}"


class NotStarted(WiringError):
    """``process`` is not ready because ``because_*``; ``log`` says more, ``usage`` its last lines."""

    code = "wiring.not-started"
    exit_status = 4
    zh = "{process} 没有就绪:{because_zh}。日志:{log}"
    en = "{process} did not become ready: {because_en}. Log: {log}"


class NotStopped(WiringError):
    """``process`` with ``pid`` lives on."""

    code = "wiring.not-stopped"
    exit_status = 4
    zh = "{process}(pid {pid})没有停止,信号均无效"
    en = "{process} (pid {pid}) does not stop, whatever the signal"


class HouseOnly(WiringError):
    """An agency asked for what belongs to all."""

    code = "wiring.house-only"
    exit_status = 6
    zh = "事件涉及多个部门,只有主管、运行、财政和审计人员可以查看"
    en = "events are about several agencies: only those who manage, run, pay or audit may see them"
