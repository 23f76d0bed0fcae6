"""Where one spec grants more than another: what a decision may not add to what was asked."""

from __future__ import annotations

from collections.abc import Iterable

from governance.environments.model import EnvironmentSpec

_SAME = ("baseline", "region", "account")
_NAMED = ("databases", "load_balancers", "file_systems", "secrets", "keys")
_SET = ("allow", "roles", "peers", "adopt")


def beyond_later_fields(asked: EnvironmentSpec, decided: EnvironmentSpec) -> tuple[tuple[str, str, str], ...]:
    """(field, found, expected) for everything that ``decided`` has in the later fields beyond ``asked``.

    A decision may leave out, make smaller, and keep longer; it may not add, enlarge, open or move.
    """
    return tuple(_beyond(asked, decided))


def _beyond(asked: EnvironmentSpec, decided: EnvironmentSpec) -> Iterable[tuple[str, str, str]]:
    for name in _SAME:
        if getattr(asked, name) != getattr(decided, name):
            yield name, str(getattr(decided, name)), str(getattr(asked, name))
    for name in _NAMED:
        known = {one.name for one in getattr(asked, name)}
        for one in getattr(decided, name):
            if one.name not in known:
                yield name, one.name, "one of the request"
    for name in _SET:
        for one in getattr(decided, name):
            if one not in getattr(asked, name):
                yield name, str(one), "one of the request"
    yield from _larger(asked, decided)
    yield from _shorter(asked, decided)


def _shorter(asked: EnvironmentSpec, decided: EnvironmentSpec) -> Iterable[tuple[str, str, str]]:
    for name in ("backup", "flow_logs"):
        before, now = getattr(asked, name), getattr(decided, name)
        if before is not None and (now is None or now.retention_days < before.retention_days):
            found = "none" if now is None else str(now.retention_days)
            yield name, found, f"{before.retention_days} days or more"


def _larger(asked: EnvironmentSpec, decided: EnvironmentSpec) -> Iterable[tuple[str, str, str]]:
    databases = {one.name: one for one in asked.databases}
    for database in decided.databases:
        before = databases.get(database.name)
        if before is not None and database.storage_gb > before.storage_gb:
            yield f"databases.{database.name}.storage_gb", str(database.storage_gb), f"at most {before.storage_gb}"
        if before is not None and database.multi_zone and not before.multi_zone:
            yield f"databases.{database.name}.multi_zone", "true", "false"
    files = {one.name: one for one in asked.file_systems}
    for shared in decided.file_systems:
        wanted = files.get(shared.name)
        if wanted is not None and shared.size_gb > wanted.size_gb:
            yield f"file_systems.{shared.name}.size_gb", str(shared.size_gb), f"at most {wanted.size_gb}"
    balancers = {one.name: one for one in asked.load_balancers}
    for balancer in decided.load_balancers:
        opened = balancers.get(balancer.name)
        if opened is not None and (balancer.public > opened.public or not set(balancer.sources) <= set(opened.sources)):
            yield f"load_balancers.{balancer.name}.sources", ", ".join(balancer.sources), ", ".join(opened.sources)
