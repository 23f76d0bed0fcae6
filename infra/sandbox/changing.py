"""Which requests change the cloud. A read written down by mistake costs a line; a change missed costs the state."""

from __future__ import annotations

import re
from urllib.parse import parse_qs

_READS = re.compile(
    r"(Describe|Get|List|Head|Lookup|Search|BatchGet|Query|Scan|Select|Estimate|Simulate|Verify|Generate|Decrypt|Encrypt"
    r"|ReEncrypt|Sign|DecodeAuthorizationMessage|Test)(?![a-z])"
)
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def changes_the_cloud(method: str, query: str, target: str, content_type: str, body: bytes) -> bool:
    """Whether a request must be kept.

    The three AWS protocols name the operation differently: in the ``X-Amz-Target`` header, in the ``Action`` of a
    form, or by method and path alone. ``GenerateCredentialReport`` and the like are reads here: they keep nothing
    that anybody is promised.
    """
    operation = _operation(query, target, content_type, body)
    if operation:
        return _READS.match(operation) is None
    return method not in _SAFE_METHODS


def _operation(query: str, target: str, content_type: str, body: bytes) -> str:
    if target:
        return target.rpartition(".")[2]
    form = body.decode("utf-8", "replace") if content_type.startswith("application/x-www-form-urlencoded") else ""
    for text in (query, form):
        named = parse_qs(text).get("Action")
        if named:
            return named[0]
    return ""
