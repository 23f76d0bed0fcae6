"""A round to the issuer of unified identities, and who came back: values, apart from what speaks with it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Round:
    """One round to the issuer and back: what is kept meanwhile, and the address to open in a browser."""

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    redirect: str
    address: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Proved:
    """Who the issuer says came: its own name for them, and how they proved it (``amr``)."""

    issuer: str
    subject: str
    methods: frozenset[str]
