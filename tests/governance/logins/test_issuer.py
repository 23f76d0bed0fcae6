"""Logging in through the issuer of unified identities, over real HTTP; and issuers, or somebody between, that lie."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from sqlalchemy import text

from foundation.evidence import keyed_hex
from governance.authority import (
    begin_second_factor,
    bind_own_subject,
    bind_subject_of,
    confirm_second_factor,
    open_session,
    open_session_of_subject,
    round_begun,
    round_returned,
    viewing,
)
from governance.errors import Refused
from governance.logins import Opened
from governance.logins.errors import (
    AccountToChoose,
    IssuerAway,
    IssuerWrong,
    SecondFactorNeeded,
    SecondFactorNotEnrolled,
    SubjectBound,
    SubjectUnknown,
)
from governance.logins.issuer import Issuer as OurIssuer
from governance.logins.issuer import IssuerClient, begin_round
from governance.logins.rounds import Proved, Round
from governance.logins.subjects import ROUND_LASTS
from governance.parties import Duty
from tests.governance.logins.conftest import PASSWORD, Bureau
from tests.governance.logins.issuer import CLIENT, CLIENT_SECRET, Issuer, Twist, running, with_secret

REDIRECT = "http://127.0.0.1:9/guanyun"


def hasher(subject: str) -> str:
    return keyed_hex(b"the key of identities", subject.encode())


@dataclass
class Browser:
    """Somebody's browser, and the command line beside it."""

    bureau: Bureau
    issuer: Issuer
    client: IssuerClient

    def begin(self) -> Round:
        round_ = begin_round(self.client.issuer, self.client.endpoints(), REDIRECT, self.bureau.randomness)
        round_begun(self.bureau.office, round_)
        return round_

    def visit(self, round_: Round) -> dict[str, str]:
        """What the issuer sends the browser back with."""
        there = httpx2.get(round_.address, follow_redirects=False)
        assert there.status_code == 302, there.text
        assert there.headers["location"].startswith(REDIRECT)
        return dict(parse_qsl(urlsplit(there.headers["location"]).query))

    def finish(self, round_: Round, answer: dict[str, str]) -> Proved:
        round_returned(self.bureau.office, round_)
        return self.client.redeem(round_, answer, now=self.bureau.clock.now)

    def prove(self) -> Proved:
        round_ = self.begin()
        return self.finish(round_, self.visit(round_))

    def log_in(self, **more: Any) -> Opened:
        return open_session_of_subject(self.bureau.office, self.prove(), hasher=hasher, door=self.bureau.door(), **more)


@pytest.fixture
def browser(bureau: Bureau) -> Iterator[Browser]:
    with running(bureau.clock) as issuer:
        client = IssuerClient(OurIssuer(issuer.address, CLIENT, CLIENT_SECRET))
        yield Browser(bureau, issuer, client)
        client.close()


def bind(browser: Browser, name: str) -> None:
    """The person binds what the issuer calls them, themselves."""
    token = open_session(browser.bureau.office, name, PASSWORD, door=browser.bureau.door()).token
    assert bind_own_subject(browser.bureau.office, token, browser.prove(), hasher=hasher)
    assert not bind_own_subject(browser.bureau.office, token, browser.prove(), hasher=hasher)


def test_whom_the_issuer_knows_and_we_know_is_let_in(browser: Browser) -> None:
    browser.bureau.join("chen", Duty.REQUEST)
    bind(browser, "chen")
    opened = browser.log_in()
    with viewing(browser.bureau.office, opened.token) as view:
        assert (view.actor.account, view.actor.duties) == ("chen", {Duty.REQUEST})
    assert browser.bureau.entries()[-1].facts == {"duty": "request", "second_factor": "", "way": "issuer"}
    assert all(len(verifier) >= 43 for verifier in browser.issuer.seen), "PKCE"


def test_whom_we_do_not_know_gets_no_account(browser: Browser) -> None:
    with pytest.raises(SubjectUnknown):
        browser.log_in()
    with browser.bureau.office.store.reading() as transaction:
        assert transaction.rows(text("select * from account")) == []
    assert browser.bureau.events()[-1] == "login.refused"


def test_an_account_of_somebody_else_is_not_opened(browser: Browser) -> None:
    browser.bureau.join("chen", Duty.REQUEST)
    browser.bureau.join("zhang", Duty.DRAFT)
    bind(browser, "chen")
    with pytest.raises(SubjectUnknown):
        browser.log_in(account="zhang")


