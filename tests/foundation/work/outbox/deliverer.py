"""A process that delivers until nothing is left: ``deliverer.py URL FILE PERCENT``; the test kills it at any moment.

One subscriber writes a row of ``effect`` for each event and then fails in PERCENT of the tries; another, outside,
appends a line to FILE and fails as often, half of the time before and half of the time after it did.
"""

from __future__ import annotations

import os
import random
import sys
import time
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from foundation.store import Transaction, open_store
from foundation.work import Event, pending
from foundation.work.outbox import OutsideSubscriber, Retries, Subscriber, deliver_and_report

RETRIES = Retries(tries=40, first=timedelta(milliseconds=5), longest=timedelta(milliseconds=50))
EFFECT = text("INSERT INTO effect (event, subject, n) VALUES (:event, :subject, :n)")


def main(url: str, file: str, percent: int) -> None:
    store = open_store(url)
    lines = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def chance() -> bool:
        return random.random() * 100 < percent  # noqa: S311

    def handle(transaction: Transaction, event: Event) -> None:
        transaction.write(EFFECT, [{"event": event.number, "subject": event.subject, "n": event.payload["n"]}])
        if chance():
            raise ValueError("by chance")

    def tell(event: Event) -> None:
        fails, before = chance(), random.random() < 0.5  # noqa: S311
        if fails and before:
            raise ValueError("by chance")
        os.write(lines, f"{event.id} {event.subject} {event.payload['n']}\n".encode())
        if fails:
            raise ValueError("by chance")

    subscribers = [
        Subscriber("inside", ("t", "told"), handle, retries=RETRIES, alone=False),
        OutsideSubscriber("outside", "told", tell, retries=RETRIES),
    ]
    while True:
        deliver_and_report(store, subscribers, clock=lambda: datetime.now(UTC))
        with store.reading() as transaction:
            if pending(transaction, subscribers) == 0:
                return
        time.sleep(0.005)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
