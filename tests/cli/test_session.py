"""Logging in at the command line: one duty, a code, the issuer in a browser, tokens for programs."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pyotp
import pytest

from tests.cli.conftest import PROGRAM, ROOT
from tests.governance.logins.issuer import CLIENT, CLIENT_SECRET, Issuer, running

Say = Callable[..., Any]


@pytest.fixture
def say(guanyun: Any) -> Say:
    """Run a command that asks for secrets, and give it these lines."""

    def run(*words: str, lines: Sequence[str], env: Any = None) -> Any:
        reading, writing = os.pipe()
        os.write(writing, "".join(f"{line}\n" for line in lines).encode())
        os.close(writing)
        try:
            return guanyun(*words, "--password-fd", str(reading), descriptors=[reading], env=env)
        finally:
            os.close(reading)

    return run


def test_who_has_several_duties_says_which_and_may_change_it(guanyun: Any, home: Any, say: Say) -> None:
    password = home.passwords()["wang.fang"]
    ended = say("login", "wang.fang", lines=[password])
    assert ended.code == 2
    assert "draft, operate, settle" in ended.err
    assert "[governance.duty-to-choose]" in ended.err
    assert say("login", "wang.fang", "--duty", "operate", lines=[password]).code == 0
    assert json.loads(guanyun("whoami", "--json").out)["duty"] == "operate"
    assert guanyun("login", "--switch", "settle").code == 0
    told = json.loads(guanyun("whoami", "--json").out)
    assert (told["duty"], told["may_switch_to"]) == ("settle", ["draft", "operate"])
    ended = guanyun("login", "--switch", "pay")
    assert (ended.code, "[governance.duty-not-held]" in ended.err) == (6, True)
    ended = guanyun("login", "--switch", "fly")
    assert (ended.code, "[values.invalid]" in ended.err) == (2, True)


def test_an_act_of_another_duty_is_refused_until_the_login_changes(guanyun: Any, home: Any) -> None:
    home.log_in("wang.fang", "operate")
    ended = guanyun("clock", "set", "2026-02-25T09:00:00+08:00")
    assert (ended.code, "draft" in ended.err) == (6, True)


def test_a_password_is_changed_and_every_finding_is_told(home: Any, say: Say) -> None:
    old = home.passwords()["chen.jing"]
    ended = say("password", "change", "chen.jing", lines=[old, "short"])
    assert ended.code == 2
    assert {"[governance.password.length]", "[governance.password.kinds]"} <= set(ended.err.split())
    assert say("password", "change", "chen.jing", lines=[old, "Another-horse-8"]).code == 0
    assert say("login", "chen.jing", lines=[old]).code == 6
    assert say("login", "chen.jing", lines=["Another-horse-8"]).code == 0


def test_too_many_failures_lock_and_an_administrator_unlocks(guanyun: Any, home: Any, say: Say) -> None:
    codes = [say("login", "chen.jing", lines=["wrong"]).err for _ in range(6)]
    assert ["[governance.login-refused]" in said for said in codes] == [True] * 5 + [False]
    assert "[governance.login-locked]" in codes[-1]
    home.log_in("ma.chao")
    [locked] = json.loads(guanyun("password", "locks", "--json").out)
    assert locked["account"] == "chen.jing"
    assert guanyun("password", "unlock", "chen.jing").code == 0
    assert say("login", "chen.jing", lines=[home.passwords()["chen.jing"]]).code == 0


def test_a_first_password_is_shown_once_and_must_be_changed(guanyun: Any, home: Any, say: Say) -> None:
    home.log_in("sun.wei")
    ended = guanyun("password", "give", "chen.jing", env={"GUANYUN_LANG": "en"})
    first = ended.out.strip().rpartition(" ")[2]
    assert "[governance.password-expired]" in say("login", "chen.jing", lines=[first]).err
    assert say("password", "change", "chen.jing", lines=[first, "Another-horse-8"]).code == 0
    assert say("login", "chen.jing", lines=["Another-horse-8"]).code == 0


def test_a_second_factor_is_got_confirmed_and_asked_for(home: Any, say: Say) -> None:
    password = home.passwords()["chen.jing"]
    reading, writing = os.pipe()
    os.write(writing, f"{password}\n".encode())
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "password", "code", "chen.jing", "--password-fd", str(reading)],
        env=home.environment | {"PYTHONUNBUFFERED": "1"},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        pass_fds=[reading],
    )
    assert process.stdout is not None
    secret = re.search(r"[A-Z2-7]{32}", process.stdout.readline())
    assert secret is not None
    machine = pyotp.TOTP(secret[0])
    os.write(writing, f"{machine.at(datetime.now(UTC), counter_offset=-1)}\n".encode())
    os.close(writing)
    said, complained = process.communicate(timeout=90)
    os.close(reading)
    assert process.returncode == 0, complained
    recovery = re.findall(r"^(?:[a-z2-7]{4}-){3}[a-z2-7]{4}$", said, re.MULTILINE)
    assert len(recovery) == 10
    assert "[governance.second-factor-needed]" in say("login", "chen.jing", lines=[password]).err
    assert say("login", "chen.jing", lines=[password, machine.now()]).code == 0
    assert say("login", "chen.jing", lines=[password, recovery[0]]).code == 0
    assert say("login", "chen.jing", lines=[password, recovery[0]]).code == 6
    key = home.folder / "keys" / "logins.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    content = b"".join(path.read_bytes() for path in home.folder.glob("records.db*"))
    assert secret[0].encode() not in content


def test_a_token_for_programs_comes_from_a_file_and_is_ended(guanyun: Any, home: Any, tmp_path: Path) -> None:
    home.log_in("wang.fang", "operate")
    made = guanyun("token", "make", "collector", "--days", "7", "--act", "usage.collect")
    assert made.code == 0, made.err
    [secret] = [line for line in made.out.splitlines() if line.startswith("guanyun-")]
    file = tmp_path / "token"
    file.write_text(secret + "\n", encoding="ascii")
    program = {"GUANYUN_TOKEN_FILE": str(file), "GUANYUN_SESSION": str(tmp_path / "none")}
    assert json.loads(guanyun("whoami", "--json", env=program).out)["duty"] == "operate"
    ended = guanyun("room", "import", "city", "examples/room.xlsx", env=program)
    assert (ended.code, "L01" in ended.err) == (6, True)
    [listed] = json.loads(guanyun("token", "ls", "--json").out)
    assert (listed["name"], listed["acts"], listed["ended_at"]) == ("collector", ["usage.collect"], None)
    assert listed["used_at"] is not None
    assert secret not in json.dumps(listed)
    assert "[governance.in-person-only]" in guanyun("token", "ls", env=program).err
    assert guanyun("token", "revoke", "collector").code == 0
    assert guanyun("whoami", env=program).code == 6
    assert guanyun("whoami", env={"GUANYUN_TOKEN_FILE": str(tmp_path / "absent")}).code == 2


def test_the_rules_are_shown_and_a_file_with_mistakes_lists_them_all(guanyun: Any, home: Any, tmp_path: Path) -> None:
    home.log_in("ma.chao")
    assert json.loads(guanyun("password", "policy", "--json").out)["account_failures"] == 5
    file = tmp_path / "rules.yaml"
    file.write_text("password_length: 3\nnonsense: 1\n", encoding="utf-8")
    ended = guanyun("password", "policy", file)
    assert ended.code == 2
    assert ended.err.count("rules.yaml") > 10
    whole = (ROOT / "examples" / "login-policy.yaml").read_text(encoding="utf-8")
    file.write_text(whole.replace("idle_minutes: 30", "idle_minutes: 20"), encoding="utf-8")
    assert guanyun("password", "policy", file).code == 0
    assert "hold already" in guanyun("password", "policy", file).out


# The issuer


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with running(lambda: datetime.now(UTC)) as made:
        yield made


@pytest.fixture
def browse(home: Any, issuer: Issuer, tmp_path: Path) -> Callable[..., tuple[int, str]]:
    """Run a command that goes to the issuer, with a browser that follows where it is sent."""
    secret = tmp_path / "client-secret"
    secret.write_text(CLIENT_SECRET, encoding="utf-8")

    def run(*words: str, address: str = "") -> tuple[int, str]:
        settings = {
            "GUANYUN_OIDC_ISSUER": address or issuer.address,
            "GUANYUN_OIDC_CLIENT": CLIENT,
            "GUANYUN_OIDC_SECRET_FILE": str(secret),
            "BROWSER": "true",
            "PYTHONUNBUFFERED": "1",
        }
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *words],
            env=home.environment | settings,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert process.stdout is not None
        first = process.stdout.readline()
        address_ = re.search(r"http://127\S+", first)
        if address_ is not None and "/authorize?" in address_[0]:
            threading.Thread(target=_follow, args=(address_[0],), daemon=True).start()
        # Not ``communicate``: it reads beside the buffer that ``readline`` has filled.
        limit = threading.Timer(90, process.kill)
        limit.start()
        rest = process.stdout.read()
        process.wait()
        limit.cancel()
        return process.returncode, first + rest

    return run


def _follow(address: str) -> None:
    time.sleep(0.1)
    there = httpx2.get(address, follow_redirects=False)
    back = there.headers["location"]
    # a page that is not the one asked for ends nothing
    assert httpx2.get(back.partition("/guanyun")[0] + "/favicon.ico").status_code == 404
    assert httpx2.get(back).status_code == 200


def test_an_identity_is_bound_in_person_and_then_lets_in(browse: Any, home: Any, guanyun: Any) -> None:
    code, said = browse("login", "--oidc")
    assert (code, "[governance.subject-unknown]" in said) == (6, True)
    home.log_in("liu.yang")
    code, said = browse("login", "--oidc", "--bind")
    assert code == 0, said
    home.session.unlink()
    code, said = browse("login", "--oidc")
    assert code == 0, said
    assert json.loads(guanyun("whoami", "--json").out)["account"] == "liu.yang"
    assert CLIENT_SECRET not in said


def test_an_issuer_that_is_away_is_said_without_a_traceback(browse: Any) -> None:
    code, said = browse("login", "--oidc", address="http://127.0.0.1:1")
    assert (code, "[governance.issuer-away]" in said, "Traceback" in said) == (4, True, False)


def test_without_an_issuer_it_says_what_to_set(guanyun: Any) -> None:
    ended = guanyun("login", "--oidc")
    assert (ended.code, "GUANYUN_OIDC_ISSUER" in ended.err) == (2, True)
