"""``guanyun:cloud:Account``: an account of the organisation. Making one takes minutes; it is closed, never deleted.

The cloud lets nobody use an email twice: a create with one that is taken fails and says so. A closed account stays in
the organisation for 90 days, moved to ``closed_parent_id`` where given.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

from infra.provider.context import Context
from infra.provider.errors import CloudRefused, TookTooLong
from infra.provider.kind import Call, Change, Kind, Plain, Properties, Property, Shape
from infra.provider.kinds.listing import Row, owned
from infra.provider.kinds.organizing import in_use, root_of, tags_of
from infra.provider.kinds.tagging import retagging

_GONE = ("AccountNotFoundException", "AWSOrganizationsNotInUseException")
_PAUSE = 5.0
_SECONDS = 1800.0
_CLOSED = ("SUSPENDED", "PENDING_CLOSURE")


def _same_email(old: Plain, new: Plain) -> bool:
    return str(old).lower() == str(new).lower()


def _other_email(old: Plain, new: Plain) -> bool:
    return not _same_email(old, new)


def _listed(context: Context) -> Iterator[dict[str, Plain]]:
    """Every account that is not closed."""
    for page in context.pages(Call("ListAccounts"), {}) if in_use(context) else ():
        yield from (one for one in page["Accounts"] if one["Status"] not in _CLOSED)


def _found(context: Context) -> Iterator[Row]:
    """One that is being made has no id yet, so it is waited for."""
    if in_use(context):
        for page in context.pages(Call("ListCreateAccountStatus", {"States": ["IN_PROGRESS"]}), {}):
            for status in page["CreateAccountStatuses"]:
                with contextlib.suppress(CloudRefused):  # one that fails is none
                    _made(context, status)
    return owned(context, ({"id": one["Id"], "tags": tags_of(context, one["Id"])} for one in _listed(context)))


def _made(context: Context, status: dict[str, Plain]) -> str:
    """Wait for an account that is being made."""
    deadline = time.monotonic() + _SECONDS
    while status["State"] == "IN_PROGRESS":
        if time.monotonic() > deadline:
            raise TookTooLong(kind=context.kind.short, id=status["AccountName"], wanted="SUCCEEDED")
        context.sleep(_PAUSE)
        status = context.send("DescribeCreateAccountStatus", CreateAccountRequestId=status["Id"])["CreateAccountStatus"]
    if status["State"] == "FAILED":
        raise CloudRefused(operation="CreateAccount", reason=status["FailureReason"], message=status["AccountName"])
    return str(status["AccountId"])


def _move(context: Context, identity: str, actual: Properties, desired: Properties) -> None:
    target = desired.get("parent_id") or root_of(context)
    if actual["parent_id"] != target:
        context.send("MoveAccount", AccountId=identity, SourceParentId=actual["parent_id"], DestinationParentId=target)


def _rename(context: Context, identity: str, _actual: Properties, desired: Properties) -> None:
    context.send_to("account", "PutAccountName", AccountId=identity, AccountName=desired["name"])


def _put_aside(context: Context, identity: str, state: Properties) -> None:
    """A unit with an account in it, closed or not, cannot be deleted."""
    view = context.view(identity) if state.get("closed_parent_id") else None
    if view is not None:
        parent = view["parented"]["Parents"][0]["Id"]
        _move(context, identity, {"parent_id": parent}, {"parent_id": state["closed_parent_id"]})


ACCOUNT = Kind(
    type_name="guanyun:cloud:Account",
    service="organizations",
    properties=(
        Property(
            "name",
            path="Name",
            required=True,
            pattern=r"[ -~]{1,50}",
            pattern_says=("应为 50 个以内的英文字符", "should be up to 50 ASCII characters"),
        ),
        Property(
            "email",
            path="Email",
            required=True,
            same=_same_email,
            replaces=_other_email,
            pattern=r"[^\s@]+@[^\s@]+\.[^\s@]+",
            pattern_says=("应为电子邮箱地址", "should be an email address"),
        ),
        Property("parent_id", path="parented.Parents[0].Id", offered=True),
        Property("role_name", default="guanyun-deployer", pattern=r"[\w+=,.@-]{1,64}"),
        Property("closed_parent_id"),
        Property("tags", Shape.TAGS, path="tagged", default={}),
    ),
    create=Call(
        "CreateAccount",
        {"AccountName": "$name", "Email": "$email", "RoleName": "$role_name", "Tags": "$tags"},
    ),
    identity=lambda context, answer: _made(context, answer["CreateAccountStatus"]),
    describe=Call("DescribeAccount", {"AccountId": "$id"}, absent=_GONE),
    view_path="Account",
    looks={"parented": Call("ListParents", {"ChildId": "$id"}), "tagged": tags_of},
    dying="contains(['SUSPENDED', 'PENDING_CLOSURE'], Status)",
    gone="contains(['SUSPENDED', 'PENDING_CLOSURE'], Status)",
    changes=(
        retagging(
            Call("TagResource", {"ResourceId": "$id", "Tags": "$tags"}),
            Call("UntagResource", {"ResourceId": "$id", "TagKeys": "$surplus"}),
            properties=("name", "tags"),
        ),
        Change(("name",), step=_rename),
        Change(("parent_id",), step=_move),
    ),
    before_delete=_put_aside,
    delete=Call("CloseAccount", {"AccountId": "$id"}, absent=("AccountAlreadyClosedException", *_GONE)),
    sweep=_found,
    seconds=_SECONDS,
    outputs={"arn": "Arn", "account_id": "Id"},
)
