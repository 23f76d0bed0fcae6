"""A policy of approval from draft to publication: by two persons of the party whose policy it is. Never edited."""

from __future__ import annotations

from foundation.evidence import canonical_bytes, sha256_hex
from foundation.values.instant import format_instant
from governance.audit import AuditEvent
from governance.authority import Act, Office, acting
from governance.errors import NotFound
from tenants.requests.policy import Policy
from tenants.requests.policy_tables import mark_published, policy_document, policy_from, policy_row, policy_table


def draft_policy(office: Office, token: str, policy: Policy) -> tuple[str, bool]:
    """Record a draft: (the digest its publication binds to, whether it is new).

    Raises ``AlreadyThere`` where the id stands with other content, ``Refused`` for another party's policy.
    """
    subject = f"request-policy:{policy.id}"
    with acting(office, token, Act.REQUEST_POLICY_DRAFT, subject) as mandate:
        if policy.party != mandate.actor.party:
            raise mandate.refuse(
                "T10",
                subject,
                f"这是 {policy.party} 的审批规则,你代表 {mandate.actor.party}",
                f"the policy is {policy.party}'s; you act for {mandate.actor.party}",
            )
        document = policy_document(policy)
        digest = sha256_hex(canonical_bytes(document))
        standing = policy_row(mandate.transaction, policy.id)
        drafted = (mandate.actor.person, mandate.now)
        if standing is not None:
            drafted = (standing["drafted_by"], standing["drafted_at"])
        row = {"id": policy.id, "party": policy.party, "starts_at": policy.start, "document": document}
        row |= {"digest": digest, "drafted_by": drafted[0], "drafted_at": drafted[1]}
        new = mandate.transaction.insert_once(policy_table, row, what="policy of approval")
        if new:
            mandate.decide(subject, digest=digest)
            mandate.audit(AuditEvent.REQUEST_POLICY_DRAFTED, subject, {"digest": digest})
        return digest, new


def publish_policy(office: Office, token: str, id_: str, *, digest: str | None = None) -> tuple[Policy, bool]:
    """Put a drafted policy into force from its start: (policy, whether it is new).

    ``digest``, where given, must be the draft's. Raises ``NotFound``, and ``Refused`` for the drafter, another digest,
    and another party. A chain already computed is never changed by it.
    """
    subject = f"request-policy:{id_}"
    with acting(office, token, Act.REQUEST_POLICY_PUBLISH, subject) as mandate:
        row = policy_row(mandate.transaction, id_)
        if row is None:
            raise NotFound(what_zh="审批规则", what_en="policy of approval", key=id_)
        if row["party"] != mandate.actor.party or digest not in {None, row["digest"]}:
            raise mandate.refuse(
                "T10",
                subject,
                "不是本单位起草的这一份规则",
                "another party's policy, or not the draft that was read",
            )
        policy = policy_from(row["document"])
        if row["published_at"] is not None:
            return policy, False
        mandate.decide(subject, digest=row["digest"])
        mark_published(mandate.transaction, id_, person=mandate.actor.person, at=mandate.now)
        facts = {"digest": row["digest"], "start": format_instant(policy.start), "cites": policy.cites}
        mandate.audit(AuditEvent.REQUEST_POLICY_PUBLISHED, subject, facts)
        mandate.announce("request-policy.published", subject, {"policy": id_, "party": policy.party})
        return policy, True
