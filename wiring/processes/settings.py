"""How this machine's processes listen and how much they take on, from ``GUANYUN_*`` environment variables."""

from __future__ import annotations

from typing import Any

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from foundation.values.errors import InvalidValue


class ProcessSettings(BaseSettings):
    """``worker_port``: where the worker answers on loopback (0: any free one). ``worker_places``: how many runs it
    carries on at a time. ``portal_host`` and ``portal_port``: where the portal listens (port 0: any free one)."""

    model_config = SettingsConfigDict(env_prefix="GUANYUN_", frozen=True)

    worker_port: int = Field(default=0, ge=0, le=65535)
    worker_places: int = Field(default=8, ge=1, le=64)
    portal_host: str = "127.0.0.1"
    portal_port: int = Field(default=8642, ge=0, le=65535)


def process_settings(**given: Any) -> ProcessSettings:
    """The settings, with what was ``given`` on the command line (None: not given) over the environment's.

    Raises ``InvalidValue``.
    """
    try:
        return ProcessSettings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as cause:
        wrong = cause.errors()[0]
        name = "GUANYUN_" + "_".join(str(part) for part in wrong["loc"]).upper()
        raise InvalidValue(field=name, found=repr(wrong["input"])[:80], expected=wrong["msg"]) from cause
