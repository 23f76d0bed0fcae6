"""The one policy function: may this actor do this act to this thing, and whose rows may they see. Cedar decides.

Only the act's own policies go to Cedar, parsed once; an answer depends on the question alone and is remembered.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from foundation.store import Scope
from governance.authority.acts import Act
from governance.authority.errors import PoliciesBroken
from governance.authority.rules import RULES, Cited, pairs, policy_of, policy_set
from governance.parties import Duty, PartyKind

REMEMBERED = 8192
"""How many questions a process keeps the answers of."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: one natural person, through one account, for one party.

    ``kinds``, ``parties`` and ``organisations`` are those of **every** account and membership of the person, and of
    whoever they act for by delegation (``behalf``, a person's id, empty where they act for themselves), because the
    rule binds the person. ``persons``: every id found to be this natural person or the one acted for; a body whose
    organisations are not told is its own. ``predecessors``: whom the party followed, and whose records it keeps.
    """

    account: str
    person: str
    party: str
    kind: PartyKind
    duties: frozenset[Duty]
    parties: frozenset[str]
    kinds: frozenset[PartyKind]
    organisations: frozenset[str] = frozenset()
    persons: frozenset[str] = frozenset()
    behalf: str = ""
    verified: bool = True
    predecessors: frozenset[str] = frozenset()

    @property
    def natural(self) -> frozenset[str]:
        """Every id of the natural persons who would have done what this actor does."""
        return self.persons | {self.person} | ({self.behalf} if self.behalf else frozenset())

    @property
    def bodies(self) -> frozenset[str]:
        """Every organisation the person belongs to."""
        return self.organisations or self.parties


@dataclass(frozen=True, slots=True)
class Deed:
    """An act already done on a thing: by which natural persons (all ids) and for which organisations."""

    act: Act
    persons: frozenset[str]
    organisations: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Thing:
    """What is acted on. ``owner``: the agency whose thing it is, where another organisation must decide.

    ``owner_organisations`` are the bodies that agency is (more than one after a reorganisation), ``decider`` the
    party that decides for it, ``deeds`` what was done on it, on what it rests on and on what rests on it.
    """

    owner: str | None = None
    owner_organisations: frozenset[str] = frozenset()
    decider: str | None = None
    deeds: tuple[Deed, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not: the rule's id and the reason in words. ``policies``: what forbade it; empty where nothing permitted.

    ``cites``: what the rule rests on.
    """

    rule: str
    zh: str
    en: str
    policies: tuple[str, ...] = ()
    cites: tuple[Cited, ...] = ()


@dataclass(frozen=True, slots=True)
class _Question:
    act: Act
    party: str
    kind: PartyKind
    duties: frozenset[Duty]
    kinds: frozenset[PartyKind]
    bodies: frozenset[str]
    verified: bool
    delegated: bool
    owner: str | None
    owner_organisations: frozenset[str]
    decider: str | None
    door: bool
    by_person: frozenset[Act]
    by_organisation: frozenset[Act]
    glass: bool


_SEES_EVERY_AGENCY = frozenset(
    {
        PartyKind.LEADING_GROUP,
        PartyKind.BUREAU,
        PartyKind.OPERATOR,
        PartyKind.FINANCE,
        PartyKind.FISCAL,
        PartyKind.AUDITOR,
    }
)
"""Named one by one, so that a kind of party yet to come sees nothing but its own until somebody decides otherwise."""


def scope_of(actor: Actor) -> Scope:
    """Whose rows the actor may see: an agency its own and those of whom it followed, the parties that manage, run, pay,
    budget or audit all of them."""
    return Scope(None if actor.kind in _SEES_EVERY_AGENCY else actor.predecessors | {actor.party})


def machine_scope() -> Scope:
    """The scope of a subscriber or collector, which acts for no person."""
    return Scope(None)


def permit(actor: Actor, act: Act, thing: Thing | None = None, *, glass: bool = False) -> Refusal | None:
    """Why ``actor`` may not do ``act`` to ``thing``; None where they may.

    Without a thing, at the door: whether they could do it to any. ``glass``: a break-glass grant stands for it.
    """
    question = _question(actor, act, thing, glass=glass)
    allowed, reasons = _answer(question)
    if allowed:
        return None
    return _forbidden(actor, question, thing, reasons) if reasons else _not_permitted(actor, question)


def forbid(actor: Actor, act: Act, thing: Thing | None = None) -> Refusal | None:
    """What forbids ``act`` to this person, whether or not their account has the duty for it."""
    question = _question(actor, act, thing, glass=False)
    allowed, reasons = _answer(question)
    return _forbidden(actor, question, thing, reasons) if reasons and not allowed else None


def _question(actor: Actor, act: Act, thing: Thing | None, *, glass: bool) -> _Question:
    about = thing or Thing()
    return _Question(
        act=act,
        party=actor.party,
        kind=actor.kind,
        duties=actor.duties,
        kinds=actor.kinds,
        bodies=actor.bodies,
        verified=actor.verified,
        delegated=bool(actor.behalf),
        owner=about.owner,
        owner_organisations=about.owner_organisations or frozenset({about.owner} if about.owner else ()),
        decider=about.decider,
        door=thing is None,
        by_person=frozenset(deed.act for deed in about.deeds if deed.persons & actor.natural),
        by_organisation=frozenset(deed.act for deed in about.deeds if deed.organisations & actor.bodies),
        glass=glass,
    )


@lru_cache(maxsize=REMEMBERED)
def _answer(question: _Question) -> tuple[bool, tuple[str, ...]]:
    """(allowed, ids of the policies that say so)."""
    from cedarpy import is_authorized  # noqa: PLC0415 - start-up stays lazy

    person, thing = {"type": "Person", "id": "actor"}, {"type": "Thing", "id": "subject"}
    known = {"owner": question.owner, "decider": question.decider}
    whose = {name: value for name, value in known.items() if value}
    answer = is_authorized(
        {
            "principal": person,
            "action": {"type": "Action", "id": question.act.value},
            "resource": thing,
            "context": {
                "atTheDoor": question.door,
                "byThisPerson": sorted(question.by_person),
                "byThisOrganisation": sorted(question.by_organisation),
                "glassBroken": question.glass,
            },
        },
        policy_set(question.act),
        [
            {
                "uid": person,
                "parents": [],
                "attrs": {
                    "party": question.party,
                    "kind": question.kind.value,
                    "duties": sorted(question.duties),
                    "kinds": sorted(question.kinds),
                    "organisations": sorted(question.bodies),
                    "verified": question.verified,
                    "delegated": question.delegated,
                },
            },
            {
                "uid": thing,
                "parents": [],
                "attrs": {**whose, "ownerOrganisations": sorted(question.owner_organisations)},
            },
        ],
    )
    if answer.diagnostics.errors:
        # Cedar leaves out a policy it cannot evaluate, a forbid among them: nobody may then do anything.
        raise PoliciesBroken(file=question.act.value, reason="; ".join(answer.diagnostics.errors))
    return answer.allowed, tuple(sorted(answer.diagnostics.reasons))


def _forbidden(actor: Actor, question: _Question, thing: Thing | None, reasons: tuple[str, ...]) -> Refusal:
    rule = RULES[question.act]
    written = [policy_of(reason) for reason in reasons]
    zh, en = [policy.zh for policy in written], [policy.en for policy in written]
    apart = [deed for deed in (thing or Thing()).deeds if _apart(deed.act, question.act)]
    if mine := sorted({deed.act for deed in apart if deed.persons & actor.natural}):
        zh.append(f"同一自然人已做过 {'、'.join(mine)}")
        en.append(f"the same natural person already did {', '.join(mine)}")
    if ours := sorted(
        {
            deed.act
            for deed in apart
            if deed.organisations & actor.bodies and _apart(deed.act, question.act, organisation=True)
        }
        - set(mine)
    ):
        zh.append(f"同一机构已做过 {'、'.join(ours)}")
        en.append(f"the same organisation already did {', '.join(ours)}")
    if sides := sorted(actor.kinds & rule.not_of):
        zh.append(f"同一自然人另有{'、'.join(kind.zh for kind in sides)}身份")
        en.append(f"the same natural person also belongs to the {' and '.join(sides)}")
    return Refusal(
        rule=rule.id,
        zh=";".join(zh),
        en="; ".join(en),
        policies=tuple(policy.id for policy in written),
        cites=tuple(dict.fromkeys(each for policy in written for each in policy.cites)),
    )


def _not_permitted(actor: Actor, question: _Question) -> Refusal:
    rule = RULES[question.act]
    if actor.kind not in rule.kinds:
        kinds = sorted(rule.kinds)
        zh = f"这是{'、'.join(kind.zh for kind in kinds)}的事,你代表的是{actor.kind.zh}"
        en = f"this is for the {' or '.join(kinds)}; you act for the {actor.kind}"
    elif rule.duty not in actor.duties:
        zh, en = f"账号没有 {rule.duty} 职责", f"the account does not have the duty {rule.duty}"
    elif rule.by_decider and not question.door and question.decider != actor.party:
        owner, decider = question.owner or "?", question.decider or "?"
        zh = f"{owner} 的事项由 {decider} 决定,不由 {actor.party} 决定"
        en = f"things of {owner} are decided by {decider}, not by {actor.party}"
    else:
        policy = policy_of(rule.id)
        zh, en = f"不符合“{policy.zh}”的条件", f"the conditions of “{policy.en}” do not hold"
    return Refusal(rule.id, zh, en, cites=policy_of(rule.id).cites)


def _apart(one: Act, other: Act, *, organisation: bool = False) -> bool:
    return any({pair.one, pair.other} == {one, other} and (pair.organisation or not organisation) for pair in pairs())
