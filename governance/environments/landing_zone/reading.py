"""Reading a landing-zone spec from YAML or a document: every fault at once, each at its line."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, create_model

from foundation.values.findings import Finding
from governance.environments.documents import plain_fields
from governance.environments.landing_zone.checking import check_landing_zone
from governance.environments.landing_zone.model import LandingZoneSpec
from governance.yaml_documents import Form, Problems, fill_form, read_form


class _Strict(Form):
    """The spec's own fields, and no others."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=False)


def _fields() -> dict[str, Any]:
    return {
        field.name: (field.type, ... if field.default is dataclasses.MISSING else field.default)
        for field in dataclasses.fields(LandingZoneSpec)
    }


def landing_zone_document(spec: LandingZoneSpec) -> dict[str, Any]:
    """The spec as plain JSON values; its canonical bytes are what an approval binds to."""
    return plain_fields(spec)


def landing_zone_from_document(
    document: Mapping[str, Any], *, file: str = ""
) -> tuple[LandingZoneSpec | None, tuple[Finding, ...]]:
    """Read and check a document; on any finding there is no spec."""
    problems = Problems(file, {})
    spec, findings = fill_form(dict(document), _Document, _check, problems)
    return (None, findings) if spec is None else (_spec(spec), ())


def read_landing_zone(path: Path) -> tuple[LandingZoneSpec | None, tuple[Finding, ...]]:
    """Read and check a YAML file; on any finding there is no spec."""
    spec, findings = read_form(path, _Document, _check)
    return (None, findings) if spec is None else (_spec(spec), ())


def _check(document: Form, problems: Problems) -> None:
    check_landing_zone(_spec(document), problems)


def _spec(document: Form) -> LandingZoneSpec:
    return LandingZoneSpec(
        **{field.name: getattr(document, field.name) for field in dataclasses.fields(LandingZoneSpec)}
    )


_Document: type[Form] = create_model(
    "LandingZoneDocument", __base__=_Strict, __module__=LandingZoneSpec.__module__, **_fields()
)
