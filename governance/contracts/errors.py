"""Why a contract says no.

GovernanceError
├── LineUsedUp            more than a contract line holds
├── CeilingReached        more than the contract's ceiling
├── ContractTermOver      outside the contract's term
├── NotInContract         a service that no line of the contract buys
├── AmendmentUnfit        a supplementary agreement that does not fit the contract
└── NoAmendment           nothing is drafted that could be signed
"""

from __future__ import annotations

from governance.errors import GovernanceError


class LineUsedUp(GovernanceError):
    """``line`` has ``remaining`` left, in yuan; ``wanted`` is more."""

    code = "contracts.line-used-up"
    exit_status = 5
    zh = "合同明细 {line} 余额 {remaining} 元,不足 {wanted} 元"
    en = "the contract line {line} has {remaining} yuan left, not {wanted}"


class CeilingReached(GovernanceError):
    """Of ``ceiling``, ``committed`` is promised or used already, in yuan; ``wanted`` more would exceed it."""

    code = "contracts.ceiling-reached"
    exit_status = 5
    zh = "合同 {contract} 上限 {ceiling} 元,已占用 {committed} 元,再占用 {wanted} 元将超出上限"
    en = "contract {contract}: {committed} of {ceiling} yuan are committed, {wanted} more would exceed the ceiling"


class ContractTermOver(GovernanceError):
    """Nothing is promised under ``contract`` outside its term."""

    code = "contracts.term-over"
    exit_status = 5
    zh = "不在合同 {contract} 的合同期内"
    en = "outside the term of the contract {contract}"


class NotInContract(GovernanceError):
    """No line of ``contract`` buys ``service``."""

    code = "contracts.not-in-contract"
    exit_status = 5
    zh = "合同 {contract} 没有购买服务 {service}"
    en = "the contract {contract} does not buy the service {service}"


class AmendmentUnfit(GovernanceError):
    """``because_zh`` and ``because_en`` say why the agreement does not fit ``contract``."""

    code = "contracts.amendment-unfit"
    exit_status = 2
    zh = "补充协议与合同 {contract} 不符:{because_zh}"
    en = "the supplementary agreement does not fit the contract {contract}: {because_en}"


class NoAmendment(GovernanceError):
    """Nothing is drafted for ``contract``."""

    code = "contracts.no-amendment"
    exit_status = 2
    zh = "合同 {contract} 没有待签署的补充协议"
    en = "no supplementary agreement of the contract {contract} waits to be signed"
