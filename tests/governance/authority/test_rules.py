"""The policies as shipped: checked against the schema and the acts, complete, and the same in either order."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import cedarpy
import pytest

from governance.authority import RULES, Act
from governance.authority import rules as reading
from governance.authority.errors import NoSuchAct, PoliciesBroken
from governance.authority.policy import Actor, Deed, Thing, forbid, permit
from governance.authority.rules import Pair, check_policies, pairs, policies, policies_for, schema_text, sources
from governance.parties import Duty, PartyKind

FOLDER = Path(reading.__file__).with_name("policies")
FILES = sorted(path.name for path in FOLDER.glob("*.cedar"))


@pytest.mark.parametrize("name", FILES)
def test_every_file_fits_the_schema(name: str) -> None:
    checked = cedarpy.validate_policies((FOLDER / name).read_text(encoding="utf-8"), schema_text())
    assert checked.errors == []


def test_every_act_has_exactly_one_permit_with_an_id_of_its_own() -> None:
    check_policies()
    permits = [policy for policy in policies().values() if policy.effect == "permit" and policy.acts]
    assert sorted(act for policy in permits for act in policy.acts) == sorted(Act)
    assert {rule.id for rule in RULES.values()} == {policy.id for policy in permits}


def test_every_policy_says_what_it_is_about_in_both_languages() -> None:
    for policy in policies().values():
        assert any("\u4e00" <= letter <= "\u9fff" for letter in policy.zh), policy.id
        assert policy.en.isascii() or "“" in policy.en, policy.id


def test_every_policy_cites_what_it_rests_on() -> None:
    """Every forbid above all: whoever is refused is told by what."""
    bare = [policy.id for policy in policies().values() if not policy.cites]
    assert bare == []
    used = {cited for policy in policies().values() for cited in policy.cites}
    assert used == set(sources().values()), "a source that nothing cites"
    for cited in used:
        assert "领域说明" in cited.zh
        assert re.match(r"DOMAIN §[123]: ", cited.en)


def test_only_break_glass_permits_every_act() -> None:
    everywhere = {policy.id for policy in policies().values() if policy.effect == "permit" and not policy.acts}
    assert everywhere == {"A03"}


@pytest.mark.parametrize("pair", pairs(), ids=lambda pair: f"{pair.one}+{pair.other}")
def test_two_acts_that_are_apart_are_so_for_the_same_person_and_body_in_either_order(pair: Pair) -> None:
    for done, wanted in ((pair.one, pair.other), (pair.other, pair.one)):
        (kind, *_) = sorted(RULES[wanted].kinds)
        actor = Actor("a", "p", "x", kind, frozenset(Duty), frozenset({"x"}), frozenset({kind}))
        for deed, refused in (
            (Deed(done, frozenset({"p"}), frozenset({"y"})), True),
            (Deed(done, frozenset({"q"}), frozenset({"x"})), pair.organisation),
            (Deed(done, frozenset({"q"}), frozenset({"y"})), False),
        ):
            assert (forbid(actor, wanted, Thing(deeds=(deed,))) is not None) is refused, (done, wanted, deed)


SAME_BODY = {
    frozenset({Act.SETTLEMENT_ACCEPT, Act.SETTLEMENT_REVIEW}): "finance is of the paying body, often the bureau's own",
    frozenset({Act.SETTLEMENT_ACCEPT, Act.SETTLEMENT_APPROVE}): "as above",
    frozenset({Act.REQUEST_CREATE, Act.PLAN_APPROVE}): "the bureau's approval, of another body, lies between them",
}
"""Pairs of parties of different kinds that one body may be, and why."""


def test_what_different_kinds_of_party_do_is_apart_by_organisation() -> None:
    """Asking and approving, operating and judging: one body with two plates must not come to do both."""
    lax = {
        frozenset({pair.one, pair.other})
        for pair in pairs()
        if not pair.organisation and not RULES[pair.one].kinds & RULES[pair.other].kinds
    }
    experts = {pair for pair in lax if any(RULES[act].kinds == {PartyKind.EXPERT} for act in pair)}
    assert lax - experts == set(SAME_BODY)


def test_a_broken_policy_stops_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    """No policy is left out in silence: nobody may do anything until it is mended."""
    whole = reading._read
    broken = {
        "an act that does not exist": ('Action::"clock.set"', 'Action::"clock.sat"'),
        "an attribute that does not exist": ("principal.duties", "principal.dutys"),
        "no words": ('@zh("设定演示的业务时间")', ""),
        "another's id": ('@id("R01")', '@id("R33")'),
        "a source that does not exist": ('@cites("bureau, calendar")', '@cites("bureau, almanac")'),
        "no permit": ('permit (principal, action == Action::"clock', 'forbid (principal, action == Action::"clock'),
    }
    for what, (right, wrong) in broken.items():
        monkeypatch.setattr(reading, "_read", lambda name, r=right, w=wrong: whole(name).replace(r, w))
        for known in (reading.policies, reading._rules, reading.pairs, reading.policy_set):
            known.cache_clear()
        with pytest.raises(PoliciesBroken):
            check_policies()
            pytest.fail(what)
    monkeypatch.undo()
    for known in (reading.policies, reading._rules, reading.pairs, reading.policy_set):
        known.cache_clear()
    check_policies()


def test_only_the_acts_own_policies_are_handed_over() -> None:
    assert max(len(policies_for(act)) for act in Act) < len(policies()) / 4


def test_nobody_without_a_verified_identity_acts() -> None:
    for act, rule in RULES.items():
        (kind, *_) = sorted(rule.kinds)
        actor = Actor("a", "p", "x", kind, frozenset(Duty), frozenset({"x"}), frozenset({kind}), verified=False)
        refusal = permit(actor, act)
        assert refusal is not None
        assert "A02" in refusal.policies


def test_a_word_that_is_no_act_is_told_its_neighbours() -> None:
    from governance.authority import act_named

    with pytest.raises(NoSuchAct, match=r"request\.approve"):
        act_named("request.aprove")


def test_the_programs_help_reads_no_policy() -> None:
    code = "import sys; from cli.main import run; run(['--help']); sys.exit('cedarpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0
