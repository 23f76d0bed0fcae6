"""One process of the Pulumi CLI: started so that it can be stopped and found again, and waited for."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from foundation.work import Process
from infra.engine.command import CommandLine, clean
from infra.engine.processes import RunRecord, end_engine

HANDS = 16
"""How many resources of one environment are in hand at once, whatever the machine: it is the cloud that takes time."""

FOLLOWED = (
    "--color=never",
    "--suppress-outputs",
    "--suppress-progress",
    "--exec-kind=auto.inline",
    f"--parallel={HANDS}",
)
"""How an operation runs whose events are followed: they are all that is listened to."""


@dataclass
class CommandFailed(Exception):
    """The CLI did not end with 0; a negative ``code`` is the signal that ended it."""

    code: int
    output: str

    def __str__(self) -> str:
        lines = [line.strip() for line in self.output.splitlines() if "error:" in line]
        return "; ".join(lines) or f"exit {self.code}: {self.output[-400:].strip()}"


def run_engine(
    line: CommandLine, arguments: Sequence[str], *, environ: Mapping[str, str], run: RunRecord, environment: str
) -> str:
    """Run the CLI to its end and return what it printed; raises ``CommandFailed``.

    It has a session of its own, so that a Ctrl-C at the terminal reaches this process alone: the engine then gets one
    SIGINT from us and stops cleanly, where two would make it stop at once with its lock left.
    """
    process = subprocess.Popen(
        [str(line.path), "--non-interactive", *arguments],
        cwd=run.folder,
        env={**clean(os.environ), **environ},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    )
    try:
        run.with_engine(process.pid)
        output, _ = process.communicate()
    except BaseException:
        end_engine(Process.of(process.pid), environment=environment)
        process.wait()
        raise
    if process.returncode != 0:
        raise CommandFailed(process.returncode, output)
    return output
