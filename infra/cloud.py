"""Which cloud answers: its identity, and the marker by which an emptied one is told from the one we built in.

The marker is a random text that the deployer writes into the cloud itself at first contact (an SSM parameter, which
is free and none of the resource kinds). It goes when the cloud is reset, and it is not at another address; the same
cloud at another address still has it.
"""

from __future__ import annotations

from dataclasses import dataclass

from foundation.values.ids import Ids
from infra.errors import CloudUnreachable, DifferentCloud
from infra.provider.clients import Clients
from infra.provider.errors import AnswerLost, CloudRefused, CloudSilent

__all__ = ["MARKER_PARAMETER", "CloudIdentity", "ensure_marker", "read_identity", "require_same_cloud", "same_cloud"]

MARKER_PARAMETER = "/guanyun/cloud-marker"


@dataclass(frozen=True, slots=True)
class CloudIdentity:
    """``endpoint`` "" is AWS's own; ``marker`` is None where no deployer has been yet, or everything is gone."""

    partition: str
    account: str
    endpoint: str
    marker: str | None

    def __str__(self) -> str:
        return f"{self.partition}/{self.account} {self.endpoint or 'AWS'} ({self.marker or '无标记 / no marker'})"


def read_identity(clients: Clients) -> CloudIdentity:
    """The cloud as it is now. Raises ``CloudUnreachable``."""
    try:
        account = clients.call("sts", "GetCallerIdentity", {})["Account"]
        return CloudIdentity(clients.partition, str(account), clients.endpoint, _marker(clients))
    except (CloudSilent, AnswerLost) as cause:
        raise CloudUnreachable(endpoint=clients.endpoint or "AWS", reason=cause.facts["message"]) from cause


def ensure_marker(clients: Clients, ids: Ids) -> CloudIdentity:
    """The identity with a marker, written now if there was none; two at once end with one marker."""
    found = read_identity(clients)
    if found.marker is not None:
        return found
    wanted = {"Name": MARKER_PARAMETER, "Value": ids("cloud"), "Type": "String", "Overwrite": False}
    try:
        clients.call("ssm", "PutParameter", wanted)
    except CloudRefused as refusal:
        if refusal.reason != "ParameterAlreadyExists":
            raise
    return read_identity(clients)


def same_cloud(recorded: CloudIdentity, found: CloudIdentity) -> bool:
    """Partition, account and marker agree. The endpoint may move."""
    return (recorded.partition, recorded.account, recorded.marker) == (found.partition, found.account, found.marker)


def require_same_cloud(recorded: CloudIdentity, found: CloudIdentity) -> None:
    """Raise ``DifferentCloud`` unless it is the cloud on record."""
    if not same_cloud(recorded, found):
        raise DifferentCloud(recorded=recorded, found=found)


def _marker(clients: Clients) -> str | None:
    try:
        return str(clients.call("ssm", "GetParameter", {"Name": MARKER_PARAMETER})["Parameter"]["Value"])
    except CloudRefused as refusal:
        if refusal.reason == "ParameterNotFound":
            return None
        raise
