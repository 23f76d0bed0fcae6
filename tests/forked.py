"""Commands as processes of their own, without each one's start-up: forked from one that has the program in memory.

A command that is forked has its own environment, folder, descriptors, session and exit status, and can be killed; only
the reading of modules is shared. What start-up costs, what it holds and what it loads is tested with whole processes.
"""

from __future__ import annotations

import array
import atexit
import contextlib
import importlib
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).resolve().parents[1]
LOADED = (
    "cli.main",
    "wiring.application",
    "wiring.notices",
    "tenants",
    "billing.handing_out",
    "billing.statements.service",
    "governance.calendar.loading",
    "infra.deployments",
)
"""What nearly every command reads. Nothing here may start a thread or open a connection: it is forked."""


def run(
    words: Sequence[str | Path],
    *,
    env: Mapping[str, str],
    cwd: Path = ROOT,
    text: str = "",
    descriptors: Sequence[int] = (),
    timeout: float = 90,
) -> subprocess.CompletedProcess[str]:
    """Run ``guanyun`` with these words to its end; raises ``TimeoutExpired`` after killing it and its children."""
    pipes = [os.pipe() for _ in range(3)]
    (stdin, give), (out, stdout), (err, stderr) = pipes
    wanted = {0: stdin, 1: stdout, 2: stderr} | {number: number for number in descriptors}
    ending = _forker().fork([str(word) for word in words], env, cwd, wanted)
    for descriptor in (stdin, stdout, stderr):
        os.close(descriptor)
    said: dict[int, str] = {}
    readers = [threading.Thread(target=_read, args=(end, said), daemon=True) for end in (out, err)]
    for reader in readers:
        reader.start()
    with os.fdopen(give, "w", encoding="utf-8") as given:
        _write(given, text)
    pid = ending.pid()
    try:
        code = ending.code(timeout)
    except TimeoutError:
        os.killpg(pid, signal.SIGKILL)
        raise subprocess.TimeoutExpired([str(word) for word in words], timeout) from None
    for reader in readers:
        reader.join(5)  # a child that it left running may hold the pipe
    return subprocess.CompletedProcess([str(word) for word in words], code, said.get(out, ""), said.get(err, ""))


def _read(end: int, said: dict[int, str]) -> None:
    pieces = []
    with os.fdopen(end, "rb", buffering=0) as stream:
        while piece := stream.read(65536):
            pieces.append(piece)
            said[end] = b"".join(pieces).decode(errors="replace")


def _write(given: IO[str], text: str) -> None:
    try:
        given.write(text)
        given.flush()
    except BrokenPipeError:
        pass


class _Ending:
    """Tells of one command over its own socket: its process id, then its exit code."""

    def __init__(self, told: socket.socket) -> None:
        self._told = told

    def pid(self) -> int:
        return self._number()

    def code(self, timeout: float) -> int:
        self._told.settimeout(timeout)
        try:
            return self._number()
        finally:
            self._told.close()

    def _number(self) -> int:
        (found,) = struct.unpack("i", self._told.recv(4))
        return int(found)


class _Forker:
    """The process that has the program in memory."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        program = f"from tests.forked import serve; serve({theirs.fileno()})"
        env = {name: value for name, value in os.environ.items() if not name.startswith("GUANYUN_")}
        self._process = subprocess.Popen(
            [sys.executable, "-c", program], pass_fds=[theirs.fileno()], cwd=ROOT, env=env, stdin=subprocess.DEVNULL
        )
        theirs.close()
        self._requests = ours
        self._lock = threading.Lock()

    def fork(self, words: list[str], env: Mapping[str, str], cwd: Path, descriptors: Mapping[int, int]) -> _Ending:
        told, telling = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        asked = {"words": words, "env": dict(env), "cwd": str(cwd), "descriptors": list(descriptors)}
        message, sent = json.dumps(asked).encode(), [telling.fileno(), *descriptors.values()]
        with self._lock:
            socket.send_fds(self._requests, [message], sent)
        telling.close()
        return _Ending(told)

    def end(self) -> None:
        self._requests.close()
        self._process.wait(10)


@cache
def _forker() -> _Forker:
    forker = _Forker()
    atexit.register(forker.end)
    return forker


def serve(descriptor: int) -> None:
    """The forker's side: one request after the other, until the asker is gone."""
    for name in LOADED:
        importlib.import_module(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # who waits for a command is forked too, and nobody waits for it
    requests = socket.socket(fileno=descriptor)
    while True:
        message, received, _, _ = socket.recv_fds(requests, 1 << 20, 32)
        if not message:
            return
        if os.fork() == 0:
            requests.close()
            _carry(json.loads(message), received)
        for each in received:
            os.close(each)


def _carry(asked: Mapping[str, Any], received: list[int]) -> None:
    """Fork the command, tell its process id, wait for it, tell its exit code."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    telling = socket.socket(fileno=received[0])
    pid = os.fork()
    if pid == 0:
        telling.close()
        _become(asked, received[1:])
    for each in received[1:]:
        os.close(each)
    try:
        telling.send(struct.pack("i", pid))
        _, status = os.waitpid(pid, 0)
        telling.send(struct.pack("i", os.waitstatus_to_exitcode(status)))
    except OSError:
        pass  # the asker has gone
    finally:
        os._exit(0)


def _become(asked: Mapping[str, Any], received: Sequence[int]) -> None:
    os.setsid()  # no terminal to ask on
    high = array.array("i", (os.dup2(each, 200 + place) for place, each in enumerate(received)))
    os.closerange(3, 200)
    for wanted, each in zip(asked["descriptors"], high, strict=True):
        os.dup2(each, wanted, inheritable=True)
        os.close(each)
    os.environ.clear()
    os.environ.update(asked["env"])
    os.chdir(asked["cwd"])
    sys.argv = ["guanyun", *asked["words"]]
    for name, number in (("stdin", 0), ("stdout", 1), ("stderr", 2)):
        mode = "r" if number == 0 else "w"
        setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115
        setattr(sys, f"__{name}__", getattr(sys, name))
    from cli.main import main

    code = 1
    try:
        main()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 0
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        _leave(code)


def _leave(code: int) -> None:
    """As a process ends: what waits is written, and what was registered for the end is done."""
    for thread in threading.enumerate():
        if thread is not threading.main_thread() and not thread.daemon:
            thread.join()
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError):
            stream.flush()
    os._exit(code)
