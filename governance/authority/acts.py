"""The acts and who may do them: one table, read by the policy function and shown by the docs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from governance.parties import Duty, PartyKind


class Act(StrEnum):
    """Everything a person can decide or do."""

    CLOCK_SET = "clock.set"
    CONTRACT_RECORD = "contract.record"
    CATALOGUE_PUBLISH = "catalogue.publish"
    PRICE_DRAFT = "price.draft"
    PRICE_PUBLISH = "price.publish"
    ROOM_IMPORT = "room.import"
    SYSTEMS_CONFIRM = "room.confirm-systems"
    REQUEST_CREATE = "request.create"
    REQUEST_APPROVE = "request.approve"
    REQUEST_REJECT = "request.reject"
    PLAN_CREATE = "plan.create"
    PLAN_APPROVE = "plan.approve"
    PLAN_APPLY = "plan.apply"
    RUNBOOK_RUN = "runbook.run"
    USAGE_COLLECT = "usage.collect"
    DAY_CLOSE = "day.close"
    EVIDENCE_IMPORT = "evidence.import"
    ITEM_RECORD = "item.record"
    ITEM_ACCEPT = "item.accept"
    GRADE_DRAFT = "grade.draft"
    GRADE_PUBLISH = "grade.publish"
    STATEMENT_ISSUE = "statement.issue"
    STATEMENT_CONFIRM = "statement.confirm"
    STATEMENT_DISPUTE = "statement.dispute"
    SETTLEMENT_DRAFT = "settlement.draft"
    SETTLEMENT_SUBMIT = "settlement.submit"
    SETTLEMENT_ACCEPT = "settlement.accept"
    SETTLEMENT_REVIEW = "settlement.review"
    SETTLEMENT_RETURN = "settlement.return"
    SETTLEMENT_APPROVE = "settlement.approve"
    SETTLEMENT_PAY = "settlement.pay"
    BATCH_DRAW = "batch.draw"
    CALENDAR_LOAD = "calendar.load"
    WORK_CONTROL = "work.control"
    WORK_RESOLVE = "work.resolve"
    EVENT_RESOLVE = "event.resolve"


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may: parties of these kinds, accounts with this duty.

    ``apart_from``: acts on the same subject (or one it rests on) that the same natural person must not have done.
    ``not_of``: kinds of party the person must not belong to through any account.
    """

    id: str
    kinds: frozenset[PartyKind]
    duty: Duty
    apart_from: frozenset[Act] = frozenset()
    not_of: frozenset[PartyKind] = frozenset()


def _rule(
    id_: str, kinds: set[PartyKind], duty: Duty, *apart_from: Act, not_of: frozenset[PartyKind] = frozenset()
) -> Rule:
    return Rule(id_, frozenset(kinds), duty, frozenset(apart_from), not_of)


_BUREAU, _OPERATOR = {PartyKind.BUREAU}, {PartyKind.OPERATOR}
_AGENCY, _FINANCE = {PartyKind.AGENCY}, {PartyKind.FINANCE}
_RUNNING = frozenset({PartyKind.OPERATOR})
_RUNNING_OR_USING = frozenset({PartyKind.OPERATOR, PartyKind.AGENCY})
_RUNNING_OR_JUDGING = frozenset({PartyKind.OPERATOR, PartyKind.BUREAU})

