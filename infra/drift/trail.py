"""Who did it, by CloudTrail's LookupEvents: the nearest write before the look that was not the deployer's own."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from infra.drift.model import TrailState, Who
from infra.provider.clients import Clients
from infra.provider.clouds import DEPLOYER_ROLE, Clouds
from infra.provider.errors import ProviderError, UnsupportedHere

_PAGES = 5
"""Newest events come first, 50 a page: beyond these nothing is nearer."""
_KEPT = timedelta(days=90)
"""How long the service remembers."""


@dataclass(frozen=True)
class CloudTrail:
    """The ``Trail`` port over the provider's clients."""

    clients: Clients

    @cached_property
    def _clouds(self) -> Clouds:
        return self.clients.clouds or Clouds(self.clients)

    @cached_property
    def _own(self) -> str:
        return _role(str(self.clients.call("sts", "GetCallerIdentity", {}).get("Arn", "")))

    def who(self, cloud_id: str, place: tuple[str, str], *, since: datetime, before: datetime) -> Who:
        """See ``Trail``."""
        try:
            own = self._own
            events = self._events(cloud_id, place, since, before)
        except UnsupportedHere as cause:
            return Who(TrailState.UNSUPPORTED, note=cause.text("en"))
        except ProviderError as cause:
            return Who(TrailState.FAILED, note=cause.text("en")[:500])
        return nearest(events, own=own, before=before)

    def _events(self, cloud_id: str, place: tuple[str, str], since: datetime, before: datetime) -> list[Any]:
        clients = self._clouds.at(*place)
        wanted: dict[str, Any] = {
            "LookupAttributes": [{"AttributeKey": "ResourceName", "AttributeValue": cloud_id}],
            "StartTime": max(since, before - _KEPT),
            "EndTime": before,
            "MaxResults": 50,
        }
        events: list[Any] = []
        for _ in range(_PAGES):
            answer = clients.call("cloudtrail", "LookupEvents", wanted)
            events += answer.get("Events", [])
            if not answer.get("NextToken") or nearest(events, own=self._own, before=before).at is not None:
                break
            wanted["NextToken"] = answer["NextToken"]
        return events


def nearest(events: Iterable[Mapping[str, Any]], *, own: str, before: datetime) -> Who:
    """The last write of somebody else at or before ``before``; ``own`` is the deployer's identity without session."""
    writes = [
        (_at(event), event)
        for event in events
        if str(event.get("ReadOnly", "")).lower() == "false" and _at(event) <= before and not _ours(event, own)
    ]
    if not writes:
        return Who(TrailState.NOTHING)
    at, event = max(writes, key=lambda one: one[0])
    told = _told(event)
    identity = told.get("userIdentity") or {}
    person = str(identity.get("arn") or event.get("Username") or identity.get("principalId") or "?")
    source = str(told.get("sourceIPAddress") or "")
    return Who(TrailState.KNOWN, person[:200], str(event.get("EventName", "?"))[:100], source[:100], at)


def _ours(event: Mapping[str, Any], own: str) -> bool:
    identity = _told(event).get("userIdentity") or {}
    arn = _role(str(identity.get("arn") or ""))
    issuer = (identity.get("sessionContext") or {}).get("sessionIssuer") or {}
    return bool(arn and arn == own) or issuer.get("userName") == DEPLOYER_ROLE or arn.endswith(f"/{DEPLOYER_ROLE}")


def _role(arn: str) -> str:
    """An identity without the name of its session: a role's session has another name each time."""
    return arn.rpartition("/")[0] if ":assumed-role/" in arn else arn


def _told(event: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        told = json.loads(event.get("CloudTrailEvent") or "{}")
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _at(event: Mapping[str, Any]) -> datetime:
    at = event.get("EventTime")
    return at.astimezone(UTC) if isinstance(at, datetime) else datetime.max.replace(tzinfo=UTC)