def test_who_has_several_accounts_says_which(browser: Browser) -> None:
    browser.bureau.join("chen", Duty.REQUEST)
    browser.bureau.join("chen.2", Duty.READ, person="p-chen")
    bind(browser, "chen")
    with pytest.raises(AccountToChoose, match=r"chen, chen\.2"):
        browser.log_in()
    assert browser.log_in(account="chen.2").account == "chen.2"


def test_a_subject_belongs_to_one_person(browser: Browser) -> None:
    browser.bureau.join("chen", Duty.REQUEST)
    browser.bureau.join("zhang", Duty.DRAFT)
    bind(browser, "chen")
    token = open_session(browser.bureau.office, "zhang", PASSWORD, door=browser.bureau.door()).token
    with pytest.raises(SubjectBound):
        bind_own_subject(browser.bureau.office, token, browser.prove(), hasher=hasher)


def test_an_administrator_binds_a_subject_for_others_only(browser: Browser) -> None:
    office = browser.bureau.office
    browser.bureau.join("chen", Duty.REQUEST)
    browser.bureau.join("guard", Duty.ADMINISTER_SECURITY)
    guard = open_session(office, "guard", PASSWORD, door=browser.bureau.door()).token
    assert bind_subject_of(office, guard, "p-chen", browser.issuer.address, "citizen-1", hasher=hasher)
    assert browser.log_in().account == "chen"
    with pytest.raises(Refused, match="L03"):
        bind_subject_of(office, guard, "p-guard", browser.issuer.address, "citizen-2", hasher=hasher)


def test_the_subject_is_in_the_database_as_a_keyed_hash_only(browser: Browser) -> None:
    browser.bureau.join("chen", Duty.REQUEST)
    bind(browser, "chen")
    with browser.bureau.office.store.reading() as transaction:
        for table in ("login_subject", "audit_entry", "login_issuer_round"):
            assert "citizen-1" not in str(transaction.rows(text(f"select * from {table}")))


def test_a_second_factor_the_issuer_saw_counts_where_the_policy_says_so(browser: Browser) -> None:
    bureau = browser.bureau
    bureau.join("li", Duty.READ)
    bind(browser, "li")
    bureau.policy(second_factor_duties=frozenset({Duty.READ}), second_factor_methods=frozenset({"mfa"}))
    with pytest.raises(SecondFactorNotEnrolled):
        browser.log_in()
    browser.issuer.methods = ("pwd",)
    with pytest.raises(SecondFactorNotEnrolled):
        browser.log_in()
    browser.issuer.methods = ("pwd", "mfa")
    assert browser.log_in().duty is Duty.READ
    assert bureau.entries()[-1].facts["second_factor"] == "issuer"


def test_without_it_our_own_code_is_asked_for(browser: Browser) -> None:
    import pyotp

    bureau = browser.bureau
    bureau.join("li", Duty.READ)
    bind(browser, "li")
    begun = begin_second_factor(bureau.office, "li", PASSWORD, door=bureau.door())
    code = pyotp.TOTP(begun.secret).at(bureau.clock.now)
    confirm_second_factor(bureau.office, "li", PASSWORD, code, door=bureau.door())
    bureau.clock.pass_(minutes=1)
    with pytest.raises(SecondFactorNeeded):
        browser.log_in()
    assert browser.log_in(code=pyotp.TOTP(begun.secret).at(bureau.clock.now)).account == "li"


def test_failures_at_the_password_do_not_keep_out_whom_the_issuer_knows(browser: Browser) -> None:
    browser.bureau.policy(account_failures=3, source_failures=50, second_factor_duties=frozenset())
    browser.bureau.join("chen", Duty.REQUEST)
    bind(browser, "chen")
    for _ in range(5):
        with pytest.raises(Exception, match="login"):
            open_session(browser.bureau.office, "chen", "Wrong-wrong-7", door=browser.bureau.door("elsewhere"))
    assert browser.log_in().account == "chen"


# An issuer, or somebody between, that lies


def forged(header: dict[str, Any], claims: dict[str, Any]) -> str:
    other = RSAKey.generate_key(2048)
    return jwt.encode(header, claims, other, ["RS256"])


