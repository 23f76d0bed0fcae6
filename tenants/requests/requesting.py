"""Asking: an agency's request, checked, estimated, its chain computed, recorded in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from foundation.store import AlreadyThere
from foundation.values.errors import InvalidValue
from governance.authority import Act, Mandate, Office, acting, machine_scope
from governance.environments import EnvironmentSpec
from governance.tasks import close_tasks
from tenants import errors
from tenants.environments import Environment, EnvironmentState, find_environment
from tenants.environments.tables import read_environment, save_environment
from tenants.needs import approved_alternative
from tenants.numbering import Series, next_number
from tenants.ports import Desk, Estimator
from tenants.requests.admission import Terms, check_wish, no_need
from tenants.requests.assembling import claim_spec, estimate_content, run_checks, steps_of
from tenants.requests.content import Content, content_digest, content_document
from tenants.requests.deciding_by_rule import approve_by_rule
from tenants.requests.evidence_tables import Agreement, ask_agreement, keep_checks
from tenants.requests.granting import standing_items, standing_request, taken_with
from tenants.requests.holding import reserve_all
from tenants.requests.kinds import RequestKind
from tenants.requests.model import Estimate, Request, RequestState
from tenants.requests.moving import hand_of, tell
from tenants.requests.policy import Policy, chain_of
from tenants.requests.policy_tables import policy_for
from tenants.requests.reading import request_of
from tenants.requests.refusing import name_taken, not_yours
from tenants.requests.tables import insert_request, is_numbered, read_request, read_requests, update_request
from tenants.requests.transitions import Move

_FITTING = {
    RequestKind.CREATE: {EnvironmentState.CLOSED},
    RequestKind.CHANGE: {EnvironmentState.APPROVED, EnvironmentState.DEPLOYED},
    RequestKind.SUSPEND: {EnvironmentState.DEPLOYED},
    RequestKind.RESUME: {EnvironmentState.SUSPENDED},
    RequestKind.TRANSFER: {EnvironmentState.DEPLOYED},
    RequestKind.TERMINATE: {EnvironmentState.APPROVED, EnvironmentState.DEPLOYED, EnvironmentState.SUSPENDED},
}
"""The states of an environment that is there in which each kind may be asked."""
_OF_ITEMS = frozenset({RequestKind.CHANGE, RequestKind.TERMINATE})
_OPEN = (RequestState.REQUESTED, RequestState.AGREEING)

_PLAIN = Terms()


@dataclass(frozen=True, slots=True)
class About:
    """What a request says besides its content: the agency a transfer goes to; of items alone their project, and the
    grant of them that it is about."""

    counterpart: str = ""
    project: str = ""
    standing: Request | None = None

    @property
    def first(self) -> str:
        """The number the items that stand are named by."""
        return "" if self.standing is None else self.standing.first


_A_SPEC = About()


def create_request(
    office: Office,
    token: str,
    *,
    kind: RequestKind,
    spec: EnvironmentSpec,
    estimator: Estimator | Desk,
    number: str = "",
    terms: Terms = _PLAIN,
) -> tuple[Request, bool]:
    """Ask for what ``spec`` and ``terms`` say: the request, and whether this call made it.

    Without ``number`` one is allotted (``REQ-2026-0001``). The same request again gives back the first one.
    Raises ``Refused``, ``InvalidRequest``, ``AlreadyThere`` (the number with other content), ``EnvironmentState``,
    ``RequestPending``, ``AddressTaken``.
    """
    with acting(office, token, Act.REQUEST_CREATE, f"environment:{spec.environment}") as mandate:
        content = Content((spec,), terms.items)
        return ask_for(mandate, kind, content, desk_of(estimator), number, terms)


def request_items(
    office: Office, token: str, *, project: str, terms: Terms, estimator: Estimator | Desk, number: str = ""
) -> tuple[Request, bool]:
    """Ask for service items alone, under ``project``; shapes and errors as ``create_request``."""
    with acting(office, token, Act.REQUEST_CREATE, f"project:{project}") as mandate:
        content = Content((), terms.items)
        return ask_for(mandate, RequestKind.CREATE, content, desk_of(estimator), number, terms, About(project=project))


def request_from_need(
    office: Office, token: str, need: str, *, estimator: Estimator | Desk, number: str = "", terms: Terms = _PLAIN
) -> tuple[Request, bool]:
    """Ask for the environment of the alternative that the bureau approved of ``need``; shapes and errors as
    ``create_request``. Its service items are asked for by their plans, in ``terms``."""
    with acting(office, token, Act.REQUEST_CREATE, f"need:{need}") as mandate:
        approved = approved_alternative(mandate.transaction, mandate.scope, need)
        spec = None if approved is None else approved.alternative.environment
        if spec is None:
            raise no_need(need)
        content = Content((spec,), terms.items)
        return ask_for(mandate, RequestKind.CREATE, content, desk_of(estimator), number, replace(terms, need=need))


def request_on(
    office: Office,
    token: str,
    environment: str,
    kind: RequestKind,
    *,
    estimator: Estimator | Desk,
    number: str = "",
    to: str = "",
    until: datetime | None = None,
) -> tuple[Request, bool]:
    """Ask something about an environment as it stands: ``suspend``, ``resume``, ``terminate``, ``transfer`` to the
    agency ``to``, or ``change`` of nothing but its end ``until`` (a renewal); shapes and errors as ``create_request``.
    """
    with acting(office, token, Act.REQUEST_CREATE, f"environment:{environment}") as mandate:
        found = find_environment(mandate.transaction, mandate.scope, environment)
        if found.spec is None:
            raise _unfit(found, kind)
        standing = standing_request(hand_of(mandate), environment)
        content = Content((found.spec,), standing.now_asked.items if standing is not None else ())
        terms = Terms(items=content.items, until=until, line=standing.line if standing is not None else "")
        return ask_for(mandate, kind, content, desk_of(estimator), number, terms, About(to))


def request_on_items(
    office: Office,
    token: str,
    number: str,
    kind: RequestKind,
    *,
    estimator: Estimator | Desk,
    terms: Terms = _PLAIN,
    as_number: str = "",
) -> tuple[Request, bool]:
    """Ask something about service items that stand without an environment; shapes and errors as ``create_request``.

    ``number`` is any request they were granted by. ``change`` asks for ``terms.items`` instead, or without items for
    nothing but another end; ``terminate`` gives them all back. Without ``as_number`` a number is allotted. Raises
    ``RequestUnfit`` where nothing stands by that number, or of another kind.
    """
    with acting(office, token, Act.REQUEST_CREATE, f"request:{number}") as mandate:
        named = request_of(mandate.transaction, mandate.scope, number)
        standing = standing_items(hand_of(mandate), named.first)
        if standing is None or kind not in _OF_ITEMS:
            state = named.state
            raise errors.RequestUnfit(number=number, state_zh=state.zh, state_en=state.value, move=kind.value)
        changes = kind is RequestKind.CHANGE
        if changes and not terms.items and terms.until is None:
            raise InvalidValue(field="items", found="none", expected="other items, or another end")
        items = (terms.items if changes else ()) or standing.now_asked.items
        until = terms.until if changes else None
        asked = replace(terms, items=items, until=until, line=terms.line or standing.line)
        about = About(project=standing.project, standing=standing)
        return ask_for(mandate, kind, Content((), items), desk_of(estimator), as_number, asked, about)


def request_termination(
    office: Office, token: str, environment: str, *, estimator: Estimator | Desk, number: str = ""
) -> tuple[Request, bool]:
    """Ask that an environment be ended and everything in it deleted; shapes and errors as ``create_request``."""
    return request_on(office, token, environment, RequestKind.TERMINATE, estimator=estimator, number=number)


def desk_of(given: Estimator | Desk) -> Desk:
    """The desk itself, or one with nothing but the estimator."""
    return given if isinstance(given, Desk) else Desk(given)


def ask_for(
    mandate: Mandate,
    kind: RequestKind,
    content: Content,
    desk: Desk,
    number: str,
    terms: Terms,
    about: About = _A_SPEC,
) -> tuple[Request, bool]:
    """Ask within a permitted act, in its transaction; see ``create_request``."""
    transaction, agency = mandate.transaction, mandate.actor.party
    spec = content.specs[0] if content.specs else None
    if spec is not None and agency != spec.agency:
        raise not_yours(mandate, spec.environment, spec.agency)
    digest = content_digest(content, until=terms.until, counterpart=about.counterpart)
    again = _same_request(mandate, kind, content, digest, number, about.first)
    if again is not None:
        return again, False
    record = None if spec is None else _environment_for(mandate, kind, spec)
    if about.standing is not None:
        _check_nothing_waits(mandate, about.first)
    policy = policy_for(transaction, agency, mandate.now)
    check_wish(mandate, kind, content, terms, policy, about.counterpart)
    if spec is not None:
        claim_spec(transaction, spec, agency, mandate.now)
    # Ending or pausing costs nothing more: an estimate of what runs would approve a price nobody pays.
    estimate, unpriced = Estimate(0, ()), tuple[str, ...]()
    if kind.grants:
        estimate, unpriced = estimate_content(transaction, desk, agency, content, mandate.now)
    number = number or _next_number(mandate)
    request = Request(
        number=number,
        kind=kind,
        agency=agency,
        system="" if spec is None else spec.system,
        project=about.project if spec is None else spec.project,
        environment="" if spec is None else spec.environment,
        content=content,
        spec_digest=digest,
        estimate=estimate,
        original=_original(mandate, record, kind, about.standing),
        requested=content_document(content),
        decided=None,
        state=RequestState.AGREEING if about.counterpart else RequestState.REQUESTED,
        reason="",
        requested_at=mandate.now,
        decided_at=None,
        policy=policy.id,
        need=terms.need,
        line=terms.line,
        counterpart=about.counterpart,
        urgent=bool(terms.urgent),
        until=terms.until,
        first="" if spec is not None else about.first or number,
    )
    request = _with_chain(mandate, request, policy)
    insert_request(transaction, request)
    if kind is RequestKind.CREATE and spec is not None:
        state = EnvironmentState.REQUESTED
        save_environment(
            transaction,
            mandate.scope,
            Environment(spec.environment, agency, spec.system, state, request.number, None, "", ""),
        )
    if terms.need:
        close_tasks(transaction, f"need:{terms.need}", kind="need.request", closed_at=mandate.now)
    mandate.decide(request.subject, digest=digest, owner=agency, note=terms.urgent)
    return _submit(mandate, request, desk, policy, unpriced), True


def _next_number(mandate: Mandate) -> str:
    def taken(number: str) -> bool:
        return is_numbered(mandate.transaction, machine_scope(), number)

    return next_number(mandate.transaction, Series.REQUEST, mandate.now, taken)


def _submit(mandate: Mandate, request: Request, desk: Desk, policy: Policy, unpriced: tuple[str, ...]) -> Request:
    hand = hand_of(mandate)
    facts = {
        "kind": request.kind.value,
        "environment": request.environment,
        "spec_digest": request.spec_digest,
        "estimate": request.estimate.monthly,
        "policy": policy.id,
    }
    if request.counterpart:
        # Checks, quota and chain are the receiving agency's: they follow its agreement.
        asked = Agreement(
            request=request.number,
            agency=request.counterpart,
            giver=request.agency,
            environment=request.environment,
            digest=request.spec_digest,
            monthly=request.estimate.monthly,
            state="asked",
            asked_at=mandate.now,
            answered_at=None,
        )
        ask_agreement(mandate.transaction, asked)
        tell(hand, request, Move.SUBMIT_TO_COUNTERPART, policy, facts)
        return request
    taken = taken_with(hand, request)
    results, line = run_checks(mandate.transaction, mandate.scope, desk, request, taken, policy, unpriced, mandate.now)
    if line and not request.line:
        request, taken = replace(request, line=line), replace(taken, line=line)
        update_request(mandate.transaction, mandate.scope, request)
    keep_checks(
        mandate.transaction,
        mandate.scope,
        request.number,
        request.agency,
        results,
        digest=request.spec_digest,
        at=mandate.now,
    )
    if request.kind.grants:
        reserve_all(mandate.transaction, taken, {result.check: result for result in results}, mandate.now)
    tell(hand, request, Move.SUBMIT, policy, facts)
    return approve_by_rule(hand, mandate.scope, request, policy, results, held=taken.before_monthly)


def _with_chain(mandate: Mandate, request: Request, policy: Policy) -> Request:
    monthly = request.estimate.monthly if request.kind.grants else 0
    chain = chain_of(policy, monthly=monthly, transfer=bool(request.counterpart))
    steps = steps_of(mandate.transaction, chain, request.agency, mandate.now, counterpart=request.counterpart)
    return replace(request, steps=steps, needs_opinion=chain.opinion)


def _check_nothing_waits(mandate: Mandate, first: str) -> None:
    """Raise ``RequestPending`` while another request on the items waits for its decision, or they are given back."""
    for one in read_requests(mandate.transaction, mandate.scope, first=first):
        if one.state.open or (one.state.granted and one.kind is RequestKind.TERMINATE):
            raise errors.RequestPending(environment=first, number=one.number)


def _same_request(
    mandate: Mandate, kind: RequestKind, content: Content, digest: str, number: str, first: str
) -> Request | None:
    """The request this one repeats; other content under its number raises ``AlreadyThere``."""
    environment = content.specs[0].environment if content.specs else ""
    asked = {"kind": kind.value, "environment": environment, "spec_digest": digest, "about": first}
    if number:
        # A number is taken whoever took it; of another agency's request only that it differs is said.
        found = read_request(mandate.transaction, machine_scope(), number)
        if found is None:
            return None
        about = "" if found.kind is RequestKind.CREATE else found.first
        there = {"kind": found.kind.value, "environment": found.environment, "spec_digest": found.spec_digest}
        there["about"] = about
        if there != asked or found.agency != mandate.actor.party:
            shown: object = there if mandate.scope.covers(found.agency) else "?"
            raise AlreadyThere(what="request", key=number, found=shown, expected=asked)
        return found
    same_thing = read_requests(mandate.transaction, mandate.scope, environment=environment, first=first)
    record = read_environment(mandate.transaction, mandate.scope, environment)
    standing = {"" if record is None or record.state is EnvironmentState.CLOSED else record.request}
    if first:
        standing = {one.number for one in same_thing if one.state.granted}
    return next(
        (
            one
            for one in same_thing
            if (one.kind, one.spec_digest) == (kind, digest) and (one.state.open or one.number in standing)
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
    if record is None:
        return None
    if record.agency != spec.agency:
        raise name_taken(mandate, spec.environment)
    waiting = read_requests(mandate.transaction, mandate.scope, environment=spec.environment, states=_OPEN)
    if waiting:
        raise errors.RequestPending(environment=spec.environment, number=waiting[0].number)
    if record.state not in _FITTING[kind]:
        raise _unfit(record, kind)
    return record


def _original(
    mandate: Mandate, record: Environment | None, kind: RequestKind, of_items: Request | None
) -> Mapping[str, Any] | None:
    if of_items is not None:
        return content_document(of_items.now_asked)
    if record is None or record.spec is None or kind is RequestKind.CREATE:
        return None
    standing = standing_request(hand_of(mandate), record.id)
    items = standing.now_asked.items if standing is not None else ()
    return content_document(Content((record.spec,), items))


def _unfit(record: Environment, kind: RequestKind) -> errors.EnvironmentState:
    return errors.EnvironmentState(
        environment=record.id,
        state_zh=record.state.zh,
        state_en=record.state.value,
        kind_zh=kind.zh,
        kind_en=kind.value,
    )
