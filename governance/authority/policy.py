"""The one policy function: may this actor do this act, and whose rows may they see."""

from __future__ import annotations

from dataclasses import dataclass

from foundation.store import Scope
from governance.authority.acts import RULES, Act
from governance.parties import Duty, PartyKind


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: one natural person, through one account, for one party.

    ``kinds`` and ``parties`` are those of **every** account of the person, because the rule binds the person.
    """

    account: str
    person: str
    party: str
    kind: PartyKind
    duties: frozenset[Duty]
    parties: frozenset[str]
    kinds: frozenset[PartyKind]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not: the rule's id and the reason in words."""

    rule: str
    zh: str
    en: str


_SEES_EVERY_AGENCY = frozenset(
    {PartyKind.LEADING_GROUP, PartyKind.BUREAU, PartyKind.OPERATOR, PartyKind.FINANCE, PartyKind.AUDITOR}
)
"""Named one by one, so that a kind of party yet to come sees nothing but its own until somebody decides otherwise."""


def scope_of(actor: Actor) -> Scope:
    """Whose rows the actor may see: an agency its own, the parties that manage, run, pay or audit all of them."""
    return Scope(None if actor.kind in _SEES_EVERY_AGENCY else frozenset({actor.party}))


def machine_scope() -> Scope:
    """The scope of a subscriber or collector, which acts for no person."""
    return Scope(None)


def permit(actor: Actor, act: Act) -> Refusal | None:
    """Whether the account's party and duties, and the person's other sides, allow the act at all."""
    rule = RULES[act]
    if actor.kind not in rule.kinds:
        kinds = sorted(rule.kinds)
        return Refusal(
            rule.id,
            f"这是{'、'.join(kind.zh for kind in kinds)}的事,你代表的是{actor.kind.zh}",
            f"this is for the {' or '.join(kinds)}; you act for the {actor.kind}",
        )
    if rule.duty not in actor.duties:
        return Refusal(rule.id, f"账号没有 {rule.duty} 职责", f"the account does not have the duty {rule.duty}")
    return on_another_side(actor, act)


def on_another_side(actor: Actor, act: Act) -> Refusal | None:
    """Whether the person belongs, through any account, to a kind of party that must not do this act."""
    rule = RULES[act]
    other_sides = sorted(actor.kinds & rule.not_of)
    if not other_sides:
        return None
    sides = "、".join(kind.zh for kind in other_sides)
    return Refusal(
        rule.id,
        f"同一自然人另有{sides}身份,不得兼任",
        f"the same natural person also belongs to the {' and '.join(other_sides)}",
    )


def separate(actor: Actor, act: Act, earlier: frozenset[tuple[Act, str]], owner: str | None) -> Refusal | None:
    """Whether the person or organisation has already been on the other side of this very thing.

    ``earlier`` holds the acts already done on it, each with the natural person who did it; ``owner`` is the agency
    whose thing it is, where another organisation must decide. Two acts that are apart stay so in either order.
    """
    rule = RULES[act]
    mine = sorted(done for done, person in earlier if person == actor.person and _apart(done, act))
    if mine:
        return Refusal(
            rule.id,
            f"同一自然人已做过 {'、'.join(mine)},申请与审批、经办与复核不得为同一人",
            f"the same natural person already did {', '.join(mine)}: nobody asks and approves",
        )
    if owner is not None and rule.kinds != frozenset({PartyKind.AGENCY}) and owner in actor.parties:
        return Refusal(
            rule.id,
            f"此人属于申请单位 {owner},须由其他单位决定",
            f"the person belongs to {owner}, which asks: another organisation decides",
        )
    return None


def _apart(one: Act, other: Act) -> bool:
    return one in RULES[other].apart_from or other in RULES[one].apart_from
