"""What can be wrong at the door itself.

GuanyunError
└── CliError
    ├── WrongWords          the command line says something no command understands
    ├── NeedsYes            a question nobody is there to answer
    ├── FileUnusable        a file the person named is not there, or is a folder
    ├── MachineRefuses      the machine will not read or write: disk full, read-only, no permission
    ├── SettingInvalid      a ``GUANYUN_*`` variable that means nothing
    └── ShellUnknown        completion for a shell nobody named
"""

from __future__ import annotations

from foundation.values.errors import GuanyunError


class CliError(GuanyunError):
    """Base of this package's errors."""

    code = "cli.error"
    exit_status = 2


class WrongWords(CliError):
    """``what_zh`` and ``what_en`` say which words."""

    code = "cli.usage"
    zh = "命令写法不对:{what_zh}"
    en = "not understood: {what_en}"


class NeedsYes(CliError):
    """Asked for a confirmation without a terminal to ask on."""

    code = "cli.needs-yes"
    zh = "没有终端可以确认:确实要做请加 --yes。什么都没有改变"
    en = "there is no terminal to confirm on: say --yes if you mean it. Nothing was changed"


class FileUnusable(CliError):
    """``file`` with the operating system's ``reason``."""

    code = "cli.file-unusable"
    zh = "无法使用文件 {file}:{reason}"
    en = "the file {file} cannot be used: {reason}"


class MachineRefuses(CliError):
    """``file`` with the operating system's ``reason``."""

    code = "cli.machine"
    exit_status = 4
    zh = "本机不允许读写 {file}:{reason}"
    en = "this machine will not read or write {file}: {reason}"


class SettingInvalid(CliError):
    """``setting`` and why it means nothing. Its value is left out: it may hold a password."""

    code = "cli.setting-invalid"
    zh = "设置 {setting} 无效:{reason}"
    en = "the setting {setting} is invalid: {reason}"


class ShellUnknown(CliError):
    """The shell could not be told from the environment."""

    code = "cli.shell-unknown"
    zh = "认不出所用的 shell:请加 --shell bash、zsh 或 fish"
    en = "cannot tell which shell this is: say --shell bash, zsh or fish"
