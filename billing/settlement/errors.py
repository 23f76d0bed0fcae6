"""Why a settlement does not go on.

SettlementError
├── StatementsOutstanding   statements of the month are missing or not yet confirmed
├── NoCoefficient           no grade for the month and no earlier coefficient
├── CeilingExceeded         it would pass the contract's ceiling
├── NoSettlement            there is none with that id for this reader
├── DigestDiffers           the act names another digest than the frozen one
├── WrongState              the act does not fit the state
├── DraftOutdated           what the draft was computed from has changed since
└── RestsOnNothing          something a recorded settlement names is not in the records
"""

from __future__ import annotations

from billing.errors import BillingError


class SettlementError(BillingError):
    """Base of this room's errors."""

    code = "billing.settlement.error"


class StatementsOutstanding(SettlementError):
    """``statements``: the ids that are missing or not confirmed, of ``month``."""

    code = "billing.settlement.statements-outstanding"
    exit_status = 2
    zh = "{month} 的使用确认单尚未齐备:{statements}"
    en = "usage statements of {month} are missing or not yet confirmed: {statements}"


class NoCoefficient(SettlementError):
    """``month`` of ``contract`` has no published grade, and no month before it had a coefficient."""

    code = "billing.settlement.no-coefficient"
    exit_status = 2
    zh = "合同 {contract} 的 {month} 没有已公布的考核得分,此前也没有质量系数可以暂用"
    en = "contract {contract} has no published grade for {month} and no earlier coefficient to use provisionally"


class CeilingExceeded(SettlementError):
    """``gross`` fen on top of ``before`` passes the ceiling of ``contract``."""

    code = "billing.settlement.ceiling-exceeded"
    exit_status = 6
    zh = "合同 {contract} 的上限为 {ceiling} 元:此前已结算 {before} 元,本期 {gross} 元超出上限"
    en = "contract {contract} has a ceiling of {ceiling} yuan: {before} settled before, {gross} now would pass it"


class NoSettlement(SettlementError):
    """``settlement`` does not exist, or is outside the asker's scope."""

    code = "billing.settlement.none"
    exit_status = 2
    zh = "没有结算单 {settlement}"
    en = "there is no settlement {settlement}"


class DigestDiffers(SettlementError):
    """The act on ``settlement`` named ``found``; the frozen version has ``expected``."""

    code = "billing.settlement.digest-differs"
    exit_status = 6
    zh = "结算单 {settlement} 的摘要为 {expected},不是 {found}:内容已不同,请重新核对"
    en = "settlement {settlement} has the digest {expected}, not {found}: look at it again before you decide"


class WrongState(SettlementError):
    """``act`` does not fit the state ``found`` of ``settlement``; it needs ``expected``."""

    code = "billing.settlement.wrong-state"
    exit_status = 6
    zh = "结算单 {settlement} 处于 {found},{act} 需要 {expected}"
    en = "settlement {settlement} is {found}; {act} needs {expected}"


class DraftOutdated(SettlementError):
    """The draft of ``settlement`` no longer is what its inputs come to."""

    code = "billing.settlement.draft-outdated"
    exit_status = 6
    zh = "结算单 {settlement} 的草稿已过时(依据有变),请重新生成草稿"
    en = "the draft of settlement {settlement} is outdated: what it rests on has changed, draft it again"


class RestsOnNothing(SettlementError):
    """``settlement`` names ``what``, which the records do not have."""

    code = "billing.settlement.rests-on-nothing"
    exit_status = 3
    zh = "结算单 {settlement} 依据的 {what} 在记录中不存在"
    en = "settlement {settlement} rests on {what}, which is not in the records"
