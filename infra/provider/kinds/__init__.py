"""The resource kinds. One short spec a module: a module here that holds a ``Kind`` adds it, and nothing else does.

Owns what is particular to a kind. How any of them is created, read, changed and deleted is ``infra.provider``'s.
"""

from __future__ import annotations

import importlib
import pkgutil

from infra.provider.errors import UnknownKind
from infra.provider.kind import Kind

__all__ = ["DOCUMENTED", "KINDS", "kind_of"]


def _discovered() -> tuple[dict[str, Kind], dict[str, str]]:
    kinds: dict[str, Kind] = {}
    documented: dict[str, str] = {}
    for found in sorted(pkgutil.iter_modules(__path__), key=lambda one: one.name):
        module = importlib.import_module(f"{__name__}.{found.name}")
        for value in vars(module).values():
            if not isinstance(value, Kind):
                continue
            # A module may import another's kind: that is the same object, and no second one.
            if kinds.setdefault(value.type_name, value) is not value:
                raise TypeError(f"two kinds are called {value.type_name}")
            documented.setdefault(value.type_name, (module.__doc__ or "").strip())
    return kinds, documented


KINDS, DOCUMENTED = _discovered()
"""The kinds by type token, and what their modules say of them."""


def kind_of(token: str) -> Kind:
    """The kind of a type token such as ``guanyun:cloud:Vpc``.

    Of a component's child the SDK gives the URN's whole chain of types (``parent$child``): the last is its own.
    """
    try:
        return KINDS[token.rpartition("$")[2]]
    except KeyError:
        raise UnknownKind(kind=token) from None
