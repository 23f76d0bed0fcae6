"""``guanyun outbox``: events on their way, and those that could not be delivered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cyclopts import App

from cli.context import Json, application, token
from cli.output import languages, say, show

if TYPE_CHECKING:
    from foundation.work.outbox import DeadLetter, Lag

app = App(name="outbox", help="Events and dead letters 事件与死信")


@app.command
def ls(*, json: Json = False) -> None:
    """List the subscribers: how many events wait for each, how long the oldest, how many are dead letters.

    Example: guanyun outbox ls
    """
    from wiring.work_control import events_behind

    with application() as opened:
        found = events_behind(opened, token())
    columns = {
        "subscriber": "订阅者 subscriber",
        "waiting": "待送达 waiting",
        "oldest": "最久 oldest",
        "dead": "死信 dead",
    }
    show([_behind(each) for each in found], columns, json=json)


@app.command
def dead(*, subscriber: str | None = None, json: Json = False) -> None:
    """List the dead letters: what failed how often and why, and how many events of its subject wait behind it.

    Example: guanyun outbox dead
    """
    from wiring.work_control import dead_letters

    with application() as opened:
        found = dead_letters(opened, token(), subscriber)
    columns = {
        "number": "#",
        "subscriber": "订阅者 subscriber",
        "topic": "主题 topic",
        "subject": "对象 subject",
        "tries": "次数 tries",
        "died_at": "时间 at",
        "because": "原因 because",
        "behind": "其后 behind",
    }
    show([_letter(each) for each in found], columns, json=json)


@app.command
def replay(number: int, *, subscriber: str, because: str) -> None:
    """Give a dead letter its tries again, at once.

    Example: guanyun outbox replay 12 --subscriber tenants.register --because "the disk was full"
    """
    from wiring.work_control import replay_event

    with application() as opened:
        new = replay_event(opened, token(), subscriber, number, because)
    if new:
        say(f"事件 {number} 将再次送达 {subscriber}", f"event {number} is tried again for {subscriber}")
    else:
        say("早已如此决定,没有变化", "decided so before: nothing changed")


@app.command
def drop(number: int, *, subscriber: str, because: str) -> None:
    """Let a dead letter go undelivered; what waits behind it goes on.

    Example: guanyun outbox drop 12 --subscriber notices.file --because "told by telephone"
    """
    from wiring.work_control import drop_event

    with application() as opened:
        new = drop_event(opened, token(), subscriber, number, because)
    if new:
        say(f"事件 {number} 不再送达 {subscriber}", f"event {number} is not delivered to {subscriber} any more")
    else:
        say("早已如此决定,没有变化", "decided so before: nothing changed")


def _behind(each: Lag) -> dict[str, Any]:
    from cli.following import length_in_words

    return {
        "subscriber": each.subscriber,
        "waiting": each.waiting,
        "dead": each.dead,
        "oldest": "" if each.oldest is None else length_in_words(each.oldest),
        "oldest_seconds": None if each.oldest is None else int(each.oldest.total_seconds()),
    }


def _letter(each: DeadLetter) -> dict[str, Any]:
    from foundation.evidence import plain

    words = {"zh": each.zh, "en": each.en}
    return {
        "number": each.event.number,
        "id": each.event.id,
        "subscriber": each.subscriber,
        "topic": each.event.topic,
        "subject": each.event.subject,
        "recorded_at": plain(each.event.recorded_at),
        "tries": each.tries,
        "died_at": plain(each.died_at),
        "code": each.code,
        "zh": each.zh,
        "en": each.en,
        "because": " · ".join(words[language] for language in languages()),
        "behind": each.behind,
    }
