"""The due work of the house itself: what the machine does at its times without being asked."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING

from foundation.work.due import CatchUp, Cron, DueRule, EveryDay, put_rule
from governance.authority import machine_scope
from governance.calendar import WARNING_RULE, calendar_at
from infra.drift import NIGHT
from infra.fleet import LOOK_AFTER
from tenants.grants import TURN_KIND
from wiring.kinds import AUDIT_CHECK, NEEDS_EXPIRE, REORGANISE, REQUESTS_DUE

if TYPE_CHECKING:
    from wiring.application import Application

HOUSE_RULES = (
    WARNING_RULE,
    DueRule(name="grant.turn", kind=TURN_KIND, rule=EveryDay(time(0, 5)), catch_up=CatchUp.ONCE),
    DueRule(name="request.look-after", kind=REQUESTS_DUE, rule=EveryDay(time(8)), catch_up=CatchUp.ONCE),
    DueRule(name=NEEDS_EXPIRE, kind=NEEDS_EXPIRE, rule=EveryDay(time(0, 10)), catch_up=CatchUp.ONCE),
    DueRule(name=REORGANISE, kind=REORGANISE, rule=EveryDay(time(0, 1)), catch_up=CatchUp.ONCE),
    # What a run's end releases is released by its event; this is for one that was lost.
    DueRule(name=LOOK_AFTER, kind=LOOK_AFTER, rule=Cron("17 * * * *"), catch_up=CatchUp.ONCE),
    DueRule(name=NIGHT, kind=NIGHT, rule=EveryDay(time(1, 30)), catch_up=CatchUp.ONCE),
    DueRule(name="audit.check", kind=AUDIT_CHECK, rule=EveryDay(time(3)), catch_up=CatchUp.ONCE),
)


def put_house_rules(application: Application) -> None:
    """Make or change the house's own rules; where they stand as they should, nothing is written."""
    with application.store.transaction() as transaction:
        calendar, now = calendar_at(transaction), application.office.clocks.real()
        for rule in HOUSE_RULES:
            put_rule(transaction, machine_scope(), rule, calendar=calendar, now=now)
