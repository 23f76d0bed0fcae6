"""``guanyun --install-completion``."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from cli.output import say


def install(*, shell: Literal["bash", "zsh", "fish"] | None = None, out: Path | None = None) -> None:
    """Install completion of commands and options for your shell.

    Example: guanyun --install-completion --shell bash

    Parameters
    ----------
    shell: which shell; told from the environment without it
    out: write the script here, and leave the shell's own files alone
    """
    from cyclopts.completion.detect import ShellDetectionError, detect_shell

    from cli.errors import ShellUnknown
    from cli.main import app

    if shell is None:
        try:
            found = detect_shell()
        except ShellDetectionError:
            raise ShellUnknown from None
        if found == "powershell":
            raise ShellUnknown
        shell = found
    written = app.install_completion(shell=shell, output=out, add_to_startup=out is None)
    say(f"已为 {shell} 安装补全:{written}", f"completion for {shell} is in {written}")
    say("重新打开终端即可使用", "open a new terminal to use it")