def unsigned(header: dict[str, Any], claims: dict[str, Any]) -> str:
    parts = (json.dumps({"alg": "none", "typ": "JWT"}), json.dumps(claims))
    return ".".join(urlsafe_b64encode(part.encode()).rstrip(b"=").decode() for part in parts) + "."


LIES: dict[str, dict[str, Any]] = {
    "another audience": {"aud": ["somebody-else"]},
    "several audiences and no party": {"aud": [CLIENT, "somebody-else"]},
    "made for another party": {"aud": [CLIENT], "azp": "somebody-else"},
    "another issuer": {"iss": "https://elsewhere.example"},
    "expired": {"exp": -120},
    "made in the future": {"iat": 600},
    "not good yet": {"nbf": 600},
    "another round's nonce": {"nonce": "another"},
    "no nonce": {"nonce": None},
    "no subject": {"sub": None},
    "an empty subject": {"sub": ""},
    "a subject that is a number": {"sub": 7},
    "no end": {"exp": None},
    "no audience": {"aud": None},
}


@pytest.mark.parametrize("lie", LIES)
def test_a_token_with_a_wrong_claim_is_not_taken(browser: Browser, lie: str) -> None:
    def twist(header: dict[str, Any], claims: dict[str, Any]) -> None:
        for name, value in LIES[lie].items():
            now = int(browser.bureau.clock.now.timestamp())
            claims[name] = now + value if isinstance(value, int) and name != "sub" else value
            if value is None:
                del claims[name]

    browser.issuer.twist = twist
    with pytest.raises(IssuerWrong):
        browser.prove()


def test_a_wrong_signature_is_not_taken(browser: Browser) -> None:
    browser.issuer.twist = forged
    with pytest.raises(IssuerWrong, match="BadSignature"):
        browser.prove()


def test_a_token_without_a_signature_is_not_taken_even_where_the_issuer_offers_it(browser: Browser) -> None:
    browser.issuer.twist = unsigned
    with pytest.raises(IssuerWrong):
        browser.prove()


@pytest.mark.parametrize("form", ["pem", "json"])
def test_the_public_key_taken_for_a_shared_secret_is_not_taken(browser: Browser, form: str) -> None:
    public = browser.issuer.keys[0]
    secret = public.as_pem(private=False) if form == "pem" else json.dumps(public.as_dict(private=False)).encode()
    browser.issuer.twist = lambda header, claims: with_secret(header, claims, secret)
    with pytest.raises(IssuerWrong):
        browser.prove()


def test_a_token_that_brings_its_own_key_is_not_taken(browser: Browser) -> None:
    own = RSAKey.generate_key(2048)

    def twist(header: dict[str, Any], claims: dict[str, Any]) -> str:
        brought = {**header, "jwk": own.as_dict(private=False)}
        return jwt.encode(brought, claims, own, ["RS256"])

    browser.issuer.twist = twist
    with pytest.raises(IssuerWrong):
        browser.prove()


def ahead_by(seconds: int) -> Twist:
    """The clock of an issuer that is wrong by so much; its tokens are good for a second."""

    def twist(header: dict[str, Any], claims: dict[str, Any]) -> None:
        claims["iat"] += seconds
        claims["exp"] = claims["iat"] + 1

    return twist


@pytest.mark.parametrize("seconds", [50, -50])
def test_clocks_may_differ_by_a_minute(browser: Browser, seconds: int) -> None:
    browser.issuer.twist = ahead_by(seconds)
    assert browser.prove().subject == "citizen-1"


@pytest.mark.parametrize("seconds", [90, -90])
def test_clocks_may_differ_by_no_more_than_a_minute(browser: Browser, seconds: int) -> None:
    browser.issuer.twist = ahead_by(seconds)
    with pytest.raises(IssuerWrong):
        browser.prove()


def test_a_key_the_issuer_changed_to_is_looked_for_once(browser: Browser) -> None:
    assert browser.prove().subject == "citizen-1"
    assert browser.prove().subject == "citizen-1"
    assert browser.issuer.key_requests == 1
    browser.issuer.rotate()
    assert browser.prove().subject == "citizen-1"
    assert browser.issuer.key_requests == 2


