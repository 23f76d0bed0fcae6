"""Makes moto's cloud a function of the requests it was sent: their order, number and instant.

moto draws ids from one seedable generator, but key material from ``os.urandom`` and instants from the clock; it makes
a region (with its default VPC) at the first request that looks there, which may be a read; and it takes addresses
from a set, so the process must run with a fixed ``PYTHONHASHSEED``. All of it is bound here, before any of its
services is loaded. Not covered: private keys of asymmetric KMS keys and of EC2 key pairs are new after a restart.
"""

from __future__ import annotations

import hashlib
import types
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache
from typing import Any, Self

import moto.core.utils
from moto.core.base_backend import AccountSpecificBackend
from moto.moto_api._internal import mock_random


class CloudClock:
    """The instant the cloud believes in: that of the request being carried out, else the machine's."""

    def __init__(self) -> None:
        self.at: datetime | None = None

    def utcnow(self) -> datetime:
        """Naive and in UTC, as moto's own."""
        return (self.at or datetime.now(UTC)).replace(tzinfo=None)


def bind_clock() -> CloudClock:
    """Give moto our clock; only services loaded afterwards see it."""
    clock = CloudClock()
    moto.core.utils.utcnow = clock.utcnow
    return clock


def bind_services(clock: CloudClock) -> None:
    """What two services take from elsewhere.

    KMS its key material, so that what was encrypted can still be decrypted; S3 the instant a bucket was made.
    """
    # Loading a service must come after ``bind_clock``.
    import moto.kms.utils  # noqa: PLC0415
    import moto.s3.models  # noqa: PLC0415

    class CloudDatetime(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            at = clock.at or datetime.now(UTC)
            return cls.fromtimestamp(at.timestamp(), tz)

    moto.kms.utils.os = types.SimpleNamespace(urandom=mock_random.randbytes)
    moto.s3.models.datetime = types.SimpleNamespace(datetime=CloudDatetime, timedelta=timedelta, timezone=timezone)


def bind_names() -> None:
    """moto lists the methods of a service's class anew for every request."""
    import moto.core.responses  # noqa: PLC0415  # after ``bind_clock``

    moto.core.responses.method_names_from_class = cache(moto.core.utils.method_names_from_class)


def bind_regions(life: str) -> None:
    """Make each region of each service from a seed of its own, whichever request comes there first."""
    find = AccountSpecificBackend.__getitem__

    def find_or_make(self: Any, region: str) -> Any:
        if region in self.keys():
            return find(self, region)
        before = mock_random.getstate()
        mock_random.seed(_number(f"{life}:{self.backend.__module__}:{self.account_id}:{region}"))
        try:
            return find(self, region)
        finally:
            mock_random.setstate(before)

    AccountSpecificBackend.__getitem__ = find_or_make


def seed(life: str, number: int) -> None:
    """Seed for changing request ``number``."""
    mock_random.seed(_number(f"{life}:{number}"))


def _number(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")
