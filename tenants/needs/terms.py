"""The terms of needs: clocks, measures of likeness, reasons, data levels. Dated data of the bureau; a file is shipped
for where none were set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import Column, ForeignKey, String, Table, select

from foundation.evidence import canonical_bytes, plain, sha256_hex
from foundation.store import Document, Instant, Transaction, append_only, metadata
from foundation.values.findings import Finding
from governance.audit import AuditEvent
from governance.authority import Act, Office, acting
from governance.yaml_documents import Code, Form, Problems, Text, read_form

Days = Annotated[int, Field(ge=1, le=1000)]
Permille = Annotated[int, Field(ge=0, le=1000)]

terms_table = Table(
    "need_terms",
    metadata,
    Column("since", Instant, primary_key=True),
    Column("document", Document, nullable=False),
    Column("party", ForeignKey("party.id"), nullable=False),
    Column("account", String(60), nullable=False),
)
append_only(terms_table, "terms once set are never changed, only followed by the next")


@dataclass(frozen=True, slots=True)
class Named:
    """One entry of a list that people choose from."""

    id: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for needs from an instant on; ``cites`` is the notice behind it. Clocks are working days.

    Two needs are shown as likely duplicates from ``likely_permille`` of common text on, or with ``likely_signals``
    other things in common; from ``alike_permille`` on one is proposed to serve both. ``compared_months``: how long a
    decided need is still compared with. ``temporary_days``: the longest a temporary quota may last.
    """

    cites: str
    proposal_working_days: int
    agreement_working_days: int
    decision_working_days: int
    urgent_proposal_working_days: int
    urgent_decision_working_days: int
    papers_working_days: int
    review_working_days: int
    temporary_days: int
    compared_months: int
    likely_permille: int
    alike_permille: int
    likely_signals: int
    capability_permille: int
    reasons: tuple[Named, ...]
    data_levels: tuple[Named, ...]


class _Named(Form):
    id: Code
    zh: Text
    en: Text


class _Terms(Form):
    cites: Text
    proposal_working_days: Days
    agreement_working_days: Days
    decision_working_days: Days
    urgent_proposal_working_days: Days
    urgent_decision_working_days: Days
    papers_working_days: Days
    review_working_days: Days
    temporary_days: Days
    compared_months: Days
    likely_permille: Permille
    alike_permille: Permille
    likely_signals: Days
    capability_permille: Permille
    reasons: Annotated[list[_Named], Field(min_length=1)]
    data_levels: Annotated[list[_Named], Field(min_length=1)]


class _Document(Form):
    terms: _Terms


def read_terms(path: Path) -> tuple[Terms | None, tuple[Finding, ...]]:
    """Read a file of terms; on any finding there are none."""
    form, findings = read_form(path, _Document, _check)
    return (None, findings) if form is None else (_terms(form.terms.model_dump()), ())


def set_terms(office: Office, token: str, terms: Terms) -> bool:
    """Let ``terms`` hold from now on; False where they hold already. For the bureau; raises ``Refused``."""
    with acting(office, token, Act.NEED_SET_TERMS, "needs:terms") as mandate:
        if terms_at(mandate.transaction, mandate.now) == terms:
            return False
        document = plain(terms)
        digest = sha256_hex(canonical_bytes(document))
        mandate.decide("needs:terms", digest=digest)
        row = {"since": mandate.now, "document": document}
        row |= {"party": mandate.actor.party, "account": mandate.actor.account}
        mandate.transaction.insert_once(terms_table, row, what="terms of needs")
        mandate.audit(AuditEvent.NEED_TERMS_SET, "needs:terms", {"digest": digest, "cites": terms.cites})
        mandate.announce("need.terms-set", "needs:terms", {"digest": digest, "cites": terms.cites})
        return True


def terms_at(transaction: Transaction, at: datetime) -> Terms:
    """The terms that hold at ``at``."""
    newest = select(terms_table.c.document).where(terms_table.c.since <= at).order_by(terms_table.c.since.desc())
    document = transaction.value(newest.limit(1))
    return shipped_terms() if document is None else _terms(document)


@cache
def shipped_terms() -> Terms:
    """The terms of the shipped file."""
    with as_file(files("tenants.needs").joinpath("terms.yaml")) as path:
        terms, findings = read_terms(path)
    if terms is None:
        raise LookupError(f"terms.yaml: {findings[0].en}")
    return terms


def _check(document: _Document, problems: Problems) -> None:
    form = document.terms
    for name, entries in (("reasons", form.reasons), ("data_levels", form.data_levels)):
        seen: set[str] = set()
        for index, entry in enumerate(entries):
            if entry.id in seen:
                problems.add(
                    ("terms", name, index, "id"),
                    found=entry.id,
                    expected="each id once",
                    zh=f"{entry.id} 重复",
                    en=f"{entry.id} is there twice",
                    code="repeated",
                )
            seen.add(entry.id)
    if form.alike_permille < form.likely_permille:
        problems.add(
            ("terms", "alike_permille"),
            found=form.alike_permille,
            expected=f"at least {form.likely_permille}",
            zh="应不低于 likely_permille",
            en="not below likely_permille",
        )


def _terms(document: Mapping[str, Any]) -> Terms:
    lists = {
        name: tuple(Named(each["id"], each["zh"], each["en"]) for each in document[name])
        for name in ("reasons", "data_levels")
    }
    return Terms(**{**document, **lists})