def test_a_token_of_a_key_that_is_not_published_any_more_is_not_taken(browser: Browser) -> None:
    old = browser.issuer.keys[0]
    browser.prove()
    browser.issuer.rotate()
    browser.issuer.twist = lambda header, claims: jwt.encode({**header, "kid": old.kid}, claims, old, ["RS256"])
    browser.client._keys = None
    with pytest.raises(IssuerWrong, match="not published"):
        browser.prove()


def test_another_rounds_state_is_not_taken(browser: Browser) -> None:
    mine, other = browser.begin(), browser.begin()
    with pytest.raises(IssuerWrong, match="state"):
        browser.finish(mine, browser.visit(other))
    with pytest.raises(IssuerWrong, match="state"):
        browser.finish(browser.begin(), {"code": "anything"})


def test_a_round_is_good_for_one_return(browser: Browser) -> None:
    round_ = browser.begin()
    answer = browser.visit(round_)
    browser.finish(round_, answer)
    with pytest.raises(IssuerWrong, match="round was used"):
        browser.finish(round_, answer)


def test_a_round_that_took_too_long_is_over(browser: Browser) -> None:
    round_ = browser.begin()
    answer = browser.visit(round_)
    browser.bureau.clock.now += ROUND_LASTS
    with pytest.raises(IssuerWrong, match="too long"):
        browser.finish(round_, answer)


def test_a_stolen_code_is_worth_nothing_without_the_rounds_verifier(browser: Browser) -> None:
    victim, thief = browser.begin(), browser.begin()
    stolen = browser.visit(victim)["code"]
    with pytest.raises(IssuerWrong):
        browser.finish(thief, {"code": stolen, "state": thief.state})


def test_a_token_of_an_earlier_round_is_not_taken_again(browser: Browser) -> None:
    kept: list[str] = []

    def keep(header: dict[str, Any], claims: dict[str, Any]) -> None:
        kept.append(jwt.encode(header, claims, browser.issuer.keys[0], ["RS256"]))

    browser.issuer.twist = keep
    browser.prove()
    browser.issuer.twist = lambda header, claims: kept[0]
    with pytest.raises(IssuerWrong, match="nonce"):
        browser.prove()


def test_an_answer_from_another_issuer_is_not_taken(browser: Browser) -> None:
    round_ = browser.begin()
    answer = browser.visit(round_) | {"iss": "https://elsewhere.example"}
    with pytest.raises(IssuerWrong, match="another issuer"):
        browser.finish(round_, answer)


def test_what_the_issuer_does_not_permit_is_said(browser: Browser) -> None:
    round_ = browser.begin()
    with pytest.raises(IssuerWrong, match="access_denied"):
        browser.finish(round_, {"state": round_.state, "error": "access_denied"})


@pytest.mark.parametrize("named", ["jwks_uri", "token_endpoint", "authorization_endpoint"])
def test_an_address_that_is_not_https_is_not_gone_to(browser: Browser, named: str) -> None:
    browser.issuer.says = {named: "http://elsewhere.example/keys"}
    with pytest.raises(IssuerWrong, match="https"):
        browser.prove()


def test_an_issuer_that_calls_itself_otherwise_is_not_believed(browser: Browser) -> None:
    browser.issuer.says = {"issuer": "https://elsewhere.example"}
    with pytest.raises(IssuerWrong, match="another address"):
        browser.prove()


def test_an_issuer_that_is_away_is_said_in_words_and_the_password_still_works(browser: Browser) -> None:
    browser.bureau.join("chen", Duty.REQUEST)
    browser.issuer.broken = 503
    with pytest.raises(IssuerAway, match="503"):
        browser.prove()
    away = IssuerClient(replace(browser.client.issuer, address="http://127.0.0.1:1"))
    with pytest.raises(IssuerAway, match="ConnectError"):
        away.endpoints()
    away.close()
    assert open_session(browser.bureau.office, "chen", PASSWORD, door=browser.bureau.door())


def test_an_answer_that_is_no_json_is_not_taken(browser: Browser) -> None:
    browser.issuer.says = {"jwks_uri": f"{browser.issuer.address}/words"}
    with pytest.raises(IssuerWrong, match="JSON"):
        browser.prove()


def test_our_own_secret_is_shown_by_nothing(browser: Browser) -> None:
    round_ = browser.begin()
    assert CLIENT_SECRET not in repr(browser.client.issuer)
    assert not {round_.state, round_.nonce, round_.verifier} & set(repr(round_).split("'"))
