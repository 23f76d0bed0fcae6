"""Failures of the world around a command, put into words. What stays unnamed here is a defect."""

from __future__ import annotations

import errno
import os
import sys
from typing import TYPE_CHECKING

from cli.errors import FileUnusable, MachineRefuses, SettingInvalid, WrongWords
from foundation.values.errors import GuanyunError

if TYPE_CHECKING:
    from cyclopts import CycloptsError
    from cyclopts.argument import Argument

_NAMED_WRONG = frozenset({errno.ENOENT, errno.EEXIST, errno.EISDIR, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ELOOP})
_MACHINE = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EFBIG, errno.EIO, errno.EMFILE}
)


def in_words(error: Exception) -> GuanyunError | None:
    """The error a person can act on, or None of a defect."""
    if isinstance(error, OSError) and error.filename is not None:
        facts = {"file": os.fsdecode(error.filename), "reason": error.strerror or type(error).__name__}
        if error.errno in _NAMED_WRONG:
            return FileUnusable(**facts)
        if error.errno in _MACHINE:
            return MachineRefuses(**facts)
    if isinstance(error, OSError) and error.errno in _MACHINE - {errno.EPERM, errno.EACCES}:
        return MachineRefuses(file="…", reason=error.strerror)
    return _of_the_database(error) if "sqlalchemy" in sys.modules else None


def _of_the_database(error: Exception) -> GuanyunError | None:
    from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError, OperationalError

    from foundation.store import DatabaseUnavailable

    # Integrity, programming and data errors are subclasses too, and defects: only these two are the machine's.
    if type(error) in {DatabaseError, OperationalError} and isinstance(error, DatabaseError):
        return DatabaseUnavailable(reason=error.orig)
    if type(error) in {ArgumentError, NoSuchModuleError} and not isinstance(error, DatabaseError):
        return SettingInvalid(setting="GUANYUN_DATABASE", reason="SQLAlchemy URL")
    return None


def wrong_words(error: CycloptsError) -> WrongWords:
    """A command line nobody understands, in both languages, with how it is written.

    Values are never repeated: somebody may have typed a password where none belongs.
    """
    from cyclopts import CoercionError, MissingArgumentError, UnknownCommandError, UnknownOptionError
    from cyclopts.exceptions import RepeatArgumentError, UnusedCliTokensError

    argument = getattr(error, "argument", None)
    name = "" if argument is None else _name(argument)
    if isinstance(error, UnknownCommandError):
        word = (error.unused_tokens or [""])[0].partition("=")[0]
        texts = f"没有命令 {word}", f"there is no command {word}"
    elif isinstance(error, UnknownOptionError):
        word = (error.token.keyword or error.token.value).partition("=")[0]
        texts = f"没有选项 {word}", f"there is no option {word}"
    elif isinstance(error, MissingArgumentError):
        texts = f"缺少参数 {name}", f"missing: {name}"
    elif isinstance(error, CoercionError):
        choices = ", ".join(argument.get_choices() or ()) if argument is not None else ""
        texts = f"参数 {name} 的值不对", f"{name} cannot have this value"
        if choices:
            texts = f"{texts[0]},可以是 {choices}", f"{texts[1]}; it can have {choices}"
    elif isinstance(error, RepeatArgumentError):
        texts = f"参数 {name} 只能给一次", f"{name} may be given once"
    elif isinstance(error, UnusedCliTokensError):
        count = len(error.unused_tokens or ())
        texts = f"多出 {count} 个参数", f"{count} more than the command takes"
    else:
        texts = type(error).__name__, type(error).__name__
    return WrongWords(what_zh=texts[0], what_en=texts[1], usage=_usage(error))


def _name(argument: Argument) -> str:
    """As the usage line has it: what is given by position in capitals, an option with its dashes."""
    field = argument.field_info
    by_position = field is not None and field.is_positional
    return argument.name.lstrip("-").upper() if by_position else argument.name


def _usage(error: CycloptsError) -> tuple[str, ...]:
    """How the command is written: its usage line, its example, and where more is said."""
    from cyclopts.help import format_usage

    from cli.main import app

    chain = tuple(error.command_chain or ())
    command = app
    for word in chain:
        command = command[word]
    with app.app_stack(chain):
        written = f"用法 usage: {format_usage(app, chain)}".strip()
    document = (command.default_command.__doc__ or "") if command.default_command else ""
    examples = [line.strip() for line in document.splitlines() if line.strip().startswith("Example:")]
    return (written, *examples[:1], f"guanyun {' '.join((*chain, '--help'))}")
