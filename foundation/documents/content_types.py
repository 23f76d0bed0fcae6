"""What an uploaded file is, told by its content: a list of kinds that are taken in, and everything else refused.

The name's ending must agree with the content. Nothing of the file is executed, rendered or parsed as a document; of a
package (a zip of parts) only the directory, the list of kinds of part and each part's first bytes are looked at.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import puremagic

from foundation.documents.limits import Limits
from foundation.documents.packages import PackageRules, package_problems
from foundation.documents.refusals import Refusal, refusal
from foundation.values.findings import Finding

_TEXT_HEADS = (b"#!", b"<?xml", b"<!doctype", b"<html", b"<script", b"{\\rtf")
"""How a text begins that some program would run or render."""
_CONTROL = frozenset(range(32)) - {9, 10, 12, 13}
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class ContentType:
    """A kind of file that is taken in. ``how``: told by signature, as text, or as a package with the part ``main``."""

    media_type: str
    endings: tuple[str, ...]
    how: str
    signatures: tuple[str, ...] = ()
    begins: bytes = b""
    refused_words: tuple[bytes, ...] = ()
    main: str = ""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What is taken in: the kinds, the largest file in bytes, the rules of packages."""

    types: tuple[ContentType, ...]
    largest: int
    packages: PackageRules


@cache
def allowed_content() -> Allowed:
    """What is taken in, as the data beside this module say."""
    return allowed_from(files(__package__).joinpath("content_types.toml").read_text(encoding="utf-8"))


def allowed_from(text: str) -> Allowed:
    """What a TOML text of that form says is taken in."""
    data = tomllib.loads(text)
    rules = data["packages"]
    limits = Limits(
        file_bytes=data["largest_bytes"],
        **{name: rules[name] for name in ("parts", "part_bytes", "unpacked_bytes", "ratio", "ratio_free_bytes")},
    )
    return Allowed(
        types=tuple(_type(each) for each in data["types"]),
        largest=data["largest_bytes"],
        packages=PackageRules(
            limits=limits,
            refused_content=tuple(rules["refused_content"]),
            refused_parts=tuple(rules["refused_parts"]),
            refused_beginnings=tuple(bytes.fromhex(each) for each in rules["refused_beginnings"]),
        ),
    )


def content_type(
    name: str, content: bytes, allowed: Allowed | None = None
) -> tuple[ContentType | None, tuple[Finding, ...]]:
    """The kind of the file called ``name``; on any finding there is none. ``allowed``: else the shipped list."""
    taken = allowed or allowed_content()
    early = _early_refusal(name, content, taken)
    if early is not None:
        return None, (refusal(early, name),)
    ending = name.rpartition(".")[2].lower()
    wanted = next((each for each in taken.types if ending in each.endings), None)
    if wanted is None:
        endings = ", ".join(sorted(each for kind in taken.types for each in kind.endings))
        return None, (refusal(Refusal("ending", found=ending or name, expected=endings), name),)
    problems = tuple(_problems(wanted, content, taken))
    return (None, tuple(refusal(each, name) for each in problems)) if problems else (wanted, ())


def _early_refusal(name: str, content: bytes, taken: Allowed) -> Refusal | None:
    if not 1 <= len(name) <= _LONGEST_NAME or any(ord(each) < 32 or each in '/\\:*?"<>|' for each in name):
        return Refusal("name", found=name[:80])
    # A sign that turns the reading direction makes fdp.exe of exe.pdf.
    if any(each in "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\ufeff" for each in name):
        return Refusal("name", found=ascii(name)[:80])
    if not content:
        return Refusal("empty")
    if len(content) > taken.largest:
        return Refusal("too-large", found=f"{len(content)} B", expected=f"{taken.largest} B")
    return None


def _problems(wanted: ContentType, content: bytes, taken: Allowed) -> Iterator[Refusal]:
    if wanted.how == "text":
        yield from _text_problems(content)
    elif wanted.how == "package":
        yield from package_problems(content, wanted.main, taken.packages)
    else:
        yield from _signature_problems(wanted, content)


def _signature_problems(wanted: ContentType, content: bytes) -> Iterator[Refusal]:
    found = _signatures(content)
    if not content.startswith(wanted.begins) or not found & set(wanted.signatures):
        yield Refusal("type-differs", found=", ".join(sorted(found)) or "?", expected=wanted.media_type)
        return
    for word in wanted.refused_words:
        if word in content:
            yield Refusal("active-content", found=word.decode())


def _text_problems(content: bytes) -> Iterator[Refusal]:
    begun = content.removeprefix(b"\xef\xbb\xbf").lstrip()[:16].lower()
    if any(begun.startswith(head) for head in _TEXT_HEADS):
        yield Refusal("type-differs", found=repr(begun)[:40], expected="plain text")
        return
    if _CONTROL & set(content):
        yield Refusal("type-differs", found=", ".join(sorted(_signatures(content))[:5]) or "?", expected="text")
        return
    if content.startswith((b"%PDF", b"PK\x03\x04")):
        yield Refusal("type-differs", found=repr(content[:5]), expected="text")
        return
    for encoding in ("utf-8", "gb18030"):
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return
    yield Refusal("type-differs", found="?", expected="text in UTF-8 or GB 18030")


def _signatures(content: bytes) -> set[str]:
    """What puremagic takes the content for, as endings without their point."""
    try:
        matches = puremagic.magic_string(content)
    except (puremagic.PureError, ValueError):
        return set()
    return {match.extension.lstrip(".").lower() for match in matches}


def _type(data: Mapping[str, Any]) -> ContentType:
    return ContentType(
        media_type=data["media_type"],
        endings=tuple(data["endings"]),
        how=data["how"],
        signatures=tuple(data.get("signatures", ())),
        begins=bytes.fromhex(data.get("begins", "")),
        refused_words=tuple(word.encode() for word in data.get("refused_words", ())),
        main=data.get("main", ""),
    )
