"""The child process that inspects and reads one workbook: ``python -m foundation.documents.reader LIMITS SHEETS``.

The workbook is its standard input (a file, not a pipe). Its standard output is JSON, one value a line:
``{"sheet": name}``, then that sheet's rows as arrays, and at the end ``{"end": true}``; or ``{"problem": {…}}`` lines
before the end. Without an end it died. It sets its own limits before it looks at a byte.
"""

from __future__ import annotations

import dataclasses
import datetime
import errno
import io
import json
import resource
import sys
from collections.abc import Iterator
from typing import IO, Any

from foundation.documents.inspection import inspect
from foundation.documents.limits import Limits
from foundation.documents.problems import Problem

EXIT_OUTPUT_FULL = 3
EXIT_OUT_OF_MEMORY = 4


def main(arguments: list[str]) -> int:
    """Read the workbook on standard input under the limits given as JSON, the sheets wanted as a JSON list or null."""
    limits = Limits.from_text(arguments[0])
    wanted: list[str] | None = json.loads(arguments[1])
    _confine(limits)
    output = io.TextIOWrapper(io.FileIO(1, "w", closefd=False), encoding="utf-8", write_through=False)
    try:
        for line in _lines(io.FileIO(0, closefd=False), limits, wanted):
            output.write(json.dumps(line, ensure_ascii=False, separators=(",", ":"), default=_plain))
            output.write("\n")
        output.flush()
    except MemoryError:
        return EXIT_OUT_OF_MEMORY
    except OSError as error:
        if error.errno != errno.EFBIG:
            raise
        return EXIT_OUTPUT_FULL
    return 0


def _confine(limits: Limits) -> None:
    for kind, value in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_CPU, limits.processor_seconds),
        (resource.RLIMIT_FSIZE, limits.output_bytes),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 32),
    ):
        resource.setrlimit(kind, (value, value))


def _lines(stream: IO[bytes], limits: Limits, wanted: list[str] | None) -> Iterator[object]:
    problems = list(inspect(stream, limits))
    if problems:
        yield from ({"problem": dataclasses.asdict(problem)} for problem in problems)
    else:
        stream.seek(0)
        yield from _rows(stream, wanted)
    yield {"end": True}


def _rows(stream: IO[bytes], wanted: list[str] | None) -> Iterator[object]:
    import python_calamine  # noqa: PLC0415 - only after the limits hold and the inspection found nothing

    try:
        book = python_calamine.CalamineWorkbook.from_filelike(stream)
        for sheet in book.sheets_metadata:
            if sheet.typ is not python_calamine.SheetTypeEnum.WorkSheet:
                continue
            if wanted is not None and sheet.name.casefold() not in wanted:
                continue
            yield {"sheet": sheet.name}
            cells = book.get_sheet_by_name(sheet.name)
            left = [None] * (cells.start[1] if cells.start else 0)
            for row in cells.iter_rows():
                yield left + [_value(value) for value in row]
    except python_calamine.CalamineError as error:
        yield {"problem": dataclasses.asdict(Problem("damaged", found=str(error)[:200]))}


def _value(value: Any) -> Any:
    """An empty cell is null; a whole number that Excel kept as a double is whole again."""
    if value == "":
        return None
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return value


def _plain(value: object) -> str:
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return str(value)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
