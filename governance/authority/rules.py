"""The Cedar policies as they are shipped: read, checked against the schema and the acts, and told as rules.

Policies lie in ``policies/*.cedar``, one file an area. Everything is read at the first question, never at import. Each
cites what it rests on by names of ``sources.yaml``.

A *permit* names one act and has the form ``[kinds].contains(principal.kind) && principal.duties.contains(duty)``, with
more conditions if need be. A *separation* (``…-apart``) forbids acts to whoever did certain others, as a person or as
an organisation; it is written once and holds in either order: the mirror is made here. A *side* (``…-sides``) forbids
acts to whoever belongs to a kind of party through any account.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import yaml

from governance.authority.acts import Act
from governance.authority.errors import PoliciesBroken
from governance.parties import Duty, PartyKind

if TYPE_CHECKING:
    from cedarpy import PolicySet

MIRROR = "~"
"""Ends the id of a mirrored separation."""


@dataclass(frozen=True, slots=True)
class Cited:
    """A document or list entry that a rule or an answer rests on."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy as written. ``acts`` is empty where it holds for every act; ``cites`` are its sources."""

    id: str
    effect: str
    zh: str
    en: str
    cites: tuple[Cited, ...]
    acts: frozenset[Act]
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may do one act: parties of these kinds, accounts with this duty.

    ``apart_from``: acts on the same thing (or one it rests on) that the same natural person must not have done;
    ``organisation_apart_from``: those that no organisation of the person must have done either. ``not_of``: kinds of
    party the person must not belong to through any account. ``by_decider``: only the party that decides for the
    agency whose thing it is.
    """

    id: str
    kinds: frozenset[PartyKind]
    duty: Duty
    apart_from: frozenset[Act] = frozenset()
    organisation_apart_from: frozenset[Act] = frozenset()
    not_of: frozenset[PartyKind] = frozenset()
    by_decider: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    """Two acts that are apart, in either order; ``organisation``: also for one organisation."""

    policy: str
    one: Act
    other: Act
    organisation: bool


class _Rules(Mapping[Act, Rule]):
    """Every act's rule, read at the first look."""

    def __getitem__(self, act: Act) -> Rule:
        return _rules()[act]

    def __iter__(self) -> Iterator[Act]:
        return iter(_rules())

    def __len__(self) -> int:
        return len(_rules())


RULES: Mapping[Act, Rule] = _Rules()


def schema_text() -> str:
    """The schema with every act as an action."""
    names = ", ".join(json.dumps(act.value) for act in Act)
    applies = "appliesTo { principal: Person, resource: Thing, context: Situation };"
    return f"{_read('schema.cedarschema')}\naction {names}\n  {applies}\n"


@cache
def policies() -> Mapping[str, Policy]:
    """Every policy by its id, checked. Raises ``PoliciesBroken`` naming what is wrong and where."""
    import cedarpy  # noqa: PLC0415 - start-up stays lazy

    found: dict[str, Policy] = {}
    schema = cedarpy.Schema.from_str(schema_text())
    for name in _names():
        text = _read(name)
        checked = cedarpy.validate_policies(text, schema)
        if not checked.validation_passed:
            raise PoliciesBroken(file=name, reason="; ".join(str(error) for error in checked.errors))
        for body in json.loads(cedarpy.policies_to_json_str(text))["staticPolicies"].values():
            policy = _policy(name, body)
            if policy.id in found:
                raise PoliciesBroken(file=name, reason=f"{policy.id} is there twice")
            found[policy.id] = policy
    return found


@cache
def pairs() -> tuple[Pair, ...]:
    """Every two acts that are apart, once, in the order of the acts' names."""
    found: dict[tuple[Act, Act], Pair] = {}
    for policy in policies().values():
        for word, organisation in (("byThisPerson", False), ("byThisOrganisation", True)):
            for act in policy.acts:
                for name in _members(policy.body, "containsAny", "context", word):
                    one, other = sorted((act, Act(name)))
                    known = found.get((one, other))
                    if known is None or (organisation and not known.organisation):
                        found[one, other] = Pair(policy.id, one, other, organisation)
    return tuple(found[key] for key in sorted(found))


@cache
def policy_set(act: Act) -> PolicySet:
    """What Cedar is given for this act: its own policies, those for every act, and mirrored separations."""
    import cedarpy  # noqa: PLC0415 - start-up stays lazy

    document = {"templates": {}, "staticPolicies": policies_for(act), "templateLinks": []}
    return cedarpy.PolicySet.from_json_str(json.dumps(document))


def policies_for(act: Act) -> Mapping[str, Mapping[str, Any]]:
    """The policies of one act, in Cedar's JSON, by id."""
    chosen = {policy.id: policy.body for policy in policies().values() if not policy.acts or act in policy.acts}
    for policy in policies().values():
        for word in ("byThisPerson", "byThisOrganisation"):
            if act.value in _members(policy.body, "containsAny", "context", word):
                chosen[f"{policy.id}{MIRROR}{word}"] = _mirror(policy, act, word)
    return chosen


def policy_of(id_: str) -> Policy:
    """The policy behind an id Cedar gave as its reason, a mirror's among them."""
    return policies()[id_.partition(MIRROR)[0]]


