"""What a request asks for: environment specs and service items; its document, its digest, what a decision changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from foundation.evidence import canonical_bytes, plain, sha256_hex
from foundation.values.findings import Finding, Place, Severity
from foundation.values.instant import format_instant
from governance.environments import (
    AddressPlan,
    EnvironmentSpec,
    beyond_later_fields,
    spec_document,
    spec_from_document,
)
from governance.yaml_documents import Rows


@dataclass(frozen=True, slots=True)
class ServiceItem:
    """One service of the catalogue that is asked for: so many of a plan, with the answers to its request form."""

    name: str
    service: str
    plan: str = ""
    quantity: int = 1
    answers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Content:
    """Environments and service items together."""

    specs: tuple[EnvironmentSpec, ...] = ()
    items: tuple[ServiceItem, ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """A request's content as a person wrote it: plain values, and the file and lines that they stand on."""

    document: Mapping[str, Any]
    file: str = ""
    rows: Rows = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Difference:
    """One item of a decision: as requested, or changed and because of what."""

    item: str
    changed: bool
    because: str = ""


def content_document(content: Content) -> dict[str, Any]:
    """As plain JSON values. One environment and nothing else is that environment's own document."""
    if len(content.specs) == 1 and not content.items:
        return spec_document(content.specs[0])
    return {
        "environments": [spec_document(spec) for spec in content.specs],
        "items": [plain(item) for item in content.items],
    }


def content_digest(content: Content, *, until: datetime | None = None, counterpart: str = "") -> str:
    """What a decision binds to. One environment without an end is the digest of its spec, which ``infra`` builds by."""
    document = content_document(content)
    if until is not None or counterpart:
        end = None if until is None else format_instant(until)
        document = {"content": document, "until": end, "counterpart": counterpart}
    return sha256_hex(canonical_bytes(document))


def content_from_document(document: Mapping[str, Any], *, file: str = "") -> tuple[Content | None, tuple[Finding, ...]]:
    """Read and check a document of either form; on any finding there is no content."""
    return read_written(Written(document, file))


def read_written(
    written: Written,
    *,
    addresses: AddressPlan | None = None,
    standing: Callable[[str], EnvironmentSpec | None] | None = None,
) -> tuple[Content | None, tuple[Finding, ...]]:
    """The same of what a person wrote, also in the short form: ``addresses`` gives blocks, ``standing`` the spec that
    an environment has now, whose subnets stay."""
    document, file = written.document, written.file

    def read(each: Mapping[str, Any], rows: Rows) -> tuple[EnvironmentSpec | None, tuple[Finding, ...]]:
        there = None if standing is None else standing(str(each.get("environment", "")))
        return spec_from_document(each, file=file, rows=rows, addresses=addresses, standing=there)

    if "environments" not in document and "items" not in document:
        spec, found = read(document, written.rows)
        return (None, found) if spec is None else (Content((spec,)), ())
    findings: list[Finding] = []
    unknown = sorted(set(document) - {"environments", "items"})
    findings.extend(_finding(file, name, "", "environments, items") for name in unknown)
    specs = []
    for index, each in enumerate(_list(document, "environments", file, findings)):
        if not isinstance(each, Mapping):
            findings.append(_finding(file, f"environments.{index}", str(each)[:80], "a table of fields"))
            continue
        place = ("environments", index)
        spec, found = read(each, {path[2:]: row for path, row in written.rows.items() if path[:2] == place})
        findings.extend(found)
        if spec is not None:
            specs.append(spec)
    items = [
        item
        for index, each in enumerate(_list(document, "items", file, findings))
        if (item := _item(each, f"items.{index}", file, findings)) is not None
    ]
    findings.extend(_repeated([spec.environment for spec in specs], "environments", file))
    findings.extend(_repeated([item.name for item in items], "items", file))
    if not specs and not items and not findings:
        findings.append(_finding(file, "items", "none", "at least one environment or item"))
    return (None, tuple(findings)) if findings else (Content(tuple(specs), tuple(items)), ())


def spec_in(content: Content, environment: str) -> EnvironmentSpec | None:
    """The spec of that environment."""
    return next((spec for spec in content.specs if spec.environment == environment), None)


def compare(requested: Content, decided: Content, because: str) -> tuple[Difference, ...]:
    """Each item of the request as it was decided; what is gone is changed, too."""
    found: list[Difference] = []
    for spec in requested.specs:
        same = spec_in(decided, spec.environment) == spec
        found.append(Difference(f"environment:{spec.environment}", not same, "" if same else because))
    standing = {item.name: item for item in decided.items}
    for item in requested.items:
        same = standing.get(item.name) == item
        found.append(Difference(f"item:{item.name}", not same, "" if same else because))
    return tuple(found)


