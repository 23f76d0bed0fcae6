"""Findings about a resolved spec, placed where the writer wrote: one written entry may have become several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from governance.yaml_documents import FieldPath, Problems, field_text

Origins = Mapping[str, Sequence[int]]
"""For each list of the spec, the index of the written entry behind each of its entries."""


class Faults:
    """Adds findings by the spec's own paths. A field that has one already is not complained of twice."""

    def __init__(self, problems: Problems, origins: Origins) -> None:
        self._problems = problems
        self._origins = origins
        self._told = {finding.place.field for finding in problems.findings}

    def told(self, *path: str | int) -> bool:
        """Whether something was wrong with that written field before the check began."""
        return field_text(path) in self._told

    def add(self, path: FieldPath, found: object, expected: str, zh: str = "", en: str = "", code: str = "") -> None:
        """One finding; without texts of its own it says what is expected."""
        place = self._written(path)
        field = field_text(place)
        if field in self._told:
            return
        self._problems.add(
            place,
            found=found,
            expected=expected,
            zh=zh or f"环境说明的 {field} 不合要求:{expected}",
            en=en or f"environment spec, {field}: {expected}",
            code=code or "invalid",
        )

    def _written(self, path: FieldPath) -> FieldPath:
        if len(path) > 1 and isinstance(path[1], int) and path[1] < len(self._origins.get(str(path[0]), ())):
            return (path[0], self._origins[str(path[0])][path[1]], *path[2:])
        return path
