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
    """moto lists its services, and the methods of a service's class, anew for every request."""
    import moto.backends  # noqa: PLC0415  # these after ``bind_clock``
    import moto.core.responses  # noqa: PLC0415

    services = tuple(moto.backends.list_of_moto_modules())
    moto.backends.list_of_moto_modules = lambda: services
    moto.core.responses.method_names_from_class = cache(moto.core.utils.method_names_from_class)


def bind_accounts() -> None:
    """Find whose access key it is among the accounts that have one.

    moto itself looks through every partition of every account for each request, and makes each (some seconds, with
    the thousand policies every account has) to find no key in it.
    """
    import moto.iam.models as iam  # noqa: PLC0415  # after ``bind_clock``
    from moto.core import DEFAULT_ACCOUNT_ID  # noqa: PLC0415

    def account_of(access_key: str) -> str:
        for account, partitions in list(iam.iam_backends.items()):
            if any(access_key in one.access_keys for one in list(partitions.values())):
                return str(account)
        return str(DEFAULT_ACCOUNT_ID)

    iam.get_account_id_from = account_of


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
