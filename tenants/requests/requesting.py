"""Asking: an agency's request, checked, estimated and recorded in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from foundation.evidence import canonical_bytes, sha256_hex
from foundation.store import AlreadyThere
from foundation.values.findings import blocking
from foundation.values.instant import SHANGHAI
from governance.audit import AuditEvent
from governance.authority import Act, Mandate, Office, acting, machine_scope
from governance.catalogue import ServiceKind, services
from governance.contracts import systems
from governance.environments import EnvironmentSpec, spec_document
from tenants import errors
from tenants.environments import Environment, EnvironmentState, claim_block, find_environment
from tenants.environments.tables import read_environment, save_environment
from tenants.ports import Estimator
from tenants.requests.checks import check_spec
from tenants.requests.model import Estimate, Request, RequestKind, RequestState
from tenants.requests.tables import insert_request, newest_number, read_request, read_requests

_FITTING = {
    RequestKind.CREATE: {EnvironmentState.CLOSED},
    RequestKind.CHANGE: {EnvironmentState.APPROVED, EnvironmentState.DEPLOYED},
    RequestKind.TERMINATE: {EnvironmentState.APPROVED, EnvironmentState.DEPLOYED},
}
"""The states of an environment that is there in which each kind may be asked."""


def create_request(
    office: Office,
    token: str,
    *,
    kind: RequestKind,
    spec: EnvironmentSpec,
    estimator: Estimator,
    number: str = "",
) -> tuple[Request, bool]:
    """Ask for what ``spec`` says: the request, and whether this call made it.

    Without ``number`` one is allotted (``REQ-2026-0001``). The same request again gives back the first one.
    Raises ``Refused``, ``InvalidRequest``, ``AlreadyThere`` (the number with other content), ``EnvironmentState``,
    ``RequestPending``, ``AddressTaken``.
    """
    with acting(office, token, Act.REQUEST_CREATE, f"environment:{spec.environment}") as mandate:
        return _create(mandate, kind, spec, estimator, number)


def request_termination(
    office: Office, token: str, environment: str, *, estimator: Estimator, number: str = ""
) -> tuple[Request, bool]:
    """Ask that an environment be ended and everything in it deleted; shapes and errors as ``create_request``."""
    with acting(office, token, Act.REQUEST_CREATE, f"environment:{environment}") as mandate:
        found = find_environment(mandate.transaction, mandate.scope, environment)
        if found.spec is None:
            raise _unfit(found, RequestKind.TERMINATE)
        return _create(mandate, RequestKind.TERMINATE, found.spec, estimator, number)


def _create(
    mandate: Mandate, kind: RequestKind, spec: EnvironmentSpec, estimator: Estimator, number: str
) -> tuple[Request, bool]:
    transaction, subject = mandate.transaction, f"environment:{spec.environment}"
    if mandate.actor.party != spec.agency:
        raise mandate.refuse(
            "T01",
            subject,
            f"申请单位 {spec.agency} 不是你代表的单位",
            f"the spec's agency {spec.agency} is not the one you act for",
        )
    digest = sha256_hex(canonical_bytes(spec_document(spec)))
    again = _same_request(mandate, kind, spec, digest, number)
    if again is not None:
        return again, False
    record = _environment_for(mandate, kind, spec)
    _check(mandate, spec)
    claim_block(transaction, spec.cidr, environment=spec.environment, agency=spec.agency)
    # Ending an environment costs nothing more: an estimate of what runs would approve a price nobody pays.
    monthly, breakdown = (0, ()) if kind is RequestKind.TERMINATE else estimator(transaction, spec, mandate.now)
    request = Request(
        number=number or _next_number(mandate),
        kind=kind,
        agency=spec.agency,
        system=spec.system,
        environment=spec.environment,
        spec=spec,
        spec_digest=digest,
        estimate=Estimate(monthly, tuple(breakdown)),
        original=_original(record, kind),
        requested=spec_document(spec),
        decided=None,
        state=RequestState.REQUESTED,
        reason="",
        requested_at=mandate.now,
        decided_at=None,
    )
    insert_request(transaction, request)
    if kind is RequestKind.CREATE:
        state = EnvironmentState.REQUESTED
        save_environment(
            transaction,
            mandate.scope,
            Environment(spec.environment, spec.agency, spec.system, state, request.number, None, "", ""),
        )
    mandate.decide(request.subject, digest=digest, owner=spec.agency)
    mandate.audit(
        AuditEvent.REQUEST_CREATED,
        request.subject,
        {"kind": kind.value, "environment": spec.environment, "spec_digest": digest, "estimate": monthly},
    )
    return request, True


def _same_request(
    mandate: Mandate, kind: RequestKind, spec: EnvironmentSpec, digest: str, number: str
) -> Request | None:
    """The request this one repeats; other content under its number raises ``AlreadyThere``."""
    asked = {"kind": kind.value, "environment": spec.environment, "spec_digest": digest}
    if number:
        # A number is taken whoever took it; of another agency's request only that it differs is said.
        found = read_request(mandate.transaction, machine_scope(), number)
        if found is None:
            return None
        there = {"kind": found.kind.value, "environment": found.environment, "spec_digest": found.spec_digest}
        if there != asked or found.agency != spec.agency:
            shown: object = there if mandate.scope.covers(found.agency) else "?"
            raise AlreadyThere(what="request", key=number, found=shown, expected=asked)
        return found
    same_thing = read_requests(mandate.transaction, mandate.scope, environment=spec.environment)
    record = read_environment(mandate.transaction, mandate.scope, spec.environment)
    standing = "" if record is None or record.state is EnvironmentState.CLOSED else record.request
    return next(
        (
            one
            for one in same_thing
            if (one.kind, one.spec_digest) == (kind, digest)
            and (one.state is RequestState.REQUESTED or one.number == standing)
        ),
        None,
    )


def _environment_for(mandate: Mandate, kind: RequestKind, spec: EnvironmentSpec) -> Environment | None:
    """The environment the request is about, None if there is none yet; raises where the kind does not fit."""
    # An environment's id is one over all agencies, because the cloud's tags and names hold it.
    record = read_environment(mandate.transaction, machine_scope(), spec.environment)
    if kind is not RequestKind.CREATE:
        # Only who picks a new id must hear that it is taken; for all else another's environment does not exist.
        record = find_environment(mandate.transaction, mandate.scope, spec.environment)
    if record is not None and record.agency != spec.agency:
        raise mandate.refuse(
            "T02",
            f"environment:{spec.environment}",
            "环境编号已被使用,请换一个",
            "the environment's id is in use; choose another",
        )
    if record is None:
        return None
    waiting = read_requests(
        mandate.transaction, mandate.scope, environment=spec.environment, state=RequestState.REQUESTED
    )
    if waiting:
        raise errors.RequestPending(environment=spec.environment, number=waiting[0].number)
    if record.state not in _FITTING[kind]:
        raise _unfit(record, kind)
    return record


def _original(record: Environment | None, kind: RequestKind) -> Mapping[str, Any] | None:
    if record is None or record.spec is None or kind is RequestKind.CREATE:
        return None
    return spec_document(record.spec)


def _check(mandate: Mandate, spec: EnvironmentSpec) -> None:
    known = {system.id: system for system in systems(mandate.transaction, mandate.scope)}
    offered = [service for service in services(mandate.transaction) if service.kind is ServiceKind.RESOURCE]
    plans = {plan.code for service in offered for plan in service.plans}
    findings = check_spec(spec, known.get(spec.system), plans)
    if blocking(findings):
        raise errors.InvalidRequest(
            count=len(findings), first_zh=findings[0].zh, first_en=findings[0].en, findings=findings
        )


def _next_number(mandate: Mandate) -> str:
    prefix = f"REQ-{mandate.now.astimezone(SHANGHAI).year:04d}-"
    newest = newest_number(mandate.transaction, machine_scope(), prefix)
    tail = "0" if newest is None else newest.removeprefix(prefix)
    return f"{prefix}{int(tail) + 1:04d}"


def _unfit(record: Environment, kind: RequestKind) -> errors.EnvironmentState:
    return errors.EnvironmentState(
        environment=record.id,
        state_zh=record.state.zh,
        state_en=record.state.value,
        kind_zh=kind.zh,
        kind_en=kind.value,
    )
