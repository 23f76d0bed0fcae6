"""Break-glass grants: what is open, and what nobody has reviewed in time."""

from __future__ import annotations

from collections.abc import Iterator

from foundation.store import Transaction
from foundation.values.findings import Finding
from foundation.values.instant import format_instant
from governance import installation
from governance.authority import reviewers, unreviewed
from wiring.doctor.model import Patient, error, note

_MOST_NAMED = 5


def unreviewed_grants(patient: Patient, transaction: Transaction) -> Iterator[Finding]:
    """Every break-glass grant is reviewed in time, by somebody of another organisation. On the business clock."""
    if not installation.exists(transaction):
        return
    now = installation.business_now(transaction, lambda: patient.now)
    waiting = unreviewed(transaction)
    overdue = [grant for grant in waiting if grant.overdue(now)]
    for grant in overdue[:_MOST_NAMED]:
        due = format_instant(grant.review_due_at) if grant.review_due_at is not None else ""
        who = reviewers(transaction, grant, now)
        zh_who = "、".join(party.zh for party in who) or "其他机构"
        en_who = ", ".join(party.id for party in who) or "another organisation"
        zh = (
            f"应急授权 {grant.id}({grant.account} 对 {grant.subject} 做 {grant.act})应于 {due} 前复核,已逾期:"
            f"请 {zh_who} 有复核职责的人运行 guanyun breakglass review {grant.id} --finding …"
        )
        en = (
            f"the break-glass grant {grant.id} ({grant.account}: {grant.act} on {grant.subject}) was to be reviewed "
            f"by {due}: somebody of {en_who} with the duty review runs guanyun breakglass review {grant.id} --finding …"
        )
        yield error("glass-review-overdue", grant.id, zh, en, found=format_instant(now), expected=due)
    if len(overdue) > _MOST_NAMED:
        zh, en = f"逾期未复核的应急授权共 {len(overdue)} 项", f"{len(overdue)} break-glass reviews are overdue in all"
        yield error("glass-review-overdue", "glass", f"{zh}:guanyun breakglass list", f"{en}: guanyun breakglass list")
    if open_ones := len(waiting) - len(overdue):
        zh = f"{open_ones} 项应急授权待复核,尚未逾期:guanyun breakglass list"
        en = f"{open_ones} break-glass grants are still to be reviewed, in time: guanyun breakglass list"
        yield note("glass-to-review", "glass", zh, en, found=str(open_ones))
