"""What can go wrong with the sandbox and with the cloud as a whole.

InfraError
├── SandboxDidNotStart
├── SandboxPortTaken
├── SandboxJournalBroken
├── DifferentCloud
└── CloudUnreachable
"""

from __future__ import annotations

from foundation.values.errors import GuanyunError


class InfraError(GuanyunError):
    """Base of every refusal of this package."""

    code = "infra.error"


class SandboxDidNotStart(InfraError):
    """The sandbox's process ended or did not answer in time: ``reason``, ``log``."""

    code = "infra.sandbox-did-not-start"
    zh = "沙箱没有启动:{reason}。日志:{log}"
    en = "the sandbox did not start: {reason}; its log is {log}"


class SandboxPortTaken(InfraError):
    """The port asked for belongs to another program: ``port``."""

    code = "infra.sandbox-port-taken"
    exit_status = 2
    zh = "端口 {port} 已被占用,请换一个端口或不指定端口"
    en = "port {port} is taken; name another one, or none"


class SandboxJournalBroken(InfraError):
    """A line before the last of the sandbox's journal cannot be read: ``path``, ``line``."""

    code = "infra.sandbox-journal-broken"
    zh = "沙箱日志 {path} 第 {line} 行已损坏;用 guanyun sandbox reset 清空后重来"
    en = "line {line} of the sandbox's journal {path} is damaged; `guanyun sandbox reset` empties it"


class DifferentCloud(InfraError):
    """The cloud that answers is not the one the environment was built in: ``recorded``, ``found``."""

    code = "infra.different-cloud"
    exit_status = 3
    zh = "这是另一个云,或已被清空的云:记录的是 {recorded},现在是 {found}"
    en = "this is a different or emptied cloud: {recorded} is on record, {found} answers"


class CloudUnreachable(InfraError):
    """No answer from the cloud's API: ``endpoint``, ``reason``."""

    code = "infra.cloud-unreachable"
    exit_status = 4
    zh = "无法访问云接口 {endpoint}:{reason}"
    en = "the cloud's API at {endpoint} does not answer: {reason}"