def check_policies() -> None:
    """Read and check everything now. Raises ``PoliciesBroken``."""
    _rules()
    for act in Act:
        policy_set(act)


@cache
def _rules() -> Mapping[Act, Rule]:
    return {act: _rule(act) for act in Act}


def _rule(act: Act) -> Rule:
    permits = [policy for policy in policies().values() if policy.effect == "permit" and act in policy.acts]
    if len(permits) != 1 or len(permits[0].acts) != 1:
        ids = ", ".join(policy.id for policy in permits) or "none"
        raise PoliciesBroken(file=act.value, reason=f"an act has exactly one permit of its own, found: {ids}")
    (permit,) = permits
    kinds = _members(permit.body, "contains", "principal", "kind")
    duties = _members(permit.body, "contains", "principal", "duties")
    if not kinds or len(duties) != 1:
        raise PoliciesBroken(file=permit.id, reason="a permit names the kinds of party and one duty")
    forbids = [policy for policy in policies().values() if policy.effect == "forbid" and act in policy.acts]

    def forbidden(root: str, word: str) -> frozenset[str]:
        return frozenset(name for policy in forbids for name in _members(policy.body, "containsAny", root, word))

    return Rule(
        id=permit.id,
        kinds=frozenset(PartyKind(kind) for kind in kinds),
        duty=Duty(*duties),
        apart_from=frozenset(Act(name) for name in forbidden("context", "byThisPerson")),
        organisation_apart_from=frozenset(Act(name) for name in forbidden("context", "byThisOrganisation")),
        not_of=frozenset(PartyKind(kind) for kind in forbidden("principal", "kinds")),
        by_decider=any(_is_attribute(node, "resource", "decider") for node in _nodes(permit.body)),
    )


def _policy(file: str, body: Mapping[str, Any]) -> Policy:
    notes = body.get("annotations", {})
    for name in ("id", "zh", "en"):
        if not notes.get(name):
            raise PoliciesBroken(file=file, reason=f"a policy without @{name}: {notes.get('id', body)}")
    policy = Policy(
        id=notes["id"],
        effect=body["effect"],
        zh=notes["zh"],
        en=notes["en"],
        cites=tuple(_source(file, notes["id"], name) for name in notes.get("cites", "").split(", ") if name),
        acts=_acts(body["action"]),
        body=body,
    )
    for word in ("byThisPerson", "byThisOrganisation"):
        for name in _members(body, "containsAny", "context", word):
            if name not in set(Act):
                raise PoliciesBroken(file=file, reason=f"{policy.id} names an act that does not exist: {name}")
            if policy.effect != "forbid" or not policy.acts:
                raise PoliciesBroken(file=file, reason=f"{policy.id}: a separation forbids acts it names")
    return policy


@cache
def sources() -> Mapping[str, Cited]:
    """What policies cite, by the name they cite it by."""
    text = files("governance.authority").joinpath("sources.yaml").read_text(encoding="utf-8")
    # Read at the first decision of every command: libyaml's loader, where it is, takes a tenth of the time.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return {name: Cited(**texts) for name, texts in yaml.load(text, Loader=loader).items()}  # noqa: S506


def _source(file: str, policy: str, name: str) -> Cited:
    try:
        return sources()[name]
    except KeyError:
        raise PoliciesBroken(file=file, reason=f"{policy} cites what sources.yaml does not name: {name}") from None


def _acts(action: Mapping[str, Any]) -> frozenset[Act]:
    if action["op"] == "All":
        return frozenset()
    entities = action["entities"] if "entities" in action else [action["entity"]]
    return frozenset(Act(entity["id"]) for entity in entities)


def _mirror(policy: Policy, act: Act, word: str) -> Mapping[str, Any]:
    """The separation as seen from one of the acts it names: forbidden to whoever did what it forbids."""
    done = {"Set": [{"Value": each.value} for each in sorted(policy.acts)]}
    condition = {"containsAny": {"left": {".": {"left": {"Var": "context"}, "attr": word}}, "right": done}}
    return {
        **policy.body,
        "action": {"op": "==", "entity": {"type": "Action", "id": act.value}},
        "conditions": [{"kind": "when", "body": condition}],
    }


def _members(body: Mapping[str, Any], operator: str, root: str, attribute: str) -> frozenset[str]:
    """The words a policy compares an attribute with, whichever side of the operator they stand on."""
    found: set[str] = set()
    for node in _nodes(body["conditions"]):
        sides = node.get(operator)
        if not isinstance(sides, dict):
            continue
        for here, there in ((sides["left"], sides["right"]), (sides["right"], sides["left"])):
            if _is_attribute(here, root, attribute):
                found.update(each["Value"] for each in there.get("Set", [there]))
    return frozenset(found)


def _is_attribute(node: Any, root: str, attribute: str) -> bool:
    return bool(isinstance(node, dict) and node.get(".") == {"left": {"Var": root}, "attr": attribute})


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    if isinstance(tree, dict):
        yield tree
    for each in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ():
        yield from _nodes(each)


def _names() -> list[str]:
    folder = files("governance.authority").joinpath("policies")
    return sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".cedar"))


def _read(name: str) -> str:
    return files("governance.authority").joinpath("policies", name).read_text(encoding="utf-8")
