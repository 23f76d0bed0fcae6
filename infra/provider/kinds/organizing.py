"""What the kinds of an organisation share: their tags, and how they are listed (no listing there shows tags)."""

from __future__ import annotations

from collections.abc import Iterator

from infra.provider.context import Context
from infra.provider.errors import CloudRefused
from infra.provider.kind import Call
from infra.provider.kinds.listing import Row, owned

NO_ORGANIZATION = ("AWSOrganizationsNotInUseException",)


def tags_of(context: Context, identity: str) -> list[Row]:
    """All tags of a root, unit, account or policy."""
    pages = context.pages(Call("ListTagsForResource", {"ResourceId": "$id"}), {}, identity)
    return [tag for page in pages for tag in page["Tags"]]


def root_of(context: Context) -> str:
    """The id of the organisation's root."""
    return str(context.send("ListRoots")["Roots"][0]["Id"])


def units(context: Context) -> Iterator[Row]:
    """The environment's units, parents first."""
    return owned(context, _every_unit(context))


def _every_unit(context: Context) -> Iterator[Row]:
    above = [root_of(context)] if in_use(context) else []
    while above:
        parent = above.pop()
        for page in context.pages(Call("ListOrganizationalUnitsForParent", {"ParentId": "$id"}), {}, parent):
            for one in page["OrganizationalUnits"]:
                above.append(one["Id"])
                yield {"id": one["Id"], "tags": tags_of(context, one["Id"])}


def in_use(context: Context) -> bool:
    """Whether there is an organisation."""
    try:
        context.send("DescribeOrganization")
    except CloudRefused as refusal:
        if refusal.reason in NO_ORGANIZATION:
            return False
        raise
    return True
