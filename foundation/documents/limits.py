"""How large a workbook may be before it is refused, and how much its reader may use."""

from __future__ import annotations

import dataclasses
import json

from foundation.values.errors import InvalidValue


@dataclasses.dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one workbook and of the child process that reads it; every one is a positive whole number.

    The defaults hold a room of ten thousand machines and refuse what only an attack or an accident makes.
    """

    file_bytes: int = 32 * 2**20
    parts: int = 2_000
    part_bytes: int = 64 * 2**20
    unpacked_bytes: int = 128 * 2**20
    ratio: int = 200
    """Unpacked over packed size of one part; parts below ``ratio_free_bytes`` are not measured."""
    ratio_free_bytes: int = 2**20
    rows: int = 200_000
    columns: int = 1_000
    cells: int = 2_000_000
    """Rows × columns up to the farthest cell, summed over the sheets: what a reader would set aside."""
    output_bytes: int = 64 * 2**20
    memory_bytes: int = 256 * 2**20
    processor_seconds: int = 10
    wall_seconds: int = 20

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise InvalidValue(field=field.name, found=repr(value), expected="a positive whole number")

    def to_text(self) -> str:
        """The limits as one line for the reading process."""
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def from_text(cls, text: str) -> Limits:
        """The limits that ``to_text`` wrote."""
        return cls(**json.loads(text))