RULES: dict[Act, Rule] = {
    Act.CLOCK_SET: _rule("R01", _BUREAU | _OPERATOR, Duty.DRAFT),
    Act.CONTRACT_RECORD: _rule("R02", _BUREAU, Duty.DRAFT, not_of=_RUNNING),
    Act.CATALOGUE_PUBLISH: _rule("R03", _BUREAU, Duty.PUBLISH, not_of=_RUNNING),
    Act.PRICE_DRAFT: _rule("R04", _BUREAU | _OPERATOR, Duty.DRAFT),
    Act.PRICE_PUBLISH: _rule("R05", _BUREAU, Duty.PUBLISH, Act.PRICE_DRAFT, not_of=_RUNNING),
    Act.ROOM_IMPORT: _rule("R06", _OPERATOR, Duty.OPERATE),
    Act.SYSTEMS_CONFIRM: _rule("R07", _OPERATOR, Duty.OPERATE),
    Act.REQUEST_CREATE: _rule("R08", _AGENCY, Duty.REQUEST),
    Act.REQUEST_APPROVE: _rule("R09", _BUREAU, Duty.APPROVE, Act.REQUEST_CREATE, not_of=_RUNNING_OR_USING),
    Act.REQUEST_REJECT: _rule("R10", _BUREAU, Duty.APPROVE, Act.REQUEST_CREATE, not_of=_RUNNING_OR_USING),
    Act.PLAN_CREATE: _rule("R11", _OPERATOR, Duty.OPERATE, Act.REQUEST_APPROVE),
    Act.PLAN_APPROVE: _rule(
        "R12", _OPERATOR, Duty.APPROVE, Act.REQUEST_CREATE, Act.REQUEST_APPROVE, Act.PLAN_CREATE, Act.PLAN_APPLY
    ),
    Act.PLAN_APPLY: _rule("R13", _OPERATOR, Duty.OPERATE, Act.PLAN_APPROVE, Act.REQUEST_APPROVE),
    Act.RUNBOOK_RUN: _rule("R14", _OPERATOR, Duty.OPERATE),
    Act.USAGE_COLLECT: _rule("R15", _OPERATOR, Duty.OPERATE),
    Act.DAY_CLOSE: _rule("R16", _OPERATOR, Duty.SETTLE),
    Act.EVIDENCE_IMPORT: _rule("R17", _BUREAU | _OPERATOR, Duty.OPERATE),
    Act.ITEM_RECORD: _rule("R18", _OPERATOR, Duty.SETTLE),
    Act.ITEM_ACCEPT: _rule("R19", _AGENCY, Duty.CONFIRM, Act.ITEM_RECORD, not_of=_RUNNING),
    Act.GRADE_DRAFT: _rule("R20", _BUREAU, Duty.DRAFT, not_of=_RUNNING),
    Act.GRADE_PUBLISH: _rule("R21", _BUREAU, Duty.PUBLISH, Act.GRADE_DRAFT, not_of=_RUNNING),
    Act.STATEMENT_ISSUE: _rule("R22", _OPERATOR, Duty.SETTLE),
    Act.STATEMENT_CONFIRM: _rule("R23", _AGENCY, Duty.CONFIRM, Act.STATEMENT_ISSUE, not_of=_RUNNING),
    Act.STATEMENT_DISPUTE: _rule("R24", _AGENCY, Duty.CONFIRM, Act.STATEMENT_ISSUE, not_of=_RUNNING),
    Act.SETTLEMENT_DRAFT: _rule("R25", _OPERATOR, Duty.SETTLE),
    Act.SETTLEMENT_SUBMIT: _rule("R26", _OPERATOR, Duty.SETTLE),
    Act.SETTLEMENT_ACCEPT: _rule(
        "R27", _BUREAU, Duty.APPROVE, Act.SETTLEMENT_DRAFT, Act.SETTLEMENT_SUBMIT, not_of=_RUNNING
    ),
    Act.SETTLEMENT_REVIEW: _rule(
        "R28",
        _FINANCE,
        Duty.REVIEW,
        Act.SETTLEMENT_DRAFT,
        Act.SETTLEMENT_SUBMIT,
        Act.SETTLEMENT_ACCEPT,
        not_of=_RUNNING_OR_JUDGING,
    ),
    Act.SETTLEMENT_RETURN: _rule(
        "R29", _FINANCE, Duty.REVIEW, Act.SETTLEMENT_DRAFT, Act.SETTLEMENT_SUBMIT, not_of=_RUNNING_OR_JUDGING
    ),
    Act.SETTLEMENT_APPROVE: _rule(
        "R30",
        _FINANCE,
        Duty.APPROVE,
        Act.SETTLEMENT_DRAFT,
        Act.SETTLEMENT_SUBMIT,
        Act.SETTLEMENT_ACCEPT,
        Act.SETTLEMENT_REVIEW,
        not_of=_RUNNING_OR_JUDGING,
    ),
    Act.SETTLEMENT_PAY: _rule("R31", _FINANCE, Duty.PAY, Act.SETTLEMENT_DRAFT, Act.SETTLEMENT_SUBMIT, not_of=_RUNNING),
    Act.BATCH_DRAW: _rule("R32", _OPERATOR, Duty.OPERATE),
    Act.CALENDAR_LOAD: _rule("R33", _BUREAU, Duty.PUBLISH, not_of=_RUNNING),
    Act.WORK_CONTROL: _rule("R34", _OPERATOR, Duty.OPERATE),
    Act.WORK_RESOLVE: _rule("R35", _OPERATOR, Duty.OPERATE),
    Act.EVENT_RESOLVE: _rule("R36", _OPERATOR, Duty.OPERATE),
}
