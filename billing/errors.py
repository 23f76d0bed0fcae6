"""Why billing says no.

BillingError
├── InvalidRecord          a usage record that cannot be stored
├── OverlappingHoldings    the register holds one resource twice at the same time
├── OverlappingPrices      two price versions of one meter hold at the same time
├── KindNotRated           use of a meter of a kind that cannot be rated yet
├── DaysNotClosed          the month has days that are not closed, or closed before a price change was known
├── PriceGap               use in a part of the month for which a priced meter has no price
├── BatchMissing           a file the batch ledger names is not there or is another one
├── UnknownStatement       no such statement in the asker's scope
├── WrongState             the statement's state does not allow this
├── OtherDigest            the act names a digest that is not the statement's
├── UnknownLines           a dispute names lines the statement does not have
└── NotDue                 the days of silence have not passed, or cannot be counted yet
"""

from __future__ import annotations

from foundation.values.errors import GuanyunError


class BillingError(GuanyunError):
    """Base of this package's errors."""

    code = "billing.error"


class InvalidRecord(BillingError):
    """``key``: the record; ``field`` and ``found``: what is wrong in it."""

    code = "billing.invalid-record"
    exit_status = 2
    zh = "计量记录 {key} 的 {field} 不合要求:{found}"
    en = "usage record {key}: {field} cannot be {found}"


class OverlappingHoldings(BillingError):
    """``resource`` of ``agency`` is open twice at ``instant``."""

    code = "billing.overlapping-holdings"
    zh = "台账中 {agency} 的资源 {resource} 在 {instant} 同时有两条记录:请先更正台账"
    en = "the register holds resource {resource} of {agency} twice at {instant}: correct the register first"


class OverlappingPrices(BillingError):
    """``first`` and ``second`` price ``service``/``meter`` at the same time."""

    code = "billing.overlapping-prices"
    zh = "{service}/{meter} 的价格版本 {first} 与 {second} 有效期重叠:请先终止其一"
    en = "price versions {first} and {second} of {service}/{meter} overlap: end one of them first"


class KindNotRated(BillingError):
    """``resource`` has use of ``service``/``meter``, whose ``kind`` is not the sum of its records."""

    code = "billing.kind-not-rated"
    zh = "资源 {resource} 有计量项 {service}/{meter} 的用量,其类型为{kind_zh}({kind}),计费尚不能按此计算,不得相加"
    en = "{resource} has use of {service}/{meter} of kind {kind}, which billing cannot rate yet and never adds up"


class DaysNotClosed(BillingError):
    """``count`` days of ``month`` must be closed (again); the first is ``first``."""

    code = "billing.days-not-closed"
    zh = "{month} 还有 {count} 天未日结(或日结后价格边界有变),第一天是 {first}:请先运行日结"
    en = "{month} has {count} days not closed (or a price change came after), the first {first}: close them"


class PriceGap(BillingError):
    """Use of ``service``/``meter`` falls where no price version holds; ``resource`` is the first concerned."""

    code = "billing.price-gap"
    zh = "{service}/{meter} 在本月的一段时间没有价格(例如资源 {resource}):请先发布价格"
    en = "{service}/{meter} has no price for a part of the month (resource {resource}, for one): publish a price first"


class BatchMissing(BillingError):
    """``file`` is not what the ledger says."""

    code = "billing.batch-missing"
    exit_status = 4
    zh = "用量库文件 {file} 不存在或与账本不符"
    en = "usage store file {file} is missing or is not the one in the ledger"


class UnknownStatement(BillingError):
    """No statement ``id`` that the asker may see."""

    code = "billing.unknown-statement"
    exit_status = 2
    zh = "没有使用确认单 {id}"
    en = "there is no usage statement {id}"


class WrongState(BillingError):
    """``id`` is ``state``; the act needs ``expected``."""

    code = "billing.wrong-state"
    zh = "{id} 的状态是 {state},此操作需要 {expected}"
    en = "{id} is {state}; this needs {expected}"


class OtherDigest(BillingError):
    """The act was bound to ``given``, the statement ``id`` has ``found``."""

    code = "billing.other-digest"
    zh = "{id} 的摘要是 {found},不是 {given}:内容已变,请重新查看"
    en = "{id} has digest {found}, not {given}: its content changed, look at it again"


class UnknownLines(BillingError):
    """``lines`` are no lines of ``id``."""

    code = "billing.unknown-lines"
    exit_status = 2
    zh = "{id} 没有这些行:{lines}"
    en = "{id} has no such lines: {lines}"


class NotDue(BillingError):
    """``id`` can be deemed confirmed from ``deadline`` (a day, or ``awaiting the calendar of YEAR``)."""

    code = "billing.not-due"
    zh = "{id} 还不能视同确认:期限 {deadline}"
    en = "{id} cannot be deemed confirmed yet: deadline {deadline}"
