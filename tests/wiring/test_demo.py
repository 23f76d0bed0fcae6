"""``demo init``: whole or not at all, only in an empty database, its secrets for nobody else's eyes."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

import wiring.demo
from foundation.evidence import read_key_ring
from foundation.store import open_store
from foundation.values.instant import parse_instant
from governance import audit, installation
from governance.errors import NotEmpty
from governance.parties import parties
from wiring.demo import demo_passwords, init_demo
from wiring.errors import ExampleMissing
from wiring.settings import Settings

START = parse_instant("2026-02-24T09:00:00+08:00", field="start")


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A home in which nothing is."""
    quick = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
    monkeypatch.setattr(wiring.demo, "hash_password", quick.hash)
    return Settings(home=tmp_path / "home", database="", session=None)


def content(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_the_demo_has_its_people_keys_and_clock(settings: Settings) -> None:
    made = init_demo(settings, start=START)
    assert len(demo_passwords(settings)) == made.accounts
    assert made.accounts > made.persons  # somebody has a second account: the story refuses it
    store = open_store(settings.database_url)
    with store.reading() as transaction:
        assert installation.is_demo(transaction)
        assert len(parties(transaction)) == made.parties
        entries = list(audit.entries(transaction))
        assert audit.first_break(entries) is None
        assert {entry.business_at for entry in entries} == {START}
        recorded = {entry.subject.removeprefix("key:") for entry in entries if entry.subject.startswith("key:")}
    store.close()
    assert len(recorded) == made.keys
    ring = read_key_ring(settings.public_keys_folder)
    assert ring is not None
    assert {path.name.removesuffix(".pem") for path in settings.keys_folder.glob("*.pem")} == recorded


def test_secrets_are_for_the_owner_alone(settings: Settings) -> None:
    made = init_demo(settings, start=START)
    secret = [made.passwords, *settings.keys_folder.iterdir()]
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in secret} == {path.name: 0o600 for path in secret}
    assert stat.S_IMODE(settings.home.stat().st_mode) == 0o700
    assert stat.S_IMODE(settings.keys_folder.stat().st_mode) == 0o700


def test_no_password_and_no_identity_stands_in_the_database(settings: Settings) -> None:
    init_demo(settings, start=START)
    stored = b"".join(path.read_bytes() for path in settings.home.glob("records.db*"))
    for password in demo_passwords(settings).values():
        assert password.encode() not in stored


def test_a_second_time_is_refused_and_changes_nothing(settings: Settings) -> None:
    init_demo(settings, start=START)
    store = open_store(settings.database_url)
    with store.reading() as transaction:
        head = audit.head(transaction)
    files = {path: data for path, data in content(settings.home).items() if "records.db" not in path}
    with pytest.raises(NotEmpty) as refused:
        init_demo(settings, start=START)
    assert refused.value.exit_status == 2
    with store.reading() as transaction:
        assert audit.head(transaction) == head
    store.close()
    assert {path: data for path, data in content(settings.home).items() if "records.db" not in path} == files


def test_a_kill_before_the_commit_loses_no_key_and_can_be_repeated(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(wiring.demo, "add_account", killed)
        with pytest.raises(KeyboardInterrupt):
            init_demo(settings, start=START)
    keys = {path: data for path, data in content(settings.home).items() if "records.db" not in path}
    made = init_demo(settings, start=START)
    assert {path: data for path, data in content(settings.home).items() if "records.db" not in path} == keys
    assert json.loads(made.passwords.read_text(encoding="utf-8")).keys() == demo_passwords(settings).keys()


def test_without_its_examples_it_says_which_file_is_missing(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(ExampleMissing) as missing:
        init_demo(settings, start=START, examples=tmp_path / "nowhere")
    assert "parties.yaml" in missing.value.text("en")
    assert not settings.home.exists()
