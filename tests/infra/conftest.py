from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.provider.clients import Clients
from infra.sandbox import SandboxStatus, down, up

REGION = "cn-north-1"


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxStatus]:
    """One running sandbox for the tests that do not stop it; each test takes environments of its own."""
    home: Path = tmp_path_factory.mktemp("sandbox")
    yield up(home)
    down(home)


@pytest.fixture(scope="session")
def clients(sandbox: SandboxStatus) -> Clients:
    return Clients(endpoint=str(sandbox.endpoint), region=REGION, access_key="guanyun", secret_key="guanyun")


@pytest.fixture(scope="session")
def offline() -> Clients:
    """Clients of a cloud that nobody calls: for what botocore's models alone can tell."""
    return Clients(endpoint="http://127.0.0.1:9", region=REGION, access_key="a", secret_key="b")
