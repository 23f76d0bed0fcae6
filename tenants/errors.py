"""Why tenants' rooms say no, besides a rule's refusal (``governance.errors.Refused``).

TenantsError
├── InvalidRequest       findings in a request
├── RequestDecided       it was decided otherwise before
├── RequestUnfit         the request is in a state which the act does not fit
├── DeploymentMissing    delivered is only what a deployment has built
├── RequestPending       another request on the same thing is not through yet
├── EnvironmentState     the environment is in a state which the request does not fit
├── AddressTaken         a CIDR block overlaps another environment's
├── AddressOutOfZone     a CIDR block lies in a pool of another zone or level
├── InvalidAddresses     findings in pools or in imported networks
├── AddressesUsedUp      no block of that size is left in the pool
├── QuotaExceeded        a quota or budget does not hold what is asked
├── InvalidQuotas        findings in a document of quotas
├── NothingReserved      nothing is reserved for the subject that is to hold
├── UnknownPlan          the register is told of a plan no service offers
├── InvalidNeed          findings in a need or a proposal
├── NeedUnfit            the need is in a state which the act does not fit
├── NeedUnconcluded      likely duplicates wait for a conclusion
├── RoundClosed          the round takes no need now
├── TemporaryUnfit       the urgent path does not fit the need
├── InvalidDatasets      findings in a file of datasets
├── DatasetUnfit         the dataset is in a state which the act does not fit
├── GradingUnfit         grades do not match the dataset's items
├── NotShared            a sharing condition or a list holds the dataset back
├── InvalidGrant         what is asked of a dataset or service is more than it offers
├── GrantUnfit           the grant is in a state which the act does not fit
├── CorrectionUnfit      an entry of the register cannot be corrected so
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


class RequestUnfit(TenantsError):
    """``number`` is ``state``; the act ``move`` does not fit."""

    code = "tenants.request-unfit"
    exit_status = 3
    zh = "申请 {number} 的状态为{state_zh},不能执行 {move}"
    en = "request {number} is {state_en}: to {move} does not fit"


class DeploymentMissing(TenantsError):
    """What was decided in ``number`` does not run in ``environment``."""

    code = "tenants.deployment-missing"
    exit_status = 3
    zh = "环境 {environment} 尚未按申请 {number} 部署完毕,部署结束即为交付"
    en = "environment {environment} does not run what request {number} granted: the deployment's end delivers it"


class RequestPending(TenantsError):
    """``environment`` (or the request that asked for service items first) waits for what is asked by ``number``."""

    code = "tenants.request-pending"
    exit_status = 3
    zh = "{environment} 的申请 {number} 尚未办结,请先等其办结"
    en = "request {number} on {environment} is not through yet: wait for that first"


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


class AddressOutOfZone(TenantsError):
    """``block`` lies in ``pool``, which is for ``zone`` and ``protection``."""

    code = "tenants.address-out-of-zone"
    exit_status = 2
    zh = "地址段 {block} 属于地址池 {pool}({zone},{protection}),不能用于此环境"
    en = "address block {block} lies in pool {pool}, which is for {zone}, {protection}"


class InvalidAddresses(TenantsError):
    """``count`` findings (the sequence ``findings``); the first reads ``first_zh``, ``first_en``."""

    code = "tenants.invalid-addresses"
    exit_status = 2
    zh = "地址规划有 {count} 处不合要求,第一处:{first_zh}"
    en = "{count} findings in the addresses, the first: {first_en}"


class AddressesUsedUp(TenantsError):
    """``pool`` has no free block of length ``prefix``."""

    code = "tenants.addresses-used-up"
    zh = "地址池 {pool} 已无可用的 /{prefix} 地址段"
    en = "address pool {pool} has no free /{prefix} block left"


class QuotaExceeded(TenantsError):
    """``quota`` (``quota_zh``, ``quota_en``) allows ``limit``; ``asked`` more does not fit beside what is used.

    ``by`` names the asking agency's own subjects that take from it; ``exceeded`` holds every quota that is too small.
    """

    code = "tenants.quota-exceeded"
    exit_status = 3
    zh = "超出配额“{quota_zh}”:上限 {limit},{used_zh}(本单位:{by}),再申请 {asked} 放不下"
    en = "over the quota {quota_en}: limit {limit}, {used_en} (your own: {by}); {asked} more does not fit"


class InvalidQuotas(TenantsError):
    """``count`` findings (the sequence ``findings``); the first reads ``first_zh``, ``first_en``."""

    code = "tenants.invalid-quotas"
    exit_status = 2
    zh = "配额文件有 {count} 处不合要求,第一处:{first_zh}"
    en = "{count} findings in the quotas, the first: {first_en}"


class NothingReserved(TenantsError):
    """``subject`` reserved nothing, or gave it back."""

    code = "tenants.nothing-reserved"
    exit_status = 3
    zh = "{subject} 没有预留任何配额"
    en = "nothing is reserved for {subject}"


class UnknownPlan(TenantsError):
    """``plan`` of ``resource`` is in no service of the catalogue."""

    code = "tenants.unknown-plan"
    zh = "目录中没有规格 {plan}(资源 {resource})"
    en = "no service of the catalogue offers the plan {plan} of resource {resource}"


class CorrectionUnfit(TenantsError):
    """Entry ``record`` cannot be corrected so: ``because_zh``, ``because_en``."""

    code = "tenants.correction-unfit"
    exit_status = 3
    zh = "台账记录 {record} 不能这样更正:{because_zh}"
    en = "entry {record} of the register cannot be corrected so: {because_en}"


class RegisterOutOfOrder(TenantsError):
    """``resource`` was opened at ``opened``, after ``instant``."""

    code = "tenants.register-out-of-order"
    zh = "台账中 {resource} 开通于 {opened},晚于 {instant}:事件次序有误"
    en = "the register opened {resource} at {opened}, after {instant}: events out of order"


class InvalidNeed(TenantsError):
    """``count`` findings (the sequence ``findings``); the first reads ``first_zh``, ``first_en``."""

    code = "tenants.invalid-need"
    exit_status = 2
    zh = "需求有 {count} 处不合要求,第一处:{first_zh}"
    en = "{count} findings in the need, the first: {first_en}"


class NeedUnfit(TenantsError):
    """``number`` is in a state in which this cannot be done; ``what_zh`` and ``what_en`` say what."""

    code = "tenants.need-unfit"
    exit_status = 3
    zh = "需求 {number} 的状态为{state_zh},不能{what_zh}"
    en = "need {number} is {state_en}: one cannot {what_en}"


class NeedUnconcluded(TenantsError):
    """``count`` likely duplicates of ``number`` wait for a conclusion."""

    code = "tenants.need-unconcluded"
    exit_status = 3
    zh = "需求 {number} 有 {count} 项疑似重复尚无结论,不能批准:guanyun need likenesses {number}"
    en = "need {number} has {count} likely duplicates without a conclusion: guanyun need likenesses {number}"


class RoundClosed(TenantsError):
    """No need may join round ``id`` now."""

    code = "tenants.round-closed"
    exit_status = 3
    zh = "征集批次 {id} 此时不接受报入"
    en = "round {id} takes no need at this time"


class TemporaryUnfit(TenantsError):
    """What was to be allowed meanwhile on ``number`` does not fit: ``because_zh``, ``because_en``."""

    code = "tenants.temporary-unfit"
    exit_status = 3
    zh = "需求 {number} 的急用先行不能办理:{because_zh}"
    en = "the urgent path of need {number}: {because_en}"


class InvalidDatasets(TenantsError):
    """``count`` findings (the sequence ``findings``); the first reads ``first_zh``, ``first_en``."""

    code = "tenants.invalid-datasets"
    exit_status = 2
    zh = "数据目录有 {count} 处不合要求,第一处:{first_zh}"
    en = "{count} findings in the datasets, the first: {first_en}"


class DatasetUnfit(TenantsError):
    """``dataset`` is ``state``, from which this act does not lead on."""

    code = "tenants.dataset-unfit"
    exit_status = 3
    zh = "数据集 {dataset} 的状态为{state_zh},不能作此处理"
    en = "the dataset {dataset} is {state_en}: this cannot be done now"


class GradingUnfit(TenantsError):
    """``items`` of ``dataset`` are graded wrongly."""

    code = "tenants.grading-unfit"
    exit_status = 2
    zh = "数据集 {dataset} 的分级不合要求:{items} {because_zh}"
    en = "the grades of dataset {dataset} do not fit: {items} {because_en}"


class NotShared(TenantsError):
    """``dataset`` is held back."""

    code = "tenants.not-shared"
    exit_status = 6
    zh = "数据集 {dataset} 不得共享:{because_zh}"
    en = "the dataset {dataset} is held back: {because_en}"


class InvalidGrant(TenantsError):
    """What is asked in ``field`` is not on offer."""

    code = "tenants.invalid-grant"
    exit_status = 2
    zh = "申请不合要求:{field}:{because_zh}"
    en = "the application does not fit: {field}: {because_en}"


class GrantUnfit(TenantsError):
    """``grant`` is ``state``, from which this act does not lead on."""

    code = "tenants.grant-unfit"
    exit_status = 3
    zh = "授权 {grant} 的状态为{state_zh},不能作此处理"
    en = "the grant {grant} is {state_en}: this cannot be done now"
