"""What kinds share: name and tags, EC2's and other services'."""

from __future__ import annotations

from infra.provider.context import Context
from infra.provider.kind import Call, Change, Plain, Properties, Property, Shape
from infra.provider.naming import NAME_TAG

NAME = Property("name", path=f"Tags[?Key=='{NAME_TAG}'].Value | [0]", required=True)
TAGS = Property("tags", Shape.TAGS, path="Tags", default={})


def specification(resource_type: str) -> list[Plain]:
    """The tags inside a create call, so that nothing exists untagged for an instant."""
    return [{"ResourceType": resource_type, "Tags": "$tags"}]


def by_environment(**more: list[str]) -> dict[str, Plain]:
    """The parameters of a describe call that lists an environment's resources."""
    others = [{"Name": name.replace("_", "-"), "Values": values} for name, values in more.items()]
    return {"Filters": [{"Name": "tag:guanyun:environment", "Values": ["$environment"]}, *others]}


def _retag(context: Context, identity: str, actual: Properties, desired: Properties) -> None:
    wanted = context.all_tags(desired)
    surplus = sorted(set(actual.get("tags", {})) - set(wanted))
    tags = [{"Key": key, "Value": wanted[key]} for key in sorted(wanted)]
    context.send("CreateTags", Resources=[identity], Tags=tags)
    if surplus:
        context.send("DeleteTags", Resources=[identity], Tags=[{"Key": key} for key in surplus])


RETAG = Change(("name", "tags"), step=_retag)


def retagging(tag: Call, untag: Call, *, properties: tuple[str, ...] = ("tags",)) -> Change:
    """Tags by a service's own two calls: ``$tags`` are all that shall be there, ``$surplus`` the keys that must go."""

    def step(context: Context, identity: str, actual: Properties, desired: Properties) -> None:
        context.call(tag, desired, identity)
        surplus = sorted(set(actual.get("tags") or {}) - set(context.all_tags(desired)))
        if surplus:
            context.call(untag, desired, identity, surplus=surplus)

    return Change(properties, step=step, carried=(tag, untag))
