"""Paths into what the cloud answers: JMESPath, which botocore brings along."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jmespath


def search(path: str, view: Mapping[str, Any]) -> Any:
    """What the path shows; None where there is nothing."""
    return jmespath.search(path, view)
