"""Which rows of a listing are the environment's, where the service cannot be asked by tag."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from infra.provider.context import Context
from infra.provider.kind import Plain
from infra.provider.naming import ENVIRONMENT_TAG
from infra.provider.normal import tag_map

Row = dict[str, Plain]
"""``{"id": …, "tags": …}``."""


def owned(context: Context, rows: Iterable[Row]) -> Iterator[Row]:
    """Those that carry the environment's tag."""
    for row in rows:
        if tag_map(row["tags"]).get(ENVIRONMENT_TAG) == context.environment:
            yield row
