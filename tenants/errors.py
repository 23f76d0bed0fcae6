"""Why tenants' rooms say no, besides a rule's refusal (``governance.errors.Refused``).

TenantsError
├── InvalidRequest       findings in a request
├── RequestDecided       it was decided otherwise before
├── RequestPending       another request on the environment waits for its decision
├── EnvironmentState     the environment is in a state which the request does not fit
├── AddressTaken         a CIDR block overlaps another environment's
├── AddressesUsedUp      no block of that size is left in the pool
├── UnknownPlan          the register is told of a plan no service offers
└── RegisterOutOfOrder   an event from before the register's newest entry
"""

from __future__ import annotations

from foundation.values.errors import GuanyunError


class TenantsError(GuanyunError):
    """Base of this package's errors."""

    code = "tenants.error"


class InvalidRequest(TenantsError):
    """``count`` findings (the sequence ``findings``); the first reads ``first_zh``, ``first_en``."""

    code = "tenants.invalid-request"
    exit_status = 2
    zh = "申请有 {count} 处不合要求,第一处:{first_zh}"
    en = "{count} findings in the request, the first: {first_en}"


class RequestDecided(TenantsError):
    """``number`` is already ``state``."""

    code = "tenants.request-decided"
    exit_status = 3
    zh = "申请 {number} 已有决定:{state_zh}"
    en = "request {number} was already decided: {state_en}"


class RequestPending(TenantsError):
    """``environment`` waits for the decision on ``number``."""

    code = "tenants.request-pending"
    exit_status = 3
    zh = "环境 {environment} 的申请 {number} 尚未决定,请先等其决定"
    en = "request {number} on environment {environment} is not decided yet: wait for that first"


class EnvironmentState(TenantsError):
    """``environment`` is ``state``; a request of kind ``kind`` does not fit."""

    code = "tenants.environment-state"
    exit_status = 3
    zh = "环境 {environment} 的状态为{state_zh},不能提出{kind_zh}申请"
    en = "environment {environment} is {state_en}: a request to {kind_en} it does not fit"


class AddressTaken(TenantsError):
    """``block`` for ``environment`` overlaps a block of another environment."""

    code = "tenants.address-taken"
    exit_status = 2
    zh = "环境 {environment} 的地址段 {block} 与其他环境重叠:请由地址规划分配"
    en = "address block {block} of environment {environment} overlaps another environment's: let it be allotted"


class AddressesUsedUp(TenantsError):
    """``pool`` has no free block of length ``prefix``."""

    code = "tenants.addresses-used-up"
    zh = "地址池 {pool} 已无可用的 /{prefix} 地址段"
    en = "address pool {pool} has no free /{prefix} block left"


class UnknownPlan(TenantsError):
    """``plan`` of ``resource`` is in no service of the catalogue."""

    code = "tenants.unknown-plan"
    zh = "目录中没有规格 {plan}(资源 {resource})"
    en = "no service of the catalogue offers the plan {plan} of resource {resource}"


class RegisterOutOfOrder(TenantsError):
    """``resource`` was opened at ``opened``, after ``instant``."""

    code = "tenants.register-out-of-order"
    zh = "台账中 {resource} 开通于 {opened},晚于 {instant}:事件次序有误"
    en = "the register opened {resource} at {opened}, after {instant}: events out of order"
