"""Cloud names for whatever a room calls its things: deterministic, distinct, and the original kept beside."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping

LONGEST = 40
_OUTSIDE = re.compile(r"[^a-z0-9]+")
_SUFFIXES = (6, 12, 24)
_PLAIN_START = "n"


def slug(name: str) -> str:
    """``name`` in a-z, 0-9 and ``-``: accents dropped, runs of anything else one ``-``; empty where nothing is left."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()
    return _OUTSIDE.sub("-", plain).strip("-")


def names_for(originals: Iterable[str], *, longest: int = LONGEST, reserved: Iterable[str] = ()) -> Mapping[str, str]:
    """A name for each distinct original, all different, all matching the environment spec's ``NAME``.

    An original that is a name already (but for its case) keeps it. Any other gets its slug and a piece of its own
    SHA-256, so that a name does not change when another thing comes or goes: a changed name would be a replaced
    machine. Where two still meet, the later one (by original) takes a longer piece.
    """
    taken = set(reserved)
    chosen: dict[str, str] = {}
    # those that already are names come first, so that none is pushed aside by a made one
    for original in sorted(set(originals), key=lambda text: (not _is_name(text, longest), text)):
        name = next(name for name in _candidates(original, longest) if name not in taken)
        taken.add(name)
        chosen[original] = name
    return chosen


def _is_name(text: str, longest: int) -> bool:
    return re.fullmatch(r"[a-z](-?[a-z0-9])+", text) is not None and len(text) <= longest


def _candidates(original: str, longest: int) -> Iterable[str]:
    folded = original.casefold()
    if _is_name(folded, longest):
        yield folded
    digest = hashlib.sha256(original.encode("utf-8", "surrogatepass")).hexdigest()
    base = slug(original)
    if not base[:1].isalpha():
        base = f"{_PLAIN_START}-{base}".strip("-")
    for length in _SUFFIXES:
        room = longest - length - 1
        yield f"{base[:room].strip('-')}-{digest[:length]}"
    # only a set built against the digest itself gets here; the counter ends, since the reserved names are finite
    counter = 0
    while True:
        again = hashlib.sha256(f"{digest}/{counter}".encode()).hexdigest()
        yield f"{_PLAIN_START}-{again[: longest - 2]}"
        counter += 1
