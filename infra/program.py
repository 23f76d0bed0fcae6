"""The deployer's program: what the engine runs to learn what an environment shall consist of.

``Pulumi.yaml`` names this file. The deployer runs ``program`` inside its own process; a full Pulumi, which brings a
Python language host, may run the file by hand, with the engine's folder in ``GUANYUN_ENGINE_HOME``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pulumi

from foundation.evidence import canonical_bytes
from governance.environments import EnvironmentSpec, spec_document, spec_from_document
from infra.components import Placement, TenantEnvironment, TenantEnvironmentArgs
from infra.components.placement import placement_from_document

PROJECT = "guanyun"
INPUTS = "inputs"
"""The folder, inside the engine's home, of what the program reads: one file a stack."""


def input_file(home: Path, environment: str) -> Path:
    """Where the program finds an environment's spec and placement; ``home`` is the engine's, or a run's folder."""
    return home / INPUTS / f"{environment}.json"


def write_input(home: Path, spec: EnvironmentSpec, placement: Placement) -> Path:
    """Leave the spec for the program, as the deployer and a person by hand will both read it."""
    path = input_file(home, spec.environment)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".new")
    temporary.write_bytes(canonical_bytes({"spec": spec_document(spec), "placement": placement.document()}))
    temporary.replace(path)
    return path


def program(home: Path) -> Callable[[], None]:
    """The program over one engine home; which environment it builds is the stack's name."""

    def build() -> None:
        document = json.loads(input_file(home, pulumi.get_stack()).read_bytes())
        spec, findings = spec_from_document(document["spec"])
        if spec is None:
            raise pulumi.RunError("; ".join(finding.en for finding in findings))
        args = TenantEnvironmentArgs(spec=spec, placement=placement_from_document(document["placement"]))
        environment = TenantEnvironment(spec.environment, args)
        for kind, ids in environment.outputs.items():
            pulumi.export(kind, ids)

    return build


if __name__ == "__main__":
    program(Path(os.environ["GUANYUN_ENGINE_HOME"]))()
