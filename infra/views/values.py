"""Values as people read them: secrets hidden, unknown ones said to be so, and the difference leaf by leaf. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from foundation.evidence import plain
from infra.engine.model import Operation, PlannedStep
from infra.engine.plans import UNKNOWN
from infra.engine.properties import head, is_secret, leaves

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
    before = dict(leaves(plain(step.before)))
    if step.operation is Operation.ADOPT:
        before.pop("id", None)  # said with the resource
    after = {} if step.operation is Operation.DELETE else dict(leaves(plain(step.after)))
    replacing = {head(path) for path in step.replace_reasons}
    told = {head(path) for path in step.changed} | replacing
    found = []
    for path in sorted(before.keys() | after.keys()):
        old, new = before.get(path), after.get(path)
        # A secret's HMAC is known on one side only, so the engine's word is taken for whether it differs.
        hidden = is_secret(old) and is_secret(new)
        if (head(path) not in told) if hidden else old == new:
            continue
        texts = [text_of(side[path]) if path in side else None for side in (before, after)]
        found.append(PropertyChange(path, texts[0], texts[1], head(path) in replacing))
    shown = {head(one.path) for one in found}
    if step.operation in {Operation.UPDATE, Operation.ADOPT, Operation.REPLACE}:
        found.extend(PropertyChange(one, None, UNTOLD, one in replacing) for one in sorted(told - shown))
    return tuple(found)


def _hidden(value: Any) -> Any:
    if is_secret(value):
        return SECRET
    if value == UNKNOWN:
        return UNTOLD
    if isinstance(value, Mapping):
        return {key: _hidden(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_hidden(item) for item in value]
    return value
