"""Values as people read them: secrets hidden, unknown ones said to be so, and the difference leaf by leaf. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from foundation.evidence import plain
from infra.engine.model import Operation, PlannedStep
from infra.engine.plans import UNKNOWN

SECRET = "«secret»"  # noqa: S105 - what is shown in its place
UNTOLD = "«执行后可知 known after apply»"


@dataclass(frozen=True, slots=True)
class PropertyChange:
    """One property, old → new, as texts; None where it is not there. ``replaces``: it forces a replacement."""

    path: str
    old: str | None
    new: str | None
    replaces: bool = False


def text_of(value: Any) -> str:
    """A value in full: a text as it is, anything else as JSON; a secret never, nor its HMAC."""
    found = _hidden(plain(value))
    return found if isinstance(found, str) else json.dumps(found, ensure_ascii=False, sort_keys=True)


def elided(text: str, longest: int) -> str:
    """The text in one line of at most ``longest`` characters; what is cut leaves a sign and its length."""
    line = " ".join(text.split())
    if len(line) <= longest:
        return line
    tail = f"…({len(text)})"
    return line[: max(1, longest - len(tail))] + tail


def changes_of(step: PlannedStep) -> tuple[PropertyChange, ...]:
    """What a step does to each property, by path."""
    before = dict(_leaves(plain(step.before)))
    if step.operation is Operation.ADOPT:
        before.pop("id", None)  # said with the resource
    after = {} if step.operation is Operation.DELETE else dict(_leaves(plain(step.after)))
    replacing = {_head(path) for path in step.replace_reasons}
    told = {_head(path) for path in step.changed} | replacing
    found = []
    for path in sorted(before.keys() | after.keys()):
        old, new = before.get(path), after.get(path)
        # A secret's HMAC is known on one side only, so the engine's word is taken for whether it differs.
        hidden = _is_secret(old) and _is_secret(new)
        if (_head(path) not in told) if hidden else old == new:
            continue
        texts = [text_of(side[path]) if path in side else None for side in (before, after)]
        found.append(PropertyChange(path, texts[0], texts[1], _head(path) in replacing))
    shown = {_head(one.path) for one in found}
    if step.operation in {Operation.UPDATE, Operation.ADOPT, Operation.REPLACE}:
        found.extend(PropertyChange(head, None, UNTOLD, head in replacing) for head in sorted(told - shown))
    return tuple(found)


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and value and not _is_secret(value):
        for key in sorted(value):
            yield from _leaves(value[key], f"{path}.{key}" if path else str(key))
    elif path:
        yield path, value


def _head(path: str) -> str:
    return path.partition(".")[0].partition("[")[0]


def _is_secret(value: Any) -> bool:
    return isinstance(value, Mapping) and value.keys() == {"secret"}


def _hidden(value: Any) -> Any:
    if _is_secret(value):
        return SECRET
    if value == UNKNOWN:
        return UNTOLD
    if isinstance(value, Mapping):
        return {key: _hidden(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_hidden(item) for item in value]
    return value
