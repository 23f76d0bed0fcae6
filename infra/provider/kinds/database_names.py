"""Names of what RDS knows by a name: they begin with the environment's prefix, so that they are found without tags."""

from __future__ import annotations

from infra.provider.kind import Property, always

DATABASE_NAME = Property(
    "name",
    path="identity",
    required=True,
    replaces=always,
    pattern=r"(?!.*--)[a-z][a-z0-9-]{0,56}[a-z0-9]",  # 63, less what names a final snapshot
    pattern_says=(
        "应为 58 个以内的小写字母、数字和单个连字符,以字母开头",
        "should be up to 58 lower-case letters, digits and single hyphens, a letter first",
    ),
)
