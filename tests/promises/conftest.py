"""Cities built once for each database, copied for each test that changes something."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.databases import Databases
from tests.promises.city import City


@dataclass(frozen=True)
class Built:
    """A city at rest: its folder, and where its records are if not there."""

    folder: Path
    url: str

    def copied(self, folder: Path, databases: Databases) -> Built:
        """Another with the same content; SQLite's file goes with the folder."""
        shutil.copytree(self.folder, folder)
        return Built(folder, databases.copy(self.url) if self.url else "")

    def opened(self) -> City:
        """The living city."""
        return City(self.folder, self.url)


def build(folder: Path, databases: Databases) -> dict[str, Built]:
    """A city at three points of its story.

    ``issued``: both statements are issued; ``confirmed``: confirmed; ``paid``: paid, and every room has rows.
    """
    folder.mkdir()
    first = Built(folder, databases.empty() if databases.kind == "postgresql" else "")
    built = {}

    def keep(name: str, city: City) -> City:
        city.store.close()
        built[name] = first.copied(folder.with_name(name), databases)
        return first.opened()

    city = first.opened()
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


@pytest.fixture(scope="session")
def cities(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Databases], dict[str, Built]]:
    """The cities of one kind of database, never changed by a test."""
    made: dict[str, dict[str, Built]] = {}

    def of(databases: Databases) -> dict[str, Built]:
        if databases.kind not in made:
            made[databases.kind] = build(tmp_path_factory.mktemp("cities") / "city", databases)
        return made[databases.kind]

    return of


@pytest.fixture(scope="session")
def built_cities(cities: Callable[[Databases], dict[str, Built]], sqlite_databases: Databases) -> dict[str, Path]:
    """The folders of the cities on SQLite."""
    return {name: built.folder for name, built in cities(sqlite_databases).items()}


@pytest.fixture
def city_at(
    cities: Callable[[Databases], dict[str, Built]], databases: Databases, tmp_path: Path
) -> Iterator[Callable[[str], City]]:
    """A copy of its own of the city at one point of its story."""
    with ExitStack() as stack:

        def copy(name: str) -> City:
            built = cities(databases)[name].copied(tmp_path / name, databases)
            if built.url:
                stack.callback(databases.drop, built.url)
            city = built.opened()
            stack.callback(city.store.close)
            return city

        yield copy


@pytest.fixture(scope="session")
def _read_cities() -> Iterator[dict[str, City]]:
    opened: dict[str, City] = {}
    yield opened
    for city in opened.values():
        city.store.close()


@pytest.fixture
def city(
    cities: Callable[[Databases], dict[str, Built]],
    databases: Databases,
    _read_cities: dict[str, City],
    tmp_path_factory: pytest.TempPathFactory,
) -> City:
    """The whole city, to be read only."""
    if databases.kind not in _read_cities:
        folder = tmp_path_factory.mktemp("read") / "city"
        _read_cities[databases.kind] = cities(databases)["paid"].copied(folder, databases).opened()
    return _read_cities[databases.kind]
