"""The policy of approval: its file, what is in force, the chain it gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from governance.errors import Refused
from tenants.requests.policy import UNPUBLISHED, Band, By, Policy, chain_of, in_force
from tenants.requests.policy_reading import read_policy
from tenants.requests.policy_tables import policy_document, policy_from
from tests.tenants.requests.conftest import GROWTH, MARCH, SMALL, Bench

BASE = Policy(
    id="RP-1",
    party="bureau",
    cites="市政数〔2026〕3号",
    start=MARCH,
    delegated=10_000,
    bands=(Band(0, (By.DECIDER,)), Band(50_000, (By.DECIDER, By.UPPER)), Band(90_000, (By.UPPER,), opinion=True)),
    automatic=(SMALL,),
    growth=GROWTH,
)
FILE = {
    "id": "RP-1",
    "party": "bureau",
    "cites": "市政数〔2026〕3号",
    "start": "2026-03-01",
    "delegated_yuan": "100.00",
    "bands": [
        {"from_yuan": "0", "steps": ["decider"]},
        {"from_yuan": "500.00", "steps": ["decider", "upper"]},
        {"from_yuan": "900.00", "steps": ["upper"], "opinion": True},
    ],
    "automatic": [{"id": "small", "kinds": ["create", "change"], "up_to_yuan": "200.00"}],
    "growth": {"id": "growth-50", "most_percent": 50, "use_percent": 35, "days": 14, "up_to_yuan": "1000.00"},
}


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    def write(**changed: object) -> Path:
        path = tmp_path / "policy.yaml"
        path.write_text(yaml.safe_dump({"policy": {**FILE, **changed}}, allow_unicode=True), encoding="utf-8")
        return path

    return write


def test_a_file_is_a_policy(file: Callable[..., Path]) -> None:
    assert read_policy(file()) == (BASE, ())


def test_every_finding_of_a_file_is_named(file: Callable[..., Path]) -> None:
    bands = [{"from_yuan": "1", "steps": ["decider"]}]
    automatic = [{"id": "x", "kinds": ["terminate"], "up_to_yuan": "1"}]
    policy, findings = read_policy(file(bands=bands, checks={"luck": "advisory"}, automatic=automatic))
    assert policy is None
    fields = [finding.place.field for finding in findings]
    assert fields == ["policy.bands", "policy.checks.luck", "policy.automatic[0].kinds"]


def test_a_policy_reads_back_from_its_document() -> None:
    assert policy_from(policy_document(BASE)) == BASE


@given(st.integers(0, 200_000))
def test_the_band_of_the_amount_gives_the_steps(monthly: int) -> None:
    chain = chain_of(BASE, monthly=monthly)
    if monthly <= BASE.delegated or monthly < 50_000:
        assert chain.steps == (By.DECIDER,)
    elif monthly < 90_000:
        assert chain.steps == (By.DECIDER, By.UPPER)
    else:
        assert (chain.steps, chain.opinion) == ((By.UPPER,), True)


@given(st.integers(0, 200_000))
def test_within_the_delegated_quota_the_own_bureau_decides_alone(monthly: int) -> None:
    wide = replace(BASE, delegated=monthly)
    assert chain_of(wide, monthly=monthly).steps == (By.DECIDER,)
    assert not chain_of(wide, monthly=monthly).opinion


def test_without_a_policy_one_person_decides_and_nothing_is_automatic() -> None:
    assert chain_of(UNPUBLISHED, monthly=10**9).steps == (By.DECIDER,)
    assert in_force((BASE,), party="other", level="", at=MARCH) is UNPUBLISHED
    assert UNPUBLISHED.automatic == ()


def test_the_newest_begun_policy_holds_and_one_for_the_level_goes_before() -> None:
    later = replace(BASE, id="RP-2", start=MARCH + timedelta(days=10))
    county = replace(BASE, id="RP-3", levels=("county",))
    every = (BASE, later, county)
    assert in_force(every, party="bureau", level="city", at=MARCH).id == "RP-1"
    assert in_force(every, party="bureau", level="city", at=MARCH + timedelta(days=10)).id == "RP-2"
    assert in_force(every, party="bureau", level="county", at=datetime(2027, 1, 1, tzinfo=UTC)).id == "RP-3"


def test_whoever_drafts_does_not_publish(bench: Bench) -> None:
    from tenants.requests import draft_policy, publish_policy

    digest, new = draft_policy(bench.office, bench.token("bureau-1"), BASE)
    assert new
    with pytest.raises(Refused):
        publish_policy(bench.office, bench.token("bureau-1"), "RP-1")
    with pytest.raises(Refused) as refusal:
        publish_policy(bench.office, bench.token("bureau-2"), "RP-1", digest="0" * 64)
    assert refusal.value.facts["rule"] == "T10"
    assert publish_policy(bench.office, bench.token("bureau-2"), "RP-1", digest=digest) == (BASE, True)
    assert publish_policy(bench.office, bench.token("bureau-2"), "RP-1") == (BASE, False)
    assert draft_policy(bench.office, bench.token("bureau-1"), BASE) == (digest, False)


def test_a_bureau_drafts_its_own_policy_only(bench: Bench) -> None:
    from tenants.requests import draft_policy

    with pytest.raises(Refused) as refusal:
        draft_policy(bench.office, bench.token("bureau-1"), replace(BASE, party="leading-group"))
    assert refusal.value.facts["rule"] == "T10"


def test_a_policy_published_later_does_not_change_an_open_request(bench: Bench) -> None:
    request = bench.ask()
    bench.publish(bands=(Band(0, (By.DECIDER, By.UPPER)),))
    assert [step.party for step in bench.now(request).steps] == ["bureau"]
