"""A notice, the port that carries it, and how it goes through the outbox."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from foundation.evidence import canonical_bytes, sha256_hex
from foundation.store import Transaction
from foundation.values.instant import Clock
from foundation.work.notices.errors import NoticeInvalid
from foundation.work.outbox import Event, OutsideSubscriber, Retries, Since, publish

TOPIC = "notice"
"""Topics are ``notice.<channel>``; payload: the notice's fields."""

_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")


@dataclass(frozen=True, slots=True)
class Notice:
    """What somebody is told: ``to`` (an address of the channel, or a party), a subject line, texts in both languages.

    ``event`` is the id of what happened, ``kind`` what sort of notice (``work.parked``). ``id`` is the idempotency
    key: a receiver takes a notice of the same id once. Raises ``NoticeInvalid``.
    """

    id: str
    to: str
    subject: str
    zh: str
    en: str
    event: str
    kind: str

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            raise NoticeInvalid(field="id", found=repr(self.id[:80]), expected="a-z 0-9 . _ -, 1–80")
        for name in ("to", "subject", "kind"):
            text = getattr(self, name)
            if not text.strip() or not text.isprintable() or len(text) > 200:
                raise NoticeInvalid(field=name, found=repr(text[:80]), expected="1–200, one line")


class Notifier(Protocol):
    """Carries notices on one channel. It has time-outs of its own."""

    @property
    def channel(self) -> str:
        """``file``, ``mail``, ``webhook``, or what an installation calls it."""
        ...

    def notify(self, notice: Notice) -> None:
        """Carry it; the same notice again has no second effect at a receiver that keeps ids.

        Raises ``FinalFailure`` where another try is of no use, any other error where it may be.
        """
        ...


def notice_id(event: str, kind: str, to: str, channel: str) -> str:
    """The id of the notice about an event to somebody: the same whenever a handler runs again for that event."""
    return f"notice_{sha256_hex(canonical_bytes([event, kind, to, channel]))[:32]}"


def send(transaction: Transaction, notice: Notice, *, channel: str, clock: Clock) -> bool:
    """Put the notice into the outbox, in the transaction of what it tells; False if it is there already.

    In order per recipient and channel; tried again, and dead in the end, as every event.
    """
    subject = f"notice:{channel}:{notice.to}"
    if len(subject) > 200:
        subject = f"notice:{channel}:{sha256_hex(notice.to.encode())}"
    event = Event(f"{TOPIC}.{channel}", subject, asdict(notice), id=f"{notice.id}.{channel}")
    return publish(transaction, event, clock=clock)


def notice_subscriber(notifier: Notifier, retries: Retries | None = None) -> OutsideSubscriber:
    """Who hears the notices of the notifier's channel."""

    def tell(event: Event) -> None:
        notifier.notify(notice_of(event.payload))

    return OutsideSubscriber(
        name=f"notices.{notifier.channel}",
        topics=f"{TOPIC}.{notifier.channel}",
        tell=tell,
        since=Since.BEGINNING,
        retries=retries or Retries(),
    )


def notice_of(payload: Mapping[str, Any]) -> Notice:
    """The notice in an event; raises ``NoticeInvalid``."""
    names = ("id", "to", "subject", "zh", "en", "event", "kind")
    for name in names:
        if not isinstance(payload.get(name), str):
            raise NoticeInvalid(field=name, found=type(payload.get(name)).__name__, expected="str")
    return Notice(**{name: payload[name] for name in names})
