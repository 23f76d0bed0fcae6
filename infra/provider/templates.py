"""Templates of calls, and expressions with names in them: what a kind's data mean for one resource."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from infra.provider.kind import Plain

Values = Callable[[str], Plain]
"""The value of a name without its ``$``; None where there is none."""

_NAME = re.compile(r"\$([a-z_]+(?:\.[a-z_]+)*)")


def fill(template: Plain, values: Values) -> Plain:
    """The template with its names replaced; what has no value is left out, and so is an object left empty."""
    if isinstance(template, str) and template.startswith("$"):
        return values(template[1:])
    if isinstance(template, Mapping):
        pairs = ((key, fill(value, values)) for key, value in template.items())
        return {key: value for key, value in pairs if value is not None and value != {}}
    if isinstance(template, list | tuple):
        items = (fill(value, values) for value in template)
        return [value for value in items if value is not None]
    return template


def names(template: Plain) -> frozenset[str]:
    """The names a template uses."""
    if isinstance(template, str):
        return frozenset({template[1:]}) if template.startswith("$") else frozenset()
    children = template.values() if isinstance(template, Mapping) else template
    if not isinstance(template, Mapping | list | tuple):
        return frozenset()
    return frozenset(name for child in children for name in names(child))


def expression(text: str, values: Values) -> str:
    """An expression with its names replaced by quoted texts."""
    if "$" not in text:
        return text
    return _NAME.sub(lambda found: _quoted(values(found[1])), text)


def _quoted(value: Plain) -> str:
    return "'" + str(value if value is not None else "").replace("\\", "\\\\").replace("'", "\\'") + "'"
