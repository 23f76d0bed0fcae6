"""Why an item is refused.

ItemError
├── InvalidItem          the item does not fit its service's kind
├── ItemFrozen           recorded before with another content
├── NotAnOutcome         only outcome items are accepted
└── AlreadyAccepted      accepted before with another share
"""

from __future__ import annotations

from billing.errors import BillingError


class ItemError(BillingError):
    """Base of this room's errors."""

    code = "billing.items.error"
    exit_status = 2


class InvalidItem(ItemError):
    """``item``: its field ``field`` was ``found``, ``expected`` was needed."""

    code = "billing.items.invalid"
    zh = "服务事项 {item} 的 {field}:得到 {found},应为 {expected}"
    en = "item {item}, {field}: found {found}, expected {expected}"


class ItemFrozen(ItemError):
    """``item`` stands already with another content."""

    code = "billing.items.frozen"
    zh = "服务事项 {item} 已登记,内容不同:已登记的不再改动,请另立一项"
    en = "item {item} is recorded with another content: a recorded item is not edited, record a new one"


class NotAnOutcome(ItemError):
    """``item`` is a service item, which is payable without acceptance."""

    code = "billing.items.not-an-outcome"
    zh = "{item} 不是服务成果,无须验收"
    en = "{item} is no outcome item: nothing is to be accepted"


class AlreadyAccepted(ItemError):
    """``item`` was accepted with the share ``found``."""

    code = "billing.items.already-accepted"
    zh = "{item} 已验收,比例 {found}"
    en = "{item} was accepted before, with the share {found}"
