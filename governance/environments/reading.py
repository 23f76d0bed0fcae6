"""Reading a spec: a document or a YAML file, in resolved or short form, becomes a checked spec or findings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

from pydantic import ConfigDict

from foundation.values.findings import Finding
from governance.environments.checking import check
from governance.environments.faults import Faults
from governance.environments.model import EnvironmentSpec
from governance.environments.ports import AddressPlan
from governance.environments.published import Published, shipped
from governance.environments.resolving import resolve
from governance.environments.written import WrittenEnvironment
from governance.yaml_documents import Form, Problems, Rows, fill_form, read_form


class _Anything(Form):
    """A document whose fields are looked at later."""

    model_config = ConfigDict(extra="allow", frozen=True)


def spec_from_document(
    document: Mapping[str, Any],
    *,
    file: str = "",
    rows: Rows | None = None,
    published: Published | None = None,
    addresses: AddressPlan | None = None,
    standing: EnvironmentSpec | None = None,
) -> tuple[EnvironmentSpec | None, tuple[Finding, ...]]:
    """Read and check a document; on any finding there is no spec. Fields are named ``subnets.0.cidr``.

    ``file`` and ``rows`` are where it was read, for the findings.
    ``published`` are the sizes and defaults (the shipped ones where None), ``addresses`` the address plan for a spec
    that leaves its block to it, ``standing`` the spec that runs now: its subnets stay where they are.
    """
    problems = Problems(file, rows or {})
    spec = _read(dict(document), problems, published, addresses, standing)
    findings = (_dotted(finding) for finding in problems.findings)
    return (None, tuple(findings)) if spec is None else (spec, ())


def read_environment(
    path: Path,
    *,
    published: Published | None = None,
    addresses: AddressPlan | None = None,
    standing: EnvironmentSpec | None = None,
) -> tuple[EnvironmentSpec | None, tuple[Finding, ...]]:
    """As ``spec_from_document``, of a YAML file: each finding has its line."""
    found: list[EnvironmentSpec] = []

    def examine(document: _Anything, problems: Problems) -> None:
        spec = _read(document.model_extra or {}, problems, published, addresses, standing)
        if spec is not None:
            found.append(spec)

    _, findings = read_form(path, _Anything, examine)
    return (found[0], ()) if found and not findings else (None, findings)


def _read(
    document: dict[str, Any],
    problems: Problems,
    published: Published | None,
    addresses: AddressPlan | None,
    standing: EnvironmentSpec | None,
) -> EnvironmentSpec | None:
    made: list[EnvironmentSpec] = []

    def examine(written: WrittenEnvironment, problems: Problems) -> None:
        spec, origins = resolve(written, published or shipped(), addresses, _subnets(standing), problems)
        check(spec, Faults(problems, origins))
        made.append(spec)

    fill_form(document, WrittenEnvironment, examine, problems)
    return made[0] if made and not problems.findings else None


def _subnets(standing: EnvironmentSpec | None) -> Mapping[str, IPv4Network]:
    return {} if standing is None else {subnet.name: IPv4Network(subnet.cidr) for subnet in standing.subnets}


def _dotted(finding: Finding) -> Finding:
    field = re.sub(r"\[(\d+)\]", r".\1", finding.place.field) or "document"
    code = finding.code.replace("governance.document.", "environment.", 1)
    return replace(finding, code=code, place=replace(finding.place, field=field))
