"""What kinds with a KMS key share."""

from __future__ import annotations

from typing import Any

from infra.provider.kind import Plain, Property

KEY_PATTERN = r"(?!alias/)(arn:(?!.*:alias/).*|[0-9A-Za-z-]+)"
KEY_PATTERN_SAYS = ("应为密钥的编号或 ARN,不能是别名", "should be a key's id or ARN, not an alias")


def same_key(old: Plain, new: Plain) -> bool:
    """A key is named by its id or its ARN, and answered by either."""
    return str(old).rpartition("/")[2] == str(new).rpartition("/")[2]


def key_property(name: str, path: str, **more: Any) -> Property:
    """A property that names a KMS key; ``more`` as ``Property`` takes it."""
    return Property(name, path=path, same=same_key, pattern=KEY_PATTERN, pattern_says=KEY_PATTERN_SAYS, **more)
