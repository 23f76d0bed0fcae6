"""A signed webhook: one POST of JSON a notice (``signing`` says how a receiver checks it)."""

from __future__ import annotations

import ssl
from dataclasses import asdict, dataclass, field
from ipaddress import ip_address
from pathlib import Path

import urllib3
from urllib3.util import Timeout, parse_url

from foundation.evidence import canonical_bytes
from foundation.values.instant import Clock
from foundation.work.notices.errors import NoticeInvalid, NoticeRefused, NoticeUndelivered
from foundation.work.notices.model import Notice
from foundation.work.notices.signing import WebhookSigner, signed_headers

AGAIN = frozenset({408, 425, 429})
"""The 4xx answers that mean "later", not "never"."""


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """``url`` (https, or http on this machine); it may hold a secret of its own, so it is never shown. Times in s."""

    url: str = field(repr=False)
    authorities: Path | None = None
    connect_timeout: float = 5
    read_timeout: float = 15

    def __post_init__(self) -> None:
        try:
            address = parse_url(self.url)
        except urllib3.exceptions.LocationParseError:
            raise NoticeInvalid(field="url", found="…", expected="https://host/path") from None
        plain = address.scheme == "http" and _is_loopback(address.host or "")
        if not address.host or address.auth or not (address.scheme == "https" or plain):
            raise NoticeInvalid(field="url", found=f"{address.scheme}://…", expected="https://host/path")

    @property
    def receiver(self) -> str:
        """Its host: what may be shown."""
        return parse_url(self.url).host or ""


class WebhookNotifier:
    """Posts notices. 2xx is taken; 3xx and 4xx are final (but 408, 425, 429); 5xx and silence are tried again.

    ``signer`` is made from a file (``SharedKey(read_secret(path)).sign``, ``HouseKey(FileSigner(path)).sign``);
    ``clock`` is the real one.
    """

    def __init__(
        self, settings: WebhookSettings, signer: WebhookSigner, clock: Clock, *, channel: str = "webhook"
    ) -> None:
        self._settings, self._signer, self._clock, self._channel = settings, signer, clock, channel
        self._pool = urllib3.PoolManager(
            num_pools=1,
            retries=False,
            timeout=Timeout(connect=settings.connect_timeout, read=settings.read_timeout),
            ssl_context=ssl.create_default_context(cafile=settings.authorities),
        )

    @property
    def channel(self) -> str:
        return self._channel

    def notify(self, notice: Notice) -> None:
        body = canonical_bytes(asdict(notice))
        headers = signed_headers(notice.id, body, at=self._clock(), signer=self._signer)
        headers |= {"Content-Type": "application/json", "User-Agent": "guanyun", "Connection": "close"}
        receiver = self._settings.receiver
        try:
            answer = self._pool.request(
                "POST", self._settings.url, body=body, headers=headers, redirect=False, preload_content=False
            )
            status = answer.status
            answer.close()  # what it says is not read: it may be endless
        except urllib3.exceptions.HTTPError as error:
            # Their texts repeat the address; their names say enough.
            raise NoticeUndelivered(receiver=receiver, reason=type(error).__name__) from None
        if 200 <= status < 300:
            return
        if 300 <= status < 500 and status not in AGAIN:
            raise NoticeRefused(receiver=receiver, reason=f"HTTP {status}")
        raise NoticeUndelivered(receiver=receiver, reason=f"HTTP {status}")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
