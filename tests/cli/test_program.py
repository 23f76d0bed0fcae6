"""The program as a shell sees it: exit codes, texts in both languages, and never a traceback."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.real

ROOT = Path(__file__).resolve().parents[2]
ZH = re.compile(r"[\u4e00-\u9fff]")
PATH_OF_A_LOG = re.compile(r"details in (\S+\.log)")


def told(ended: Any, code: int, text: str) -> None:
    """The command ended as it should, said why, and showed nobody a traceback."""
    assert ended.code == code, ended.err or ended.out
    assert text in ended.err
    assert "Traceback" not in ended.out + ended.err


# Who is asking


def test_without_an_installation_it_says_how_to_make_one(guanyun: Any, tmp_path: Path) -> None:
    ended = guanyun("request", "list", env={"GUANYUN_HOME": str(tmp_path / "nothing")})
    told(ended, 2, "run guanyun demo init")
    assert "[wiring.no-installation]" in ended.err
    assert not (tmp_path / "nothing").exists()


def test_without_a_login_it_is_not_allowed(guanyun: Any) -> None:
    told(guanyun("request", "list"), 6, "[governance.not-logged-in]")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b'{"token": 7}', b'{"token": "guessed"}', b"null"])
def test_a_damaged_session_file_is_no_login(guanyun: Any, home: Any, content: bytes) -> None:
    home.session.write_bytes(content)
    told(guanyun("whoami"), 6, "[governance.not-logged-in]")


def log_in(guanyun: Any, account: str, password: str) -> Any:
    reading, writing = os.pipe()
    os.write(writing, f"{password}\n".encode())
    os.close(writing)
    try:
        words = ("--duty", "draft", "--password-fd", str(reading))
        return guanyun("login", account, *words, descriptors=[reading])
    finally:
        os.close(reading)


def test_a_login_leaves_a_token_only_its_owner_reads(guanyun: Any, home: Any) -> None:
    password = home.passwords()["zhang.min"]
    old = home.session.with_name("session.part")
    old.touch(mode=0o644)
    ended = log_in(guanyun, "zhang.min", password)
    assert ended.code == 0, ended.err
    assert stat.S_IMODE(home.session.stat().st_mode) == 0o600
    kept = json.loads(home.session.read_text(encoding="utf-8"))
    assert password not in ended.out + ended.err
    assert kept["token"] not in ended.out + ended.err
    assert json.loads(guanyun("whoami", "--json").out)["account"] == "zhang.min"
    # what the database keeps is worth nothing to who steals it
    content = b"".join(path.read_bytes() for path in home.folder.glob("records.db*"))
    assert kept["token"].encode() not in content
    assert password.encode() not in content
    assert guanyun("logout").code == 0
    assert not home.session.exists()


def test_a_token_is_worth_nothing_after_logout(guanyun: Any, home: Any) -> None:
    log_in(guanyun, "zhang.min", home.passwords()["zhang.min"])
    kept = home.session.read_bytes()
    guanyun("logout")
    home.session.write_bytes(kept)
    told(guanyun("whoami"), 6, "[governance.not-logged-in]")


@pytest.mark.parametrize("account", ["zhang.min", "nobody"])
def test_a_wrong_password_does_not_say_which_was_wrong(guanyun: Any, home: Any, account: str) -> None:
    ended = log_in(guanyun, account, "an-unlikely-secret")
    told(ended, 6, "account or password do not fit")
    assert "an-unlikely-secret" not in ended.out + ended.err
    assert not home.session.exists()


@pytest.mark.parametrize("words", [("--password-fd", "77"), ()])
def test_a_login_without_a_password_to_read_says_so(guanyun: Any, words: tuple[str, ...]) -> None:
    told(guanyun("login", "zhang.min", *words), 2, "[values.invalid]")


# Words nobody understands


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("nonsense",), "there is no command nonsense"),
        (("request", "nonsense"), "there is no command nonsense"),
        (("request", "list", "--nope"), "there is no option --nope"),
        (("request", "approve"), "missing: NUMBER"),
        (("room", "register", "city"), "missing: --fund-source"),
        (("audit", "list", "--last", "many"), "--last cannot have this value"),
        (("request", "create", "a.yaml", "--kind", "x"), "it can have create, change"),
        (("usage", "collect", "March"), "[values.invalid]"),
        (("usage", "collect", "2026-13"), "[values.invalid]"),
        (("room", "batch", "city", "--out", "x", "--pool", "10.0.0.1/8"), "pool"),
    ],
)
def test_a_wrong_argument_is_told_with_the_right_words(guanyun: Any, words: tuple[str, ...], text: str) -> None:
    ended = guanyun(*words)
    told(ended, 2, text)
    if "[cli.usage]" in ended.err:
        assert f"usage: guanyun {words[0]}" in ended.err or "usage: guanyun COMMAND" in ended.err
        assert "--help" in ended.err


@pytest.mark.parametrize(
    "words",
    [
        ("login", "zhang.min", "hunter2-secret"),
        ("login", "zhang.min", "--password", "hunter2-secret"),
        ("login", "zhang.min", "--password=hunter2-secret"),
        ("login", "zhang.min", "--password-fd", "hunter2-secret"),
    ],
)
def test_a_password_typed_where_none_belongs_is_not_repeated(guanyun: Any, words: tuple[str, ...]) -> None:
    ended = guanyun(*words)
    told(ended, 2, "[cli.usage]")
    assert "hunter2-secret" not in ended.out + ended.err


@pytest.mark.parametrize(("language", "zh", "en"), [("zh", True, False), ("en", False, True), ("", True, True)])
def test_it_speaks_the_language_asked_for(guanyun: Any, language: str, zh: bool, en: bool) -> None:
    ended = guanyun("whoami", env={"GUANYUN_LANG": language})
    assert (bool(ZH.search(ended.err)), "not logged in" in ended.err) == (zh, en)


# Files a person names

MISSING = [
    ("catalogue", "publish", "{}"),
    ("contract", "record", "{}"),
    ("evidence", "import", "{}"),
    ("grade", "draft", "C-2026-01", "2026-03", "{}"),
    ("item", "record", "{}"),
    ("price", "draft", "{}"),
    ("request", "create", "{}"),
    ("room", "import", "city", "{}"),
    ("usage", "replay", "2026-03", "{}"),
    ("verify", "{}", "--handed-out", "examples", "--keys", "examples/probe"),
    ("verify", "x.pack", "--handed-out", "{}", "--keys", "{}"),
    ("verify", "x.pack", "--handed-out", "examples", "--keys", "{}"),
]


@pytest.mark.parametrize("words", MISSING, ids=lambda words: " ".join(words[:2]))
@pytest.mark.parametrize("kind", ["absent", "folder", "garbage", "empty", "a folder below a file"])
def test_a_file_that_is_none_is_wrong_input(
    in_process: Callable[..., int], home: Any, capsys: Any, tmp_path: Path, words: tuple[str, ...], kind: str
) -> None:
    home.log_in("wang.fang" if words[0] in {"room", "usage", "item", "evidence"} else "zhang.min")
    path = tmp_path / "named"
    if kind == "folder":
        path.mkdir()
    elif kind == "garbage":
        path.write_bytes(b"\x00\xff{]: [\xfe" * 40)
    elif kind == "empty":
        path.touch()
    elif kind == "a folder below a file":
        path.touch()
        path = path / "below"
    code = in_process(*(word.format(path) for word in words))
    shown = capsys.readouterr()
    assert code in {2, 3, 6}, shown.err  # 3: evidence that does not hold; 6: refused before the file is looked at
    assert "Traceback" not in shown.err
    assert shown.err + shown.out


# The machine underneath


def test_a_defect_names_a_log_and_shows_no_traceback(
    in_process: Callable[..., int], capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import governance.authority

    def broken(*_: object) -> None:
        raise RuntimeError("the cause")

    monkeypatch.setattr(governance.authority, "viewing", broken)
    assert in_process("whoami") == 70
    shown = capsys.readouterr()
    assert "内部错误" in shown.err
    assert "the cause" not in shown.err
    log = Path(PATH_OF_A_LOG.findall(shown.err)[0])
    assert "RuntimeError: the cause" in log.read_text(encoding="utf-8")
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    log.unlink()


def test_the_log_of_a_defect_holds_no_statements_parameters(
    in_process: Callable[..., int], capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy.exc import IntegrityError

    import governance.authority

    stored = "$".join(("", "argon2id", "hash"))  # the log quotes this very line

    def broken(*_: object) -> None:
        raise IntegrityError("INSERT INTO account VALUES (?)", (stored,), Exception("UNIQUE failed"))

    monkeypatch.setattr(governance.authority, "viewing", broken)
    assert in_process("whoami") == 70
    log = Path(PATH_OF_A_LOG.findall(capsys.readouterr().err)[0])
    content = log.read_text(encoding="utf-8")
    log.unlink()
    assert "UNIQUE failed" in content
    assert stored not in content


def test_a_database_locked_by_another_process_is_told_and_nothing_is_written(guanyun: Any, home: Any) -> None:
    connection = sqlite3.connect(home.database, isolation_level=None)
    connection.execute("PRAGMA locking_mode=EXCLUSIVE")
    connection.execute("BEGIN EXCLUSIVE")
    try:
        told(guanyun("party", "list"), 4, "[store.unavailable]")
    finally:
        connection.close()


IMPATIENT = """
from sqlalchemy import event
from sqlalchemy.pool import Pool
event.listen(Pool, "checkout", lambda connection, *_: connection.execute("PRAGMA busy_timeout=300"))
from cli.main import main
main()
"""


def test_who_only_reads_does_not_wait_for_who_writes(guanyun: Any, home: Any) -> None:
    home.log_in("zhang.min")
    connection = sqlite3.connect(home.database, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    try:
        assert guanyun("party", "list", program=IMPATIENT).code == 0
    finally:
        connection.close()


def test_another_runs_write_is_waited_for_and_then_told(guanyun: Any, home: Any) -> None:
    home.log_in("zhang.min", "draft")
    connection = sqlite3.connect(home.database, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    try:
        ended = guanyun("catalogue", "draft", "examples/catalogue.yaml", program=IMPATIENT)
        told(ended, 4, "[store.unavailable]")
    finally:
        connection.close()
    assert json.loads(guanyun("catalogue", "versions", "--json").out) == []
    assert guanyun("catalogue", "draft", "examples/catalogue.yaml").code == 0


@pytest.mark.parametrize("content", [b"this is no database" * 300, b""])
def test_a_file_that_is_no_database_is_told(guanyun: Any, home: Any, content: bytes) -> None:
    for path in home.folder.glob("records.db*"):
        path.unlink()
    home.database.write_bytes(content)
    ended = guanyun("party", "list")
    told(ended, 4, "[store.")


def test_a_database_of_a_newer_program_is_told(guanyun: Any, home: Any) -> None:
    with sqlite3.connect(home.database) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    told(guanyun("party", "list"), 4, "[store.newer]")


@pytest.mark.parametrize("url", ["nonsense", "nosuch://user:a-secret@host/db"])
def test_a_database_address_that_means_nothing_is_told_without_its_password(guanyun: Any, url: str) -> None:
    ended = guanyun("party", "list", env={"GUANYUN_DATABASE": url})
    told(ended, 2, "GUANYUN_DATABASE")
    assert "a-secret" not in ended.out + ended.err


NO_ROOM = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
from cli.main import main
main()
"""


