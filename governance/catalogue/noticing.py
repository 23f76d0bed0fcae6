"""Notices 通知: the published documents, by document number, that prices may cite."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import select

from foundation.store import Transaction
from governance.audit import AuditEvent
from governance.authority import Act, Office, acting
from governance.catalogue.documents import content_digest
from governance.catalogue.model import Notice
from governance.catalogue.tables import notice_table


def record_notices(office: Office, token: str, told: Iterable[Notice]) -> tuple[Notice, ...]:
    """Record notices; returns the new ones. Raises ``AlreadyThere`` for a number with other content, ``Refused``."""
    every = list(told)
    if not every:
        return ()
    with acting(office, token, Act.NOTICE_RECORD, f"notice:{every[0].number}"[:200]) as mandate:
        new = []
        for notice in every:
            subject = f"notice:{notice.number}"[:200]
            row: dict[str, object] = {
                "number": notice.number,
                "zh": notice.zh,
                "en": notice.en,
                "issuer": notice.issuer,
                "issued_on": notice.issued_on.isoformat(),
            }
            standing = notice_of(mandate.transaction, notice.number)
            if standing == notice:
                continue
            row |= {"recorded_by": mandate.actor.person, "recorded_at": mandate.now}
            mandate.transaction.insert_once(notice_table, row, what="notice")
            digest = content_digest(notice)
            mandate.decide(subject, digest=digest)
            mandate.audit(AuditEvent.NOTICE_RECORDED, subject, {"digest": digest})
            new.append(notice)
        return tuple(new)


def notice_of(transaction: Transaction, number: str) -> Notice | None:
    """The notice with that document number."""
    return next((each for each in notices(transaction) if each.number == number), None)


def notices(transaction: Transaction) -> Sequence[Notice]:
    """Every notice, by number."""
    return [
        Notice(row["number"], row["zh"], row["en"], row["issuer"], date.fromisoformat(row["issued_on"]))
        for row in transaction.rows(select(notice_table).order_by(notice_table.c.number))
    ]
