"""The deployer's program: what the engine runs to learn what an environment shall consist of.

``Pulumi.yaml`` names this file. The deployer runs ``program`` inside its own process; a full Pulumi, which brings a
Python language host, may run the file by hand, with the engine's folder in ``GUANYUN_ENGINE_HOME``.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable
from pathlib import Path

import pulumi

from foundation.evidence import canonical_bytes
from infra.components import Buildable, Passwords, Placement, build, derived, input_document, seed_in

PROJECT = "guanyun"
INPUTS = "inputs"
"""The folder, inside the engine's home, of what the program reads: one file a stack."""


def input_file(home: Path, environment: str) -> Path:
    """Where the program finds an environment's spec and placement; ``home`` is the engine's, or a run's folder."""
    return home / INPUTS / f"{environment}.json"


def write_input(home: Path, spec: Buildable, placement: Placement) -> Path:
    """Leave the spec for the program, as the deployer and a person by hand will both read it."""
    path = input_file(home, spec.environment)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".new")
    temporary.write_bytes(canonical_bytes(input_document(spec, placement)))
    temporary.replace(path)
    return path


def program(home: Path, passwords: Passwords | None = None) -> Callable[[], None]:
    """The program over one engine home; which environment it builds is the stack's name.

    ``passwords`` gives databases their first ones: without it, a spec with databases raises ``NoPasswords``.
    """

    def declare() -> None:
        document = json.loads(input_file(home, pulumi.get_stack()).read_bytes())
        for kind, ids in build(document, passwords).items():
            pulumi.export(kind, ids)

    return declare


def passwords_of(home: Path) -> Passwords:
    """The first passwords of the installation whose engine lives in ``home``: the seed is kept there."""
    return derived(seed_in(home, secrets.token_bytes))


if __name__ == "__main__":
    engine_home = Path(os.environ["GUANYUN_ENGINE_HOME"])
    program(engine_home, passwords_of(engine_home))()
