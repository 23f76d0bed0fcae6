"""What moto's resource shares lack: tags, members that come and go, and resources of another partition than the first.

Who is shared with still sees nothing: moto keeps each account's resources to itself.
"""

from __future__ import annotations

import json
import re
from typing import Any

_RESOURCE = re.compile(r"^arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:[0-9]{12}:([a-z-]+)[/:].+$")


def bind_sharing() -> None:
    """Teach moto's RAM. Called once, after the clock is bound: its services are loaded after that only."""
    _teach_shares()
    _teach_answers()


def _teach_shares() -> None:
    from moto.ram.exceptions import MalformedArnException  # noqa: PLC0415
    from moto.ram.models import ResourceShare  # noqa: PLC0415

    born, shown, renewed = ResourceShare.__init__, ResourceShare.describe, ResourceShare.update

    def make(self: Any, account_id: str, region: str, **given: Any) -> None:
        born(self, account_id, region, **given)
        self.tags = {one["key"]: one["value"] for one in given.get("tags", ())}

    def describe(self: Any) -> dict[str, Any]:
        return {**shown(self), "tags": [{"key": key, "value": value} for key, value in self.tags.items()]}

    def update(self: Any, allow_external_principals: bool, name: str | None) -> None:
        renewed(self, allow_external_principals, name)
        self.name = name or self.name

    def add_resources(self: Any, arns: list[str]) -> None:
        for arn in arns:
            match = _RESOURCE.match(arn)
            if match is None or match.group(1) not in self.SHAREABLE_RESOURCES:
                raise MalformedArnException(f"The specified resource ARN {arn} is not valid.")
        self.resource_arns.extend(arn for arn in arns if arn not in self.resource_arns)

    for name, taught in (("__init__", make), ("describe", describe), ("update", update)):
        setattr(ResourceShare, name, taught)
    ResourceShare.add_resources = add_resources


def _teach_answers() -> None:
    from moto.ram.responses import ResourceAccessManagerResponse  # noqa: PLC0415
    from moto.ram.urls import url_paths  # noqa: PLC0415

    for answer in (associate_resource_share, disassociate_resource_share, tag_resource, untag_resource):
        setattr(ResourceAccessManagerResponse, answer.__name__, answer)
        url_paths[f"{{0}}/{answer.__name__.replace('_', '')}$"] = ResourceAccessManagerResponse.dispatch


def associate_resource_share(self: Any) -> str:
    """``self`` is moto's answerer, here and below; each is called as the operation it answers."""
    share, asked = _named(self)
    share.add_resources(asked.get("resourceArns", []))
    share.add_principals([one for one in asked.get("principals", []) if one not in share.principals])
    return json.dumps({"resourceShareAssociations": []})


def disassociate_resource_share(self: Any) -> str:
    """Take members away; those that are not there are no fault."""
    share, asked = _named(self)
    share.resource_arns = [arn for arn in share.resource_arns if arn not in asked.get("resourceArns", [])]
    share.principals = [one for one in share.principals if one not in asked.get("principals", [])]
    return json.dumps({"resourceShareAssociations": []})


def tag_resource(self: Any) -> str:
    """Add tags, or change their values."""
    share, asked = _named(self)
    share.tags.update({one["key"]: one["value"] for one in asked["tags"]})
    return "{}"


def untag_resource(self: Any) -> str:
    """Take tags away by their keys."""
    share, asked = _named(self)
    share.tags = {key: value for key, value in share.tags.items() if key not in asked["tagKeys"]}
    return "{}"


def _named(answerer: Any) -> tuple[Any, dict[str, Any]]:
    """The share that a request names, and the request."""
    from moto.ram.exceptions import UnknownResourceException  # noqa: PLC0415

    asked = answerer.request_params
    arn = asked.get("resourceShareArn")
    for share in answerer.ram_backend.resource_shares:
        if share.arn == arn and share.status == "ACTIVE":
            return share, asked
    raise UnknownResourceException(f"ResourceShare {arn} could not be found.")
