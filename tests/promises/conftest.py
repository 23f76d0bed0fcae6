"""Cities built once, copied for each test that changes something."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.promises.city import City


@pytest.fixture(scope="session")
def built_cities(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The folders of a city at three points of its story; never changed by a test.

    ``issued``: both statements are issued; ``confirmed``: confirmed; ``paid``: paid, and every room has rows.
    """
    folder = tmp_path_factory.mktemp("cities") / "city"
    folder.mkdir()
    built = {}

    def keep(name: str, city: City) -> City:
        city.store.close()
        built[name] = Path(shutil.copytree(folder, folder.with_name(name)))
        return City(folder)

    city = City(folder)
    city.found()
    city.meter()
    city.record_items()
    city.state("hrss", "housing")
    city = keep("issued", city)
    city.confirm("hrss")
    city.confirm("housing")
    city = keep("confirmed", city)
    city.settle()
    city.deliver()
    city.inhabit()
    keep("paid", city).store.close()
    return built


@pytest.fixture
def city_at(built_cities: dict[str, Path], tmp_path: Path) -> Callable[[str], City]:
    """A copy of its own of the city at one point of its story."""

    def copy(name: str) -> City:
        return City(Path(shutil.copytree(built_cities[name], tmp_path / name)))

    return copy


@pytest.fixture(scope="session")
def city(built_cities: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> City:
    """The whole city, to be read only."""
    return City(Path(shutil.copytree(built_cities["paid"], tmp_path_factory.mktemp("read") / "city")))
