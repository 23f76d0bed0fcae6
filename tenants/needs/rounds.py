"""Rounds 征集批次: the bureau says over which dates needs are collected; needs join, and are looked at together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime

from sqlalchemy import Column, ForeignKey, RowMapping, String, Table, select, update

from foundation.evidence import canonical_bytes, plain, sha256_hex
from foundation.store import Instant, Transaction, metadata
from foundation.values.instant import Interval
from governance.audit import AuditEvent
from governance.authority import Act, Office, acting
from governance.errors import NotFound
from tenants.errors import RoundClosed
from tenants.needs.model import LIVE, Need, Round
from tenants.needs.moving import fit, move
from tenants.needs.reading import need_of

round_table = Table(
    "need_round",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("bureau", ForeignKey("party.id"), nullable=False),
    Column("zh", String(200), nullable=False),
    Column("en", String(200), nullable=False),
    Column("opens_at", Instant, nullable=False),
    Column("closes_at", Instant, nullable=False),
    Column("closed_at", Instant),
)


def open_round(office: Office, token: str, id_: str, *, zh: str, en: str, taking: Interval) -> tuple[Round, bool]:
    """Let needs join round ``id_`` over ``taking``: (round, whether it is new). For the bureau.

    Raises ``Refused``; ``AlreadyThere`` where the id is another round's.
    """
    with acting(office, token, Act.ROUND_OPEN, f"round:{id_}") as mandate:
        opened = Round(id_, mandate.actor.party, zh, en, taking.start, taking.end, None)
        row = asdict(opened)
        row.pop("closed_at")
        if not mandate.transaction.insert_once(round_table, row, what="round"):
            return round_of(mandate.transaction, id_), False
        digest = sha256_hex(canonical_bytes(plain(opened)))
        mandate.decide(f"round:{id_}", digest=digest)
        facts = {"opens": plain(taking.start), "closes": plain(taking.end)}
        mandate.audit(AuditEvent.ROUND_OPENED, f"round:{id_}", facts)
        mandate.announce("round.opened", f"round:{id_}", facts | {"zh": zh, "en": en})
        return opened, True


def close_round(office: Office, token: str, id_: str) -> tuple[Round, bool]:
    """Let no more needs join: (round, whether that is new). For the bureau that opened it."""
    with acting(office, token, Act.ROUND_CLOSE, f"round:{id_}") as mandate:
        found = round_of(mandate.transaction, id_)
        if found.bureau != mandate.actor.party:
            raise mandate.refuse(
                "T20", f"round:{id_}", f"批次由 {found.bureau} 开启", f"the round was opened by {found.bureau}"
            )
        if found.closed_at is not None:
            return found, False
        closed = replace(found, closed_at=mandate.now)
        mandate.decide(f"round:{id_}")
        mandate.transaction.write(update(round_table).where(round_table.c.id == id_).values(closed_at=mandate.now))
        mandate.audit(AuditEvent.ROUND_CLOSED, f"round:{id_}", {})
        mandate.announce("round.closed", f"round:{id_}", {})
        return closed, True


def join_round(office: Office, token: str, number: str, id_: str) -> tuple[Need, bool]:
    """Let a need of one's own take part in a round: (need, whether that is new). For its agency.

    Raises ``RoundClosed``, ``NeedUnfit``, ``NotFound``, ``Refused``.
    """
    with acting(office, token, Act.NEED_JOIN, f"need:{number}") as mandate:
        need = need_of(mandate.transaction, mandate.scope, number)
        if need.round == id_:
            return need, False
        fit(need, LIVE, "报入批次", "join a round")
        check_taking(round_of(mandate.transaction, id_), mandate.now)
        mandate.decide(need.subject, digest=sha256_hex(id_.encode()), owner=need.agency)
        return move(mandate, need, replace(need, round=id_), AuditEvent.NEED_JOINED, {"round": id_}), True


def round_of(transaction: Transaction, id_: str) -> Round:
    """The round with that id; raises ``NotFound``. Rounds are public."""
    row = transaction.row(select(round_table).where(round_table.c.id == id_))
    if row is None:
        raise NotFound(what_zh="征集批次", what_en="round", key=id_)
    return _round(row)


def rounds(transaction: Transaction) -> Sequence[Round]:
    """Every round, the newest first."""
    query = select(round_table).order_by(round_table.c.opens_at.desc(), round_table.c.id)
    return [_round(row) for row in transaction.rows(query)]


def check_taking(round_: Round, now: datetime) -> None:
    """Raise ``RoundClosed`` where no need may join now."""
    if not round_.takes(now):
        raise RoundClosed(id=round_.id)


def _round(row: RowMapping) -> Round:
    return Round(**row)
