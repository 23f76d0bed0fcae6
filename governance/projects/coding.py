"""Account coding 会计科目编码: project → fund source → account codes, signed by the finance or fiscal officer it names.

It is signed again whenever it changes, and whenever the project's fund sources do: what nobody signed bears no money.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from foundation.evidence import canonical_bytes, plain, sha256_hex
from foundation.store import Scope, Transaction
from foundation.values.findings import Finding, Place, Severity
from governance.audit import AuditEvent
from governance.authority import Act, Office, acting
from governance.parties import PartyKind, account_of, party_of
from governance.parties.model import Duty
from governance.projects.coding_tables import CodingRow, add_draft, codings, write_signature
from governance.projects.errors import CodingUnsigned, InvalidProject
from governance.projects.model import Project
from governance.projects.shares import CodedShare, funds_of, sum_to_one
from governance.projects.tables import project_of
from governance.tasks import close_tasks, open_task

SIGN = "coding.sign"
"""The task: the officer a coding names is to sign it."""


@dataclass(frozen=True, slots=True)
class CodingLine:
    """One account code under one fund source: the fund's own code, the account's 科目, and its share of the source."""

    fund: str
    source_code: str
    subject_code: str
    share: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class AccountCoding:
    """The coding of a project. ``owner`` is the finance or fiscal party that signs, ``officer`` the account of the one
    person there who does. ``number`` counts a project's codings; ``signed_at`` is None until it is signed.
    """

    project: str
    project_code: str
    owner: str
    officer: str
    lines: tuple[CodingLine, ...]
    number: int = 0
    digest: str = ""
    signed_at: datetime | None = None

    @property
    def coded(self) -> tuple[CodedShare, ...]:
        """The lines as shares, for splitting money."""
        return tuple(CodedShare(line.fund, line.subject_code, line.share) for line in self.lines)


def draft_coding(office: Office, token: str, coding: AccountCoding) -> AccountCoding:
    """The lead agency drafts the coding; the same one again changes nothing.

    Raises ``InvalidProject`` with every finding, ``NotFound``, ``Refused``.
    """
    subject = f"project:{coding.project}"
    with acting(office, token, Act.CODING_DRAFT, subject) as mandate:
        project = project_of(mandate.transaction, mandate.scope, coding.project)
        if project.lead != mandate.actor.party:
            raise mandate.refuse(
                "R82", subject, f"由牵头单位 {project.lead} 编制", f"the lead {project.lead} drafts it"
            )
        findings = _findings(mandate.transaction, project, coding)
        if findings:
            raise InvalidProject(
                count=len(findings), first_zh=findings[0].zh, first_en=findings[0].en, findings=findings
            )
        digest = coding_digest(project, coding)
        standing = newest_coding(mandate.transaction, mandate.scope, coding.project)
        if standing is not None and standing.digest == digest:
            return standing
        number = 1 if standing is None else standing.number + 1
        mandate.decide(subject, digest=digest)
        row = CodingRow(
            project=project.id,
            number=number,
            agency=project.lead,
            document=plain({name: getattr(coding, name) for name in _CONTENT}),
            digest=digest,
            drafted_by=mandate.actor.person,
            drafted_at=mandate.now,
            signed_by=None,
            signed_at=None,
        )
        add_draft(mandate.transaction, row)
        mandate.audit(AuditEvent.CODING_DRAFTED, subject, {"number": number, "digest": digest})
        close_tasks(mandate.transaction, f"{subject}.coding", closed_at=mandate.now)
        open_task(
            mandate.transaction,
            party=coding.owner,
            duty=Duty.REVIEW,
            kind=SIGN,
            subject=f"{subject}.coding",
            agency=project.lead,
            zh=f"签署项目 {project.zh} 的会计科目编码({coding.officer})",
            en=f"sign the account coding of {project.en} ({coding.officer})",
            opened_at=mandate.now,
            recorded_at=mandate.recorded_at,
        )
        return _coding(row)


def sign_coding(office: Office, token: str, project_id: str, *, digest: str) -> AccountCoding:
    """The officer the coding names signs it; signed before, it is given back.

    Raises ``CodingUnsigned`` where there is nothing to sign or the fund sources changed since it was drafted,
    ``Refused`` for anybody else and for another digest.
    """
    subject = f"project:{project_id}"
    with acting(office, token, Act.CODING_SIGN, subject) as mandate:
        project = project_of(mandate.transaction, mandate.scope, project_id)
        standing = newest_coding(mandate.transaction, mandate.scope, project_id)
        if standing is None:
            raise CodingUnsigned(project=project_id, because_zh="尚未编制", because_en="none is drafted")
        if digest != standing.digest:
            raise mandate.refuse("P01", subject, "编码与所审阅的不一致", "the coding is not the one that was read")
        if (mandate.actor.party, mandate.actor.account) != (standing.owner, standing.officer):
            raise mandate.refuse(
                "R83",
                subject,
                f"由 {standing.owner} 的 {standing.officer} 签署",
                f"it is signed by {standing.officer} of {standing.owner}",
            )
        if standing.signed_at is not None:
            return standing
        if coding_digest(project, standing) != standing.digest:
            raise _outdated(project_id)
        mandate.decide(subject, digest=digest, owner=project.lead)
        write_signature(
            mandate.transaction,
            mandate.scope,
            (project_id, standing.number),
            person=mandate.actor.person,
            at=mandate.now,
        )
        mandate.audit(AuditEvent.CODING_SIGNED, subject, {"number": standing.number, "digest": digest})
        close_tasks(mandate.transaction, f"{subject}.coding", closed_at=mandate.now)
        facts = {"project": project_id, "lead": project.lead, "number": standing.number}
        mandate.announce(AuditEvent.CODING_SIGNED.value, subject, facts)
        signed = newest_coding(mandate.transaction, mandate.scope, project_id)
        assert signed is not None  # noqa: S101 - it was read above, in this transaction
        return signed


def coding_in_force(transaction: Transaction, scope: Scope, project: Project) -> AccountCoding:
    """The signed coding that fits the project as it stands: what money may rest on.

    Raises ``CodingUnsigned`` where there is none, where a newer one waits for its signature, and where the project's
    fund sources changed since.
    """
    newest = newest_coding(transaction, scope, project.id)
    if newest is None:
        raise CodingUnsigned(project=project.id, because_zh="尚未编制", because_en="none is drafted")
    if newest.signed_at is None:
        raise CodingUnsigned(
            project=project.id,
            because_zh=f"第 {newest.number} 版待 {newest.officer} 签署",
            because_en=f"number {newest.number} waits for the signature of {newest.officer}",
        )
    if coding_digest(project, newest) != newest.digest:
        raise _outdated(project.id)
    return newest


def newest_coding(transaction: Transaction, scope: Scope, project: str) -> AccountCoding | None:
    """The coding drafted last, signed or not; None where none is."""
    rows = codings(transaction, scope, project)
    return _coding(rows[-1]) if rows else None


def codings_of(transaction: Transaction, scope: Scope, project: str) -> tuple[AccountCoding, ...]:
    """Every coding of a project, oldest first."""
    return tuple(_coding(row) for row in codings(transaction, scope, project))


def coding_digest(project: Project, coding: AccountCoding) -> str:
    """SHA-256 of the coding and of the fund sources it was made for: it changes when either does."""
    content = {name: getattr(coding, name) for name in _CONTENT}
    return sha256_hex(canonical_bytes({"coding": content, "funds": project.funds}))


_CONTENT = ("project", "project_code", "owner", "officer", "lines")


def _coding(row: CodingRow) -> AccountCoding:
    document = row.document
    return AccountCoding(
        project=row.project,
        project_code=document["project_code"],
        owner=document["owner"],
        officer=document["officer"],
        lines=tuple(CodingLine(**{**line, "share": Decimal(line["share"])}) for line in document["lines"]),
        number=row.number,
        digest=row.digest,
        signed_at=row.signed_at,
    )


def _findings(transaction: Transaction, project: Project, coding: AccountCoding) -> list[Finding]:
    found: list[Finding] = []
    funds = {fund.name for fund in funds_of(project)}
    for fund in sorted(funds | {line.fund for line in coding.lines}):
        mine = [line for line in coding.lines if line.fund == fund]
        if fund not in funds:
            found.append(
                _finding("lines", fund, " / ".join(sorted(funds)), "不是项目的资金来源", "no fund source of it")
            )
        elif not mine:
            found.append(_finding("lines", fund, "a line for each fund source", f"缺少 {fund}", f"nothing for {fund}"))
        elif not sum_to_one([line.share for line in mine]):
            found.append(
                _finding(
                    "lines", fund, "shares that sum to 1", f"{fund} 的份额合计须为 1", f"the shares of {fund} sum to 1"
                )
            )
        codes = [line.subject_code for line in mine]
        if len(codes) != len(set(codes)):
            found.append(_finding("lines", fund, "each code once", f"{fund} 的科目重复", f"{fund}: a code twice"))
    officer = account_of(transaction, coding.officer)
    kinds = {PartyKind.FINANCE, PartyKind.FISCAL}
    if officer is None or officer.party != coding.owner or Duty.REVIEW not in officer.duties:
        found.append(
            _finding(
                "officer",
                coding.officer,
                f"an account of {coding.owner} with the duty review",
                f"{coding.officer} 不是 {coding.owner} 有审核职责的账号",
                f"{coding.officer} is no account of {coding.owner} with the duty review",
            )
        )
    elif party_of(transaction, coding.owner).kind not in kinds:
        found.append(_finding("owner", coding.owner, "finance or fiscal", "须为财务或财政部门", "finance or fiscal"))
    return found


def _finding(field: str, found: str, expected: str, zh: str, en: str) -> Finding:
    return Finding("governance.document.coding", Severity.ERROR, Place(field=field), found, expected, zh, en)


def _outdated(project: str) -> CodingUnsigned:
    return CodingUnsigned(
        project=project,
        because_zh="编制后资金来源有变,须重新编制并签署",
        because_en="the fund sources changed since it was drafted: draft and sign it anew",
    )
