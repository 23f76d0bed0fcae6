"""The resource kinds. One short spec a module; a new kind is a module and one name in ``KINDS``.

Owns what is particular to a kind. How any of them is created, read, changed and deleted is ``infra.provider``'s.
"""

from __future__ import annotations

from infra.provider.errors import UnknownKind
from infra.provider.kind import Kind
from infra.provider.kinds.bucket import BUCKET
from infra.provider.kinds.instance import INSTANCE
from infra.provider.kinds.role import ROLE
from infra.provider.kinds.security_group import SECURITY_GROUP
from infra.provider.kinds.subnet import SUBNET
from infra.provider.kinds.volume import VOLUME
from infra.provider.kinds.vpc import VPC

__all__ = ["KINDS", "kind_of"]

KINDS: dict[str, Kind] = {
    kind.type_name: kind for kind in (VPC, SUBNET, SECURITY_GROUP, INSTANCE, VOLUME, BUCKET, ROLE)
}


def kind_of(token: str) -> Kind:
    """The kind of a type token such as ``guanyun:cloud:Vpc``.

    Of a component's child the SDK gives the URN's whole chain of types (``parent$child``): the last is its own.
    """
    try:
        return KINDS[token.rpartition("$")[2]]
    except KeyError:
        raise UnknownKind(kind=token) from None
