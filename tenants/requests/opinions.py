"""专家意见: a written opinion on a large request. It decides nothing; above an amount nothing goes without one."""

from __future__ import annotations

from enum import StrEnum

from foundation.evidence import sha256_hex
from foundation.values.errors import InvalidValue
from governance.authority import Act, Office, acting, machine_scope
from governance.parties import party_of, person_organisations
from tenants.errors import RequestUnfit
from tenants.requests.evidence_tables import Opinion, keep_opinion, opinions_on
from tenants.requests.model import RequestState
from tenants.requests.moving import hand_of, move
from tenants.requests.policy_tables import policy_of
from tenants.requests.reading import request_of
from tenants.requests.transitions import Move

_LONGEST = 4000


class Favour(StrEnum):
    """What the expert thinks of it."""

    FOR = "for"
    AGAINST = "against"
    CONDITIONAL = "conditional"

    @property
    def zh(self) -> str:
        """In Chinese."""
        return {"for": "赞成", "against": "不赞成", "conditional": "有条件赞成"}[self.value]


def give_opinion(office: Office, token: str, number: str, *, favours: Favour, text: str) -> tuple[Opinion, bool]:
    """Put an opinion (1 to 4,000 characters) on file: (opinion, whether it is new). One a person, never changed.

    Raises ``Refused`` for an expert who is interested (of the agency's, the receiver's or the operator's organisation),
    ``RequestUnfit`` where no opinion is asked for, ``NotFound``.
    """
    if not 1 <= len(text) <= _LONGEST:
        raise InvalidValue(field="text", found=f"{len(text)} characters", expected=f"1 to {_LONGEST} characters")
    with acting(office, token, Act.REQUEST_GIVE_OPINION, f"request:{number}") as mandate:
        # An expert is of no agency, and reads a request only while its opinion is asked for.
        scope, transaction = machine_scope(), mandate.transaction
        request = request_of(transaction, scope, number)
        standing = [one for one in opinions_on(transaction, scope, number) if one.person == mandate.actor.person]
        if standing and (standing[0].favours, standing[0].text) == (favours.value, text):
            return standing[0], False
        if standing or not request.needs_opinion or request.state is not RequestState.REQUESTED:
            raise RequestUnfit(
                number=number, state_zh=request.state.zh, state_en=request.state.value, move=Move.GIVE_OPINION.value
            )
        interested = {
            party_of(transaction, party).organisation for party in (request.agency, request.counterpart) if party
        }
        if interested & person_organisations(transaction, mandate.actor.person, mandate.now):
            raise mandate.refuse(
                "T11", request.subject, "与申请有利害关系的专家应当回避", "an expert who is interested stands aside"
            )
        mandate.decide(request.subject, digest=request.digest, owner=request.agency)
        opinion = Opinion(
            person=mandate.actor.person,
            party=mandate.actor.party,
            favours=favours.value,
            text=text,
            digest=request.digest,
            given_at=mandate.now,
        )
        keep_opinion(transaction, number, request.agency, opinion)
        policy, facts = policy_of(transaction, request.policy), {"favours": favours.value}
        facts["text_digest"] = sha256_hex(text.encode())
        move(hand_of(mandate), scope, request, Move.GIVE_OPINION, policy, facts)
        return opinion, True
