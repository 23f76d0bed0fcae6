"""botocore's sessions as we need them: nothing asked of the network but the endpoints, models loaded once and lean."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from typing import Any

import botocore.session
from botocore.credentials import create_credential_resolver
from botocore.loaders import Loader
from botocore.utils import parse_timestamp

__all__ = ["endpoint_key", "endpoints_of", "new_session"]

_PREFIX = "AWS_ENDPOINT_URL_"
_ASKING_THE_NETWORK = ("iam-role", "container-role", "sso", "login", "assume-role-with-web-identity")
"""Ways to credentials that call addresses of their own."""
_UNUSED = frozenset({"documentation", "documentationUrl", "examples"})


class LeanLoader(Loader):
    """Loads each of botocore's models once a process, without its prose, which is most of it."""

    def __init__(self) -> None:
        super().__init__(include_default_search_paths=True)
        self._reading = threading.RLock()

    def load_service_model(self, service_name: str, type_name: str, api_version: str | None = None) -> Any:
        """See botocore."""
        with self._reading:
            known = (service_name, type_name, api_version) in self._lean
            model = super().load_service_model(service_name, type_name, api_version)
            if not known:
                self._lean.add((service_name, type_name, api_version))
                _strip(model)
            return model

    @property
    def _lean(self) -> set[tuple[str, str, str | None]]:
        lean: set[tuple[str, str, str | None]] = self.__dict__.setdefault("_lean_models", set())
        return lean


def _strip(model: Any) -> None:
    children = model.values() if isinstance(model, dict) else model if isinstance(model, list) else ()
    if isinstance(model, dict):
        for name in _UNUSED:
            if isinstance(model.get(name), str):
                model[name] = ""  # botocore asks for some of them
    for child in children:
        _strip(child)


@cache
def _loader() -> LeanLoader:
    return LeanLoader()


def new_session(*, offline: bool) -> botocore.session.Session:
    """A session; ``offline`` ones look for credentials in variables and files only, never at a metadata address."""
    session = botocore.session.Session()
    session.register_component("data_loader", _loader())
    session.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=_instant)
    if offline:
        session.set_config_variable("metadata_service_num_attempts", 0)
        resolver = create_credential_resolver(session)
        for name in _ASKING_THE_NETWORK:
            resolver.remove(name)
        session.register_component("credential_provider", resolver)
    return session


def _instant(value: Any) -> datetime:
    """An instant of an answer: botocore's own reading of the usual form takes as long as all else of an answer."""
    if isinstance(value, str) and "T" in value:
        with suppress(ValueError):
            at = datetime.fromisoformat(value)
            return at if at.tzinfo else at.replace(tzinfo=UTC)
    parsed: datetime = parse_timestamp(value)
    return parsed


def endpoints_of(environ: Mapping[str, str]) -> dict[str, str]:
    """The endpoints of single services: ``AWS_ENDPOINT_URL_<SERVICE>`` by ``<SERVICE>``."""
    return {name[len(_PREFIX) :]: url for name, url in environ.items() if name.startswith(_PREFIX) and url}


def endpoint_key(service_id: str) -> str:
    """A service's id, such as ``Resource Groups Tagging API``, as it ends the variable."""
    return service_id.replace(" ", "_").replace("-", "_").upper()
