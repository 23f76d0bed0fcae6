"""The environment's record as a frozen value."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from governance.environments import EnvironmentSpec


class EnvironmentState(StrEnum):
    """Where an environment stands. A change approved but not yet deployed leaves it ``deployed``: digests tell."""

    REQUESTED = "requested"
    APPROVED = "approved"
    DEPLOYED = "deployed"
    SUSPENDED = "suspended"
    CLOSED = "closed"

    @property
    def zh(self) -> str:
        """The Chinese name."""
        return _STATES_ZH[self]


_STATES_ZH = {
    EnvironmentState.REQUESTED: "已申请",
    EnvironmentState.APPROVED: "已批准",
    EnvironmentState.DEPLOYED: "已部署",
    EnvironmentState.SUSPENDED: "已暂停",
    EnvironmentState.CLOSED: "已关闭",
}


@dataclass(frozen=True, slots=True)
class Environment:
    """One environment. ``request`` is the newest approved request, or the first one while none is approved.

    ``spec`` and ``spec_digest`` are the approved ones (None and empty before); ``deployed_digest`` is the spec digest
    that runs, empty where nothing does.
    """

    id: str
    agency: str
    system: str
    state: EnvironmentState
    request: str
    spec: EnvironmentSpec | None
    spec_digest: str
    deployed_digest: str

    @property
    def up_to_date(self) -> bool:
        """Whether what runs is what was approved."""
        return self.spec_digest == self.deployed_digest
