"""One step of a thing that several decide on in turn: done and said, or said to have been done before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cli.context import application, token
from cli.output import say


def take(act: Callable[..., tuple[Any, bool]], key: str, words: Callable[[Any], tuple[str, str]], **given: Any) -> None:
    """Do ``act`` on what ``key`` names, and tell its state. ``words`` are what people call the thing, zh and en.

    The thing has a ``state``, which has its Chinese name as ``zh``.
    """
    with application() as opened:
        done, new = act(opened.office, token(), key, **given)
    zh, en = words(done)
    if new:
        say(f"{zh}:{done.state.zh}", f"{en}: {done.state}")
    else:
        say(f"{key} 早已{done.state.zh},没有变化", f"{key} is {done.state} already: nothing changed")