def test_a_full_disk_is_told(guanyun: Any, home: Any) -> None:
    """A file-size limit of nothing stands for a full disk: every write is refused."""
    home.log_in("zhang.min")
    ended = guanyun("catalogue", "draft", ROOT / "examples" / "catalogue.yaml", program=NO_ROOM)
    told(ended, 4, "[store.unavailable]")
    assert json.loads(guanyun("catalogue", "list", "--json").out) == []


def test_a_home_that_cannot_be_made_is_told(guanyun: Any, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    told(guanyun("demo", "init", env={"GUANYUN_HOME": str(tmp_path / "file" / "home")}), 2, "[cli.file-unusable]")


# Signals and pipes

WAITING = """
import os, sys, time
import governance.authority
def wait(*_):
    print("here", flush=True)
    time.sleep(60)
governance.authority.viewing = wait
from cli.main import main
main()
"""


def test_control_c_ends_with_130_and_says_how_to_go_on(home: Any) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", WAITING, "whoami"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=home.environment,
        cwd=ROOT,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "here\n"
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "run the same command again" in err
    assert "Traceback" not in err


@pytest.mark.parametrize("words", [("--help",), ("audit", "list", "--json"), ("party", "list"), ("nonsense",)])
@pytest.mark.parametrize("both", [False, True])
def test_a_reader_who_leaves_early_hears_no_complaint(home: Any, words: tuple[str, ...], both: bool) -> None:
    """``guanyun … | head -1``, and the same with ``2>&1``."""
    home.log_in("zhang.min")
    reading, writing = os.pipe()
    os.close(reading)
    process = subprocess.run(
        [sys.executable, "-c", "from cli.main import main; main()", *words],
        stdout=writing,
        stderr=writing if both else subprocess.PIPE,
        env=home.environment,
        cwd=ROOT,
        timeout=30,
        check=False,
    )
    os.close(writing)
    assert process.returncode == (2 if words == ("nonsense",) and not both else 141)
    assert b"Traceback" not in (process.stderr or b"")
    assert b"BrokenPipe" not in (process.stderr or b"")


def test_a_broken_pipe_to_another_program_is_no_success(
    in_process: Callable[..., int], capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import governance.authority

    def broken(*_: object) -> None:
        raise BrokenPipeError(32, "Broken pipe")

    monkeypatch.setattr(governance.authority, "viewing", broken)
    assert in_process("whoami") == 70
    Path(PATH_OF_A_LOG.findall(capsys.readouterr().err)[0]).unlink()


def test_what_destroys_is_not_done_without_a_yes(guanyun: Any) -> None:
    told(guanyun("sandbox", "reset"), 2, "[cli.needs-yes]")


# Quick, and completed by the shell


def test_the_version_is_the_distributions(guanyun: Any) -> None:
    from importlib.metadata import version

    assert guanyun("--version").out.strip() == version("guanyun")


def test_completion_is_installed_where_the_shell_looks_for_it(guanyun: Any, home: Any) -> None:
    ended = guanyun("--install-completion", env={"SHELL": "/bin/bash"})
    assert ended.code == 0, ended.err
    script = home.folder / ".local/share/bash-completion/completions/guanyun"
    assert "settlement" in script.read_text(encoding="utf-8")
    assert str(script) in ended.out


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_completion_script_can_be_had_for_every_shell(guanyun: Any, home: Any, tmp_path: Path, shell: str) -> None:
    ended = guanyun("--install-completion", "--shell", shell, "--out", tmp_path / "script")
    assert ended.code == 0, ended.err
    assert "guanyun" in (tmp_path / "script").read_text(encoding="utf-8")
    assert list(home.folder.glob(".*")) == []


def test_bash_completes_a_nouns_verbs(guanyun: Any, tmp_path: Path) -> None:
    guanyun("--install-completion", "--shell", "bash", "--out", tmp_path / "script")
    asked = (
        f"source {tmp_path / 'script'}; COMP_WORDS=(guanyun settlement re); COMP_CWORD=2;"
        "COMP_LINE='guanyun settlement re'; COMP_POINT=${#COMP_LINE};"
        "$(complete -p guanyun | grep -oP '(?<=-F )\\S+'); printf '%s\n' \"${COMPREPLY[@]}\""
    )
    found = subprocess.run(["bash", "-c", asked], capture_output=True, text=True, timeout=30, check=False)
    assert {word.strip() for word in found.stdout.splitlines()} == {"return", "review"}, found.stderr
