"""What the load balancing kinds share: tags read by a call of their own, attributes as texts, and the sweep."""

from __future__ import annotations

from collections.abc import Mapping

from infra.provider.kind import Call, Plain, Properties, Property, Shape, Tagged
from infra.provider.kinds.tagging import retagging
from infra.provider.naming import NAME_TAG

_TAGS = "tagged.TagDescriptions[0].Tags"

NAME = Property("name", path=f"{_TAGS}[?Key=='{NAME_TAG}'].Value | [0]", required=True)
TAGS = Property("tags", Shape.TAGS, path=_TAGS, default={})
TAGGED = Call("DescribeTags", {"ResourceArns": ["$id"]})
RETAG = retagging(
    Call("AddTags", {"ResourceArns": ["$id"], "Tags": "$tags"}),
    Call("RemoveTags", {"ResourceArns": ["$id"], "TagKeys": "$surplus"}),
    properties=("name", "tags"),
)


def attribute(listing: str, key: str) -> str:
    """The path of an attribute's text in a look."""
    return f"{listing}.Attributes[?Key=='{key}'].Value | [0]"


def boolean(text: Plain) -> Plain:
    """An attribute's text; nothing where the resource has no such attribute."""
    return None if text is None else text == "true"


def integer(text: Plain) -> Plain:
    """The same of a whole number."""
    return None if text is None else int(text)


def attributes(properties: Properties, keys: Mapping[str, str]) -> list[dict[str, str]]:
    """The attributes that the program gives a value, as the cloud writes them."""
    given = {key: properties[name] for name, key in keys.items() if properties.get(name) is not None}
    return [{"Key": key, "Value": _text(value)} for key, value in sorted(given.items())]


def _text(value: Plain) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def swept(beginning: str) -> Tagged:
    """A sweep by the tagging service: this one lists nothing by tag. Should it lag, nothing is made twice all the same:
    a create that is repeated has the same name, and the cloud answers with what it made.
    """
    return Tagged(f"elasticloadbalancing:{beginning}/", whole=True, ask=True)
