"""What a person decides about work: runs, kinds, dead letters. Each is a permitted act with its entry in the audit log.

Done again, an act changes nothing and writes nothing. The log gets states and the reason's digest; the words stand on
the run, the step, the paused kind, the ruling.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from foundation.evidence import sha256_hex
from foundation.values.instant import Clock
from foundation.work import outbox
from foundation.work.outbox import DeadLetter, Lag, ReasonMissing, Word
from foundation.work.runs import (
    Json,
    Run,
    cancel,
    pause,
    pause_kind,
    read_run,
    resolve,
    resume,
    resume_kind,
    retry,
)
from governance.audit import AuditEvent
from governance.authority import Act, Mandate, acting, viewing
from wiring.kinds import kinds
from wiring.processes.errors import HouseOnly
from wiring.subscriptions import subscribers

if TYPE_CHECKING:
    from wiring.application import Application

Change = Callable[[Mandate, Clock], Run]


def cancel_run(application: Application, token: str, id_: str, because: str) -> tuple[Run, bool]:
    """Cancel a run: at once, or at its next step if it is running. The run, and whether this changed anything.

    All of these raise ``Refused``, ``UnknownRun``, ``WrongState``, ``ReasonMissing``.
    """
    _must_say("cancel", because)

    def change(mandate: Mandate, clock: Clock) -> Run:
        return cancel(mandate.transaction, mandate.scope, id_, because=because, clock=clock)

    return _changed(application, token, id_, "cancel", change, because=because)


def pause_run(application: Application, token: str, id_: str, because: str) -> tuple[Run, bool]:
    """Keep a run from going on until it is resumed."""
    _must_say("pause", because)

    def change(mandate: Mandate, clock: Clock) -> Run:
        return pause(mandate.transaction, mandate.scope, id_, because=because, clock=clock)

    return _changed(application, token, id_, "pause", change, because=because)


def resume_run(application: Application, token: str, id_: str) -> tuple[Run, bool]:
    """Let a paused run wait for its turn again."""

    def change(mandate: Mandate, clock: Clock) -> Run:
        return resume(mandate.transaction, mandate.scope, id_, clock=clock)

    return _changed(application, token, id_, "resume", change)


def retry_run(application: Application, token: str, id_: str) -> tuple[Run, bool]:
    """Try a run again from its last finished step."""

    def change(mandate: Mandate, clock: Clock) -> Run:
        return retry(mandate.transaction, mandate.scope, id_, clock=clock)

    return _changed(application, token, id_, "retry", change)


def resolve_step(
    application: Application, token: str, id_: str, step: str, *, happened: bool, because: str, outcome: Json = None
) -> Run:
    """Say, after looking at the real world, whether a step whose outcome was not known took place."""
    _must_say("resolve", because)
    with acting(application.office, token, Act.WORK_RESOLVE, f"run:{id_}") as mandate:
        run = resolve(
            mandate.transaction,
            mandate.scope,
            id_,
            step,
            happened=happened,
            because=because,
            outcome=outcome,
            clock=mandate.real,
        )
        facts = {"kind": run.kind, "step": step, "happened": happened, "because": sha256_hex(because.encode())}
        mandate.audit(AuditEvent.WORK_RESOLVED, f"run:{id_}", facts)
        return run


def pause_all(application: Application, token: str, kind: str, because: str) -> bool:
    """Start no more runs of a kind; False if it was paused before. Raises ``UnknownKind``."""
    _must_say("pause", because)
    name = kinds(application)[kind].name
    with acting(application.office, token, Act.WORK_CONTROL, f"kind:{name}") as mandate:
        account = mandate.actor.account
        new = pause_kind(mandate.transaction, name, account=account, because=because, clock=mandate.real)
        if new:
            facts = {"what": "pause", "because": sha256_hex(because.encode())}
            mandate.audit(AuditEvent.WORK_CONTROLLED, f"kind:{name}", facts)
        return new


def resume_all(application: Application, token: str, kind: str) -> bool:
    """Start runs of a kind again; False if it was not paused. Also of a kind this program no longer knows."""
    with acting(application.office, token, Act.WORK_CONTROL, f"kind:{kind}") as mandate:
        new = resume_kind(mandate.transaction, kind)
        if new:
            mandate.audit(AuditEvent.WORK_CONTROLLED, f"kind:{kind}", {"what": "resume"})
        return new


def events_behind(application: Application, token: str) -> Sequence[Lag]:
    """How far behind each subscriber is. Raises ``HouseOnly`` for an agency."""
    with viewing(application.office, token) as view:
        if view.scope.agencies is not None:
            raise HouseOnly
        return outbox.lag(view.transaction, subscribers(application), application.office.clocks.real())


def dead_letters(application: Application, token: str, subscriber: str | None = None) -> Sequence[DeadLetter]:
    """The dead letters, oldest first. Raises ``HouseOnly`` for an agency."""
    with viewing(application.office, token) as view:
        if view.scope.agencies is not None:
            raise HouseOnly
        return outbox.dead_letters(view.transaction, subscriber)


def replay_event(application: Application, token: str, subscriber: str, number: int, because: str) -> bool:
    """Give a dead letter its tries again; False if this person said so before. Raises ``NoDeadLetter``."""
    return _ruled(application, token, subscriber, number, because, outbox.replay, AuditEvent.EVENT_REPLAYED)


def drop_event(application: Application, token: str, subscriber: str, number: int, because: str) -> bool:
    """Let a dead letter go undelivered; False and errors as ``replay_event``."""
    return _ruled(application, token, subscriber, number, because, outbox.drop, AuditEvent.EVENT_DROPPED)


def _ruled(
    application: Application,
    token: str,
    subscriber: str,
    number: int,
    because: str,
    say: Callable[..., bool],
    event: AuditEvent,
) -> bool:
    subject = f"event:{number}"
    with acting(application.office, token, Act.EVENT_RESOLVE, subject) as mandate:
        word = Word(mandate.actor.account, mandate.actor.person, because, mandate.real())
        new = say(mandate.transaction, subscriber, number, word)
        if new:
            mandate.audit(event, subject, {"subscriber": subscriber, "because": sha256_hex(because.encode())})
        return new


def _changed(
    application: Application, token: str, id_: str, what: str, change: Change, *, because: str = ""
) -> tuple[Run, bool]:
    with acting(application.office, token, Act.WORK_CONTROL, f"run:{id_}") as mandate:
        before = read_run(mandate.transaction, mandate.scope, id_)
        after = change(mandate, mandate.real)
        if (before.state, before.asked, before.not_before) == (after.state, after.asked, after.not_before):
            return after, False
        facts: dict[str, Any] = {"what": what, "kind": after.kind, "from": before.state.value, "to": after.state.value}
        if because:
            facts["because"] = sha256_hex(because.encode())
        mandate.audit(AuditEvent.WORK_CONTROLLED, f"run:{id_}", facts)
        return after, True


def _must_say(what: str, because: str) -> None:
    if not because.strip():
        raise ReasonMissing(what=what)
