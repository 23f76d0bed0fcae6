"""The whole tree of commands: every verb is documented by an example that really parses, and every list speaks JSON."""

from __future__ import annotations

import ast
import importlib.util
import inspect
import re
import shlex
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cyclopts import App

from cli.main import HELP, NOUNS, app

ROOT = Path(__file__).resolve().parents[2]
LISTING = {"list", "show", "status", "findings", "systems", "accounts", "days", "quarantined", "minutes", "runs"}
FORBIDDEN = {"--as", "--password", "--token", "--secret"}


@dataclass(frozen=True)
class Verb:
    """One command: the words that reach it, the app that parses it, the function that runs."""

    words: tuple[str, ...]
    app: App
    function: Callable[..., Any]

    def __str__(self) -> str:
        return " ".join(self.words)


def verbs() -> list[Verb]:
    return sorted(_below(app, ()), key=lambda verb: verb.words)


def _below(at: App, words: tuple[str, ...]) -> Iterator[Verb]:
    for word in at:
        if word in {*at.help_flags, *at.version_flags}:
            continue
        command = at[word]
        if command.default_command is not None:
            yield Verb((*words, word), command, command.default_command)
        yield from _below(command, (*words, word))


VERBS = verbs()
every_verb = pytest.mark.parametrize("verb", VERBS, ids=str)


def example_of(verb: Verb) -> list[str]:
    """The words of the docstring's ``Example:`` line behind ``guanyun``, without what the shell takes."""
    found = re.findall(r"^\s*Example: (.+)$", inspect.getdoc(verb.function) or "", re.MULTILINE)
    return typed(found[0]) if found else []


def typed(line: str) -> list[str]:
    words = shlex.split(line, comments=True)
    if ">" in words:
        words = words[: words.index(">")]
    return words


def calls(verb: Verb) -> set[str]:
    tree = ast.parse(textwrap.dedent(inspect.getsource(verb.function)))
    return {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}


@pytest.mark.parametrize("noun", NOUNS)
def test_every_noun_resolves(noun: str) -> None:
    module = NOUNS[noun][0].partition(":")[0]
    assert importlib.util.find_spec(module) is not None
    assert app[noun].name[-1] == noun


@every_verb
def test_every_verb_says_what_it_does(verb: Verb) -> None:
    first = (inspect.getdoc(verb.function) or "").partition("\n")[0]
    assert first.endswith("."), f"{verb}: the first line of its help is {first!r}"


@every_verb
def test_the_example_in_the_help_parses_and_reaches_the_verb(verb: Verb) -> None:
    words = example_of(verb)
    assert words[: 1 + len(verb.words)] == ["guanyun", *verb.words]
    command, bound, _ = app.parse_args(words[1:], exit_on_error=False, print_error=False)
    assert command == verb.function
    bound.apply_defaults()


@every_verb
def test_a_verb_that_lists_speaks_json(verb: Verb) -> None:
    if verb.words[-1] in LISTING or "show" in calls(verb) or "show_one" in calls(verb):
        assert "--json" in _options(verb)


@every_verb
def test_no_verb_takes_another_persons_name_or_a_secret(verb: Verb) -> None:
    assert not _options(verb) & FORBIDDEN


@every_verb
def test_options_are_spelled_in_kebab_case_and_json_cannot_be_negated(verb: Verb) -> None:
    options = _options(verb)
    assert all(re.fullmatch(r"--[a-z]+(-[a-z]+)*|-[a-z]", option) for option in options)
    assert not {"--no-json", "--no-yes"} & options


def test_a_verb_that_destroys_asks_first() -> None:
    for verb in VERBS:
        if "confirmed" in calls(verb):
            assert {"--yes", "-y"} <= _options(verb)
    assert any(verb.words == ("sandbox", "reset") for verb in VERBS if "confirmed" in calls(verb))


@pytest.mark.parametrize("document", ["HELP", "README.md"])
def test_every_command_line_that_a_reader_is_shown_parses(document: str) -> None:
    text = HELP if document == "HELP" else (ROOT / document).read_text(encoding="utf-8")
    lines = [line.strip() for line in text.splitlines() if re.match(r"\s*guanyun [a-z-]", line)]
    assert lines
    for line in lines:
        command, _, _ = app.parse_args(typed(line)[1:], exit_on_error=False, print_error=False)
        assert command in {verb.function for verb in VERBS}, line


def _options(verb: Verb) -> set[str]:
    return {
        name
        for argument in verb.app.assemble_argument_collection(parse_docstring=True)
        for name in (*argument.names, *argument.negatives)
        if name.startswith("-")
    }
