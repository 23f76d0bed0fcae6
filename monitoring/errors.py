"""What measuring refuses.

MonitoringError
├── LogNotSigned     a probe log without a signature beside it
├── TooFewTraces     more instances than traces to replay
└── NoMinutes        a month without any recorded minute cannot be sealed
"""

from __future__ import annotations

from foundation.values.errors import GuanyunError


class MonitoringError(GuanyunError):
    """Base of this package's errors."""

    code = "monitoring.error"


class LogNotSigned(MonitoringError):
    """``file`` has no signature file ``expected``."""

    code = "monitoring.log-not-signed"
    exit_status = 3
    zh = "探测日志 {file} 没有签名文件 {expected},未导入"
    en = "the probe log {file} has no signature file {expected}; nothing was imported"


class TooFewTraces(MonitoringError):
    """``instances`` instances, ``traces`` traces."""

    code = "monitoring.too-few-traces"
    exit_status = 2
    zh = "有 {instances} 台云主机,只有 {traces} 条轨迹可以重放"
    en = "{instances} instances, and only {traces} traces to replay"


class NoMinutes(MonitoringError):
    """Nothing was recorded for ``month``."""

    code = "monitoring.no-minutes"
    exit_status = 2
    zh = "{month} 没有任何分钟可用性记录,请先导入探测日志"
    en = "no minute of {month} is recorded: import a probe log first"
