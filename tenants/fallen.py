"""A decision whose person could not take it today 失效: who came to the other side since, or has left."""

from __future__ import annotations

from governance.authority import Act, Mandate, Refusal, standing_decision


def has_fallen(mandate: Mandate, act: Act, subject: str, *, digest: str, owner: str) -> bool:
    """Whether whoever did ``act`` on what ``digest`` says of ``subject``, a thing of ``owner``'s, could not do so now:
    another may then do it anew."""
    standing = standing_decision(mandate.transaction, act, subject, digest=digest, at=mandate.now, owner=owner)
    return isinstance(standing, Refusal)
