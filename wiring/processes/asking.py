"""Asking a process of this machine whether it is ready."""

from __future__ import annotations

import json
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener

from wiring.health import Reason

SILENT = Reason("process.silent", "没有应答", "it does not answer")
_MOST = 256 * 1024


def reasons_of(address: str, *, seconds: float = 8.0) -> list[Reason]:
    """Why the process at ``address`` is not ready; empty when it is."""
    opener = build_opener(ProxyHandler({}))  # loopback is reached without any proxy
    try:
        with opener.open(f"{address}/ready", timeout=seconds) as answer:
            answer.read(_MOST)
            return []
    except HTTPError as refused:
        return _read(refused.read(_MOST)) or [SILENT]
    except (OSError, HTTPException, ValueError):
        return [SILENT]


def _read(body: bytes) -> list[Reason]:
    try:
        return [Reason(each["code"], each["zh"], each["en"]) for each in json.loads(body)["reasons"]]
    except (ValueError, KeyError, TypeError):
        return []
