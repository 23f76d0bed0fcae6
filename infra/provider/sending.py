"""What an answer of the cloud means: whether to try again, whether it was carried out, and how to say it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    CredentialRetrievalError,
    EndpointConnectionError,
    HTTPClientError,
    NoCredentialsError,
    PartialCredentialsError,
)
from botocore.parsers import ResponseParserError

from infra.provider.errors import (
    AnswerLost,
    CloudBroken,
    CloudRefused,
    CloudSilent,
    CredentialsRefused,
    ProviderError,
    QuotaReached,
    UnsupportedHere,
)

BUSY_SECONDS = 120.0
"""How long a cloud that answers "not now" is asked again."""
SILENT_SECONDS = 15.0
"""How long a cloud that cannot be reached is tried."""

_THROTTLED = frozenset(
    {
        "BandwidthLimitExceeded",
        "ConcurrentModification",
        "ConcurrentModificationException",
        "EC2ThrottledException",
        "LimitExceededForConcurrentOperations",
        "OperationAborted",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequests",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)
NOT_ACCEPTED = frozenset(
    {
        "AuthFailure",
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidSecurity",
        "InvalidToken",
        "MissingAuthenticationToken",
        "RequestExpired",
        "SignatureDoesNotMatch",
        "TokenRefreshRequired",
        "UnrecognizedClientException",
    }
)
_LACKING = frozenset(
    {
        "ActionNotFound",
        "InvalidAction",
        "NotImplemented",
        "UnknownAction",
        "UnknownOperation",
        "UnknownOperationException",
        "UnsupportedOperationException",
    }
)
_QUOTA = re.compile(r"(Limit|Quota)Exceeded(Exception|Fault)?$|^TooMany[A-Z]|^MaxSpotInstanceCountExceeded$")
"""How the services call it when they give no more of something; throttling has been told apart before."""
_LACKING_SAYS = re.compile(
    r"not (yet )?(been )?implemented|unknown (action|operation)|requested url was not found on the server",
    re.IGNORECASE,
)
_BROKEN_SAYS = re.compile(r"<html.*internal server error", re.IGNORECASE | re.DOTALL)
"""A web page where an answer should be: a program behind the address failed, and will again."""
_REPEATABLE = re.compile(
    r"BatchGet|Describe|Get|Head|List|Lookup|Search|Simulate|Delete|Terminate|Put|Modify|Create(Tags)$|Tag|Untag|Attach(Role)|Detach|Revoke|Stop|Start"
    r"|Update|Disassociate|Deregister|Register|Enable|Disable|Set|Add|Remove|Release|Replace|Schedule|Cancel|Restore"
)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What happened; ``patience`` is for how many seconds, since the first attempt, it may be tried again."""

    failure: ProviderError
    patience: float = 0.0


def may_repeat(operation: str) -> bool:
    """Whether an operation whose answer was lost may be sent again without doing anything twice."""
    return _REPEATABLE.match(operation) is not None


def reads(operation: str) -> bool:
    """Whether an operation changes nothing."""
    return operation.startswith(("BatchGet", "Describe", "Get", "Head", "List", "Lookup", "Search"))


def judge(service: str, operation: str, cause: Exception) -> Judgement:
    """From botocore's exception."""
    if isinstance(cause, ClientError):
        return _judge_answer(service, operation, cause)
    if isinstance(cause, EndpointConnectionError | ConnectTimeoutError):
        return Judgement(CloudSilent(operation=operation, message=str(cause)), SILENT_SECONDS)
    if isinstance(cause, HTTPClientError | ResponseParserError):
        failure = AnswerLost(operation=operation, message=str(cause))
        return Judgement(failure, _patience(str(cause)) if may_repeat(operation) else 0.0)
    if isinstance(cause, NoCredentialsError | PartialCredentialsError | CredentialRetrievalError):
        return Judgement(CredentialsRefused(operation=operation, reason=type(cause).__name__, message=str(cause)))
    # A parameter that the service's model does not know, a refresh of credentials that failed, …: never sent.
    reason = type(cause).__name__ if isinstance(cause, BotoCoreError) else "?"
    return Judgement(CloudRefused(operation=operation, reason=reason, message=str(cause)))


def _judge_answer(service: str, operation: str, cause: ClientError) -> Judgement:
    error = cause.response.get("Error", {})
    reason, message = str(error.get("Code", "?")), str(error.get("Message", ""))
    status = int(cause.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    if reason in _THROTTLED or status == 429:
        return Judgement(CloudBroken(operation=operation, reason=reason, message=message), BUSY_SECONDS)
    if reason in _LACKING or (status in (404, 500, 501) and _LACKING_SAYS.search(f"{reason} {message}")):
        return Judgement(UnsupportedHere(kind=service, operation=operation))
    if reason in NOT_ACCEPTED:
        return Judgement(CredentialsRefused(operation=operation, reason=reason, message=message))
    if status >= 500:
        if may_repeat(operation):
            return Judgement(CloudBroken(operation=operation, reason=reason, message=message), _patience(message))
        return Judgement(AnswerLost(operation=operation, message=f"{reason} {message}"))
    refused = QuotaReached if _QUOTA.search(reason) else CloudRefused
    return Judgement(refused(operation=operation, reason=reason, message=message))


def _patience(message: str) -> float:
    return SILENT_SECONDS if _BROKEN_SAYS.search(message) else BUSY_SECONDS
