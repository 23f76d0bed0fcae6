"""The second wall: the database itself refuses what the policies refuse, whoever writes past the program.

- No natural person (merged ids are one, a delegate and a delegator both) takes two decisions that are apart on one
  thing, on what it rests on, or on what rests on it; no organisation where the pair says so.
- No natural person holds two of the three administrators' duties at one time.

The pairs are the rows of ``act_apart``, a view of constants made from the policies: it cannot be edited, only made
anew by a program with other policies.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import governance.authority.decisions
import governance.parties  # noqa: F401
from foundation.store import Wall, wall
from governance.authority.rules import pairs
from governance.parties import ADMINISTRATORS

APART = "one person or one organisation would do two acts that are apart"
VIEWS = ("decision_side", "person_root", "act_apart")
ADMINISTRATOR = "one person would hold two of the three administrators duties"

PERSON_ROOT = """
CREATE VIEW person_root AS
WITH RECURSIVE up(person, root) AS (
  SELECT person, merged_into FROM person_merge
  UNION
  SELECT up.person, person_merge.merged_into FROM up JOIN person_merge ON person_merge.person = up.root
)
SELECT person, root FROM up WHERE root NOT IN (SELECT person FROM person_merge)
"""
"""The one id that each merged id stands for."""

_SIDE = """
SELECT d.number, d.act, d.subject, coalesce(r.root, d.{who}) AS root,
       coalesce(p.organisation, d.party) AS organisation, coalesce(d.organisation, d.party) AS organisation_then
  FROM decision d JOIN party p ON p.id = d.party LEFT JOIN person_root r ON r.person = d.{who}
"""
DECISION_SIDE = (
    f"CREATE VIEW decision_side AS {_SIDE.format(who='person')} UNION ALL "
    f"{_SIDE.format(who='behalf')} WHERE d.behalf IS NOT NULL"
)
"""Decisions by the natural persons and organisations they count as done by."""

_CLASH = """
SELECT 1 FROM decision_side mine
  JOIN decision_side theirs ON theirs.number <> mine.number AND theirs.subject IN ({subjects})
  JOIN act_apart ON act_apart.one = mine.act AND act_apart.other = theirs.act
 WHERE mine.number = {number}
   AND (theirs.root = mine.root
     OR (act_apart.organisation = 1 AND (theirs.organisation IN (mine.organisation, mine.organisation_then)
                                      OR theirs.organisation_then IN (mine.organisation, mine.organisation_then))))
"""
_ON_DECISION = _CLASH.format(
    number="NEW.number",
    subjects="SELECT NEW.subject UNION SELECT d.subject FROM decision d JOIN decision_basis b ON b.decision = d.number "
    "WHERE b.subject = NEW.subject",
)
_ON_BASIS = _CLASH.format(number="NEW.decision", subjects="SELECT NEW.subject")

_TWO_DUTIES = """
SELECT 1 FROM account mine JOIN account theirs
    ON coalesce((SELECT root FROM person_root WHERE person = mine.person), mine.person)
     = coalesce((SELECT root FROM person_root WHERE person = theirs.person), theirs.person)
  JOIN ({duties}) one ON mine.duties LIKE one.pattern JOIN ({duties}) other ON theirs.duties LIKE other.pattern
 WHERE mine.name = NEW.name AND one.pattern <> other.pattern
   AND (theirs.until IS NULL OR theirs.until > mine.since) AND (mine.until IS NULL OR mine.until > theirs.since)
"""


def up(dialect: str) -> Sequence[str]:
    """The statements that build the walls."""
    patterns = " UNION ALL ".join(f"SELECT '%\"{duty.value}\"%' AS pattern" for duty in sorted(ADMINISTRATORS))
    return [
        *_views(dialect),
        *_trigger(dialect, "decision", ("INSERT",), _ON_DECISION, APART),
        *_trigger(dialect, "decision_basis", ("INSERT",), _ON_BASIS, APART),
        *_trigger(dialect, "account", ("INSERT", "UPDATE"), _TWO_DUTIES.format(duties=patterns), ADMINISTRATOR),
    ]


def down(dialect: str) -> Sequence[str]:
    """The statements that take the walls away; harmless where there are none."""
    tables = {"decision": ("INSERT",), "decision_basis": ("INSERT",), "account": ("INSERT", "UPDATE")}
    views = [f"DROP VIEW IF EXISTS {view}" for view in VIEWS]
    if dialect == "sqlite":
        return [
            *(f"DROP TRIGGER IF EXISTS {_name(table, verb)}" for table, verbs in tables.items() for verb in verbs),
            *views,
        ]
    return [
        *(
            f"DROP TRIGGER IF EXISTS {_name(table, verb)} ON {table}"
            for table, verbs in tables.items()
            for verb in verbs
        ),
        *(f"DROP FUNCTION IF EXISTS {_function(table)}()" for table in tables),
        *views,
    ]


def _views(dialect: str) -> Sequence[str]:
    """Read with the rights of whoever asks, never of the tables' owner; so everybody may."""
    made = (_act_apart(), PERSON_ROOT, DECISION_SIDE)
    if dialect == "sqlite":
        return made
    return [
        *(re.sub(r"(CREATE VIEW \w+) AS", r"\1 WITH (security_invoker = true) AS", view) for view in made),
        *(f"GRANT SELECT ON {view} TO PUBLIC" for view in VIEWS),
    ]


def _act_apart() -> str:
    """Both orders of each pair, with the policy that says so."""
    rows = [
        f"SELECT '{first.value}' AS one, '{then.value}' AS other, {int(pair.organisation)} AS organisation, "
        f"'{pair.policy}' AS policy"
        for pair in pairs()
        for first, then in ((pair.one, pair.other), (pair.other, pair.one))
    ]
    return f"CREATE VIEW act_apart AS {' UNION ALL '.join(rows)}"


def _trigger(dialect: str, table: str, verbs: Sequence[str], clash: str, reason: str) -> Sequence[str]:
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {_name(table, verb)} AFTER {verb} ON {table} WHEN EXISTS ({clash}) "
            f"BEGIN SELECT RAISE(ABORT, '{reason}'); END"
            for verb in verbs
        ]
    return [
        f"CREATE FUNCTION {_function(table)}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF EXISTS ({clash}) THEN RAISE EXCEPTION '{reason}' USING ERRCODE = 'integrity_constraint_violation'; "
        "END IF; RETURN NULL; END $$",
        *(
            f"CREATE TRIGGER {_name(table, verb)} AFTER {verb} ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {_function(table)}()"
            for verb in verbs
        ),
    ]


def _name(table: str, verb: str) -> str:
    return f"{table}_apart_on_{verb.lower()}"


def _function(table: str) -> str:
    return f"guanyun_{table}_apart"


wall(
    Wall(
        "duties",
        frozenset(
            {
                ("decision", "behalf"),
                ("decision", "organisation"),
                ("decision_basis", "subject"),
                ("person_merge", "merged_into"),
                ("party", "organisation"),
                ("account", "duties"),
            }
        ),
        up,
        down,
    )
)
