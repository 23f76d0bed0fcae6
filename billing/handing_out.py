"""Writes each signed root and audit head into the folder its readers keep, once its fact is committed."""

from __future__ import annotations

from pathlib import Path

from foundation.evidence import hand_out, signed_from_document
from foundation.work import Event, OutsideSubscriber
from governance.audit import HANDED_OUT


def hand_out_subscriber(folder: Path) -> OutsideSubscriber:
    """Hands out into ``folder``. Writing the same root twice changes nothing; another one under its name is refused."""

    def tell(event: Event) -> None:
        name = str(event.payload["name"])
        hand_out(folder, name, signed_from_document(event.payload["signed"], what=name))

    return OutsideSubscriber("billing.hand-out", HANDED_OUT, tell)
