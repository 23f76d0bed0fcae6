"""Several environments looked at together: one name twice, and addresses that two of them claim."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Network

from foundation.values.findings import Finding, Place, Severity
from governance.environments.model import EnvironmentSpec


def check_together(specs: Sequence[tuple[str, EnvironmentSpec]]) -> tuple[Finding, ...]:
    """What is wrong between specs that are each right by themselves; each comes with the file it stands in."""
    findings: list[Finding] = []
    first: dict[str, str] = {}
    for file, spec in specs:
        if spec.environment in first:
            other = first[spec.environment]
            findings.append(
                _finding(
                    file,
                    "environment",
                    "name-twice",
                    (spec.environment, f"a name that {other} does not have"),
                    f"环境名 {spec.environment} 已在 {other} 中使用",
                    f"environment {spec.environment} stands in {other} already",
                )
            )
        first.setdefault(spec.environment, file)
    findings.extend(_overlaps(specs))
    return tuple(findings)


def _overlaps(specs: Sequence[tuple[str, EnvironmentSpec]]) -> list[Finding]:
    """Each block against the widest that began before it: sorted by where they begin, one pass is enough."""
    found: list[Finding] = []
    blocks = sorted(
        ((IPv4Network(spec.cidr), file, spec) for file, spec in specs),
        key=lambda one: (int(one[0].network_address), one[0].prefixlen),
    )
    widest: tuple[IPv4Network, str, EnvironmentSpec] | None = None
    for block, file, spec in blocks:
        if widest is not None and widest[0].overlaps(block) and widest[2].environment != spec.environment:
            other, _, owner = widest
            found.append(
                _finding(
                    file,
                    "cidr",
                    "overlap",
                    (str(block), f"no overlap with {other}"),
                    f"{spec.environment} 的地址段 {block} 与 {owner.environment} 的 {other} 重叠",
                    f"{spec.environment}'s {block} overlaps {owner.environment}'s {other}",
                )
            )
        if widest is None or int(block.broadcast_address) > int(widest[0].broadcast_address):
            widest = (block, file, spec)
    return found


def _finding(file: str, field: str, code: str, said: tuple[str, str], zh: str, en: str) -> Finding:
    found, expected = said
    return Finding(f"environment.{code}", Severity.ERROR, Place(file=file, field=field), found, expected, zh, en)