def beyond(requested: Content, decided: Content) -> tuple[Finding, ...]:
    """Where a decision grants what was never asked: another environment, agency, zone, a lower protection, more."""
    findings: list[Finding] = []
    for spec in decided.specs:
        asked = spec_in(requested, spec.environment)
        field_ = f"environment:{spec.environment}"
        if asked is None:
            findings.append(_beyond(field_, spec.environment, "an environment of the request"))
            continue
        findings.extend(_beyond_spec(asked, spec, field_))
    wanted = {item.name: item for item in requested.items}
    for item in decided.items:
        one = wanted.get(item.name)
        if one is None or one.service != item.service:
            findings.append(_beyond(f"item:{item.name}", item.service, "an item of the request"))
        elif not 1 <= item.quantity <= one.quantity:
            findings.append(_beyond(f"item:{item.name}.quantity", str(item.quantity), f"1 to {one.quantity}"))
    return tuple(findings)


def _beyond_spec(asked: EnvironmentSpec, decided: EnvironmentSpec, where: str) -> Iterable[Finding]:
    for name in ("agency", "system", "project", "fund_source", "zone", "cidr"):
        if getattr(asked, name) != getattr(decided, name):
            yield _beyond(f"{where}.{name}", str(getattr(decided, name)), str(getattr(asked, name)))
    if decided.protection < asked.protection:  # "level-2" < "level-3"
        yield _beyond(f"{where}.protection", decided.protection, f"{asked.protection} or higher")
    for kind in ("instances", "buckets", "subnets", "ingress"):
        before, now = len(getattr(asked, kind)), len(getattr(decided, kind))
        if now > before:
            yield _beyond(f"{where}.{kind}", str(now), f"at most {before}")
    known = {instance.name: instance for instance in asked.instances}
    for instance in decided.instances:
        one = known.get(instance.name)
        if one is None:
            yield _beyond(f"{where}.instances", instance.name, "a machine of the request")
        elif _gigabytes(instance.volumes) > _gigabytes(one.volumes):
            yield _beyond(f"{where}.{instance.name}.volumes", f"{_gigabytes(instance.volumes)} GB", "no more")
    for field_, found, expected in beyond_later_fields(asked, decided):
        yield _beyond(f"{where}.{field_}", found, expected)


def _gigabytes(volumes: Iterable[Any]) -> int:
    return sum(volume.size_gb for volume in volumes)


def _beyond(field_: str, found: str, expected: str) -> Finding:
    return Finding(
        "request.beyond",
        Severity.ERROR,
        Place(field=field_),
        found,
        expected,
        f"{field_} 超出申请范围:决定只能减少或平调({expected})",
        f"{field_} goes beyond the request: a decision changes downwards or sideways ({expected})",
    )


def _item(each: Any, where: str, file: str, findings: list[Finding]) -> ServiceItem | None:
    if not isinstance(each, Mapping):
        findings.append(_finding(file, where, str(each)[:80], "a table of fields"))
        return None
    before = len(findings)
    unknown = sorted(set(each) - {"name", "service", "plan", "quantity", "answers"})
    findings.extend(_finding(file, f"{where}.{name}", "", "no such field") for name in unknown)
    name, service, plan = (each.get(key, "") for key in ("name", "service", "plan"))
    for key, value in (("name", name), ("service", service)):
        if not isinstance(value, str) or not 1 <= len(value) <= 60:
            findings.append(_finding(file, f"{where}.{key}", str(value)[:80], "1 to 60 characters"))
    quantity, answers = each.get("quantity", 1), each.get("answers", {})
    if not isinstance(plan, str) or len(plan) > 60:
        findings.append(_finding(file, f"{where}.plan", str(plan)[:80], "a plan's code"))
    if not isinstance(quantity, int) or isinstance(quantity, bool) or not 1 <= quantity <= 1_000_000:
        findings.append(_finding(file, f"{where}.quantity", str(quantity)[:80], "1 to 1,000,000"))
    if not isinstance(answers, Mapping):
        findings.append(_finding(file, f"{where}.answers", str(answers)[:80], "a table of answers"))
    return None if len(findings) > before else ServiceItem(name, service, plan, quantity, dict(answers))


def _list(document: Mapping[str, Any], name: str, file: str, findings: list[Finding]) -> list[Any]:
    found = document.get(name) or []
    if not isinstance(found, list):
        findings.append(_finding(file, name, type(found).__name__, "a list"))
        return []
    return found


def _repeated(names: list[str], field_: str, file: str) -> Iterable[Finding]:
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield _finding(file, field_, name, "each name once")


def _finding(file: str, field_: str, found: str, expected: str) -> Finding:
    return Finding(
        "request.invalid",
        Severity.ERROR,
        Place(file=file, field=field_),
        found,
        expected,
        f"申请的 {field_} 不合要求:{expected}",
        f"request, {field_}: {expected}",
    )


def moved(content: Content, *, agency: str, system: str, project: str, fund_source: str) -> Content:
    """The same environments as another agency's: what a transfer asks for."""
    return Content(
        tuple(
            replace(spec, agency=agency, system=system, project=project, fund_source=fund_source)
            for spec in content.specs
        ),
        content.items,
    )
