"""The tables of logins: sessions, passwords, failures, second factors, API tokens, subjects of an issuer, the policy.

No secret is in them: a token or recovery code is a hash, a password an argon2 hash, a second factor's secret is sealed
with a key that lies outside the database.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    false,
)

from foundation.store import Document, Instant, append_only, metadata

session_table = Table(
    "session",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("account", ForeignKey("account.name"), nullable=False, index=True),
    Column("duty", String(40), nullable=False, server_default=""),
    Column("way", String(20), nullable=False, server_default="password"),
    Column("second_factor", Boolean, nullable=False, server_default=false()),
    Column("opened_at", Instant),
    Column("used_at", Instant),
    Column("idle_seconds", Integer),
    Column("expires_at", Instant, nullable=False),
    Column("ended_at", Instant),
)
"""``duty`` empty: none chosen, so the login reads and does nothing. ``idle_seconds`` empty: it does not idle out."""

password_table = Table(
    "login_password",
    metadata,
    Column("account", ForeignKey("account.name"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("hash", String(200), nullable=False),
    Column("set_at", Instant, nullable=False),
    Column("given", Boolean, nullable=False),
)
"""Every password an account ever had; the highest number holds. ``given``: by an administrator, so it must be changed.

An account without a row has the password it was recorded with.
"""
append_only(password_table, "passwords are only ever followed by another")

failure_table = Table(
    "login_failure",
    metadata,
    Column("key", String(80), primary_key=True),
    Column("name_hash", String(64), nullable=False, index=True),
    Column("failures", Integer, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("locked_until", Instant),
    Column("turned_away", Integer, nullable=False),
)
"""Failures of an account, of a source, or of an account from a source it is known from. Names are hashed, also those
of no account: whoever reads the table learns neither, and nobody fills it with texts of their own."""

known_source_table = Table(
    "login_known_source",
    metadata,
    Column("name_hash", String(64), primary_key=True),
    Column("source_hash", String(64), primary_key=True),
    Column("last_at", Instant, nullable=False),
)

second_factor_table = Table(
    "login_second_factor",
    metadata,
    Column("account", ForeignKey("account.name"), primary_key=True),
    Column("sealed", String(300), nullable=False),
    Column("enrolled_at", Instant, nullable=False),
    Column("confirmed_at", Instant),
    Column("last_step", BigInteger, nullable=False),
)
recovery_code_table = Table(
    "login_recovery_code",
    metadata,
    Column("account", ForeignKey("account.name"), primary_key=True),
    Column("code_hash", String(64), primary_key=True),
    Column("used_at", Instant),
)
api_token_table = Table(
    "api_token",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("account", ForeignKey("account.name"), nullable=False),
    Column("name", String(60), nullable=False),
    Column("duty", String(40), nullable=False),
    Column("acts", Document, nullable=False),
    Column("read_only", Boolean, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
    Column("ended_at", Instant),
    Column("because", String(60), nullable=False),
    UniqueConstraint("account", "name"),
)
subject_table = Table(
    "login_subject",
    metadata,
    Column("subject_hash", String(64), primary_key=True),
    Column("person", ForeignKey("person.id"), nullable=False, index=True),
    Column("bound_at", Instant, nullable=False),
)
"""A subject of an issuer, as a keyed hash, and the natural person it is."""

issuer_round_table = Table(
    "login_issuer_round",
    metadata,
    Column("state_hash", String(64), primary_key=True),
    Column("nonce_hash", String(64), nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
)
"""A round to the issuer and back: good for one return."""

asked_work_table = Table(
    "work_asked_for",
    metadata,
    Column("work", String(200), primary_key=True),
    Column("account", ForeignKey("account.name"), nullable=False),
    Column("duty", String(40), nullable=False),
)
"""Under which duty somebody asked for work that is done later on their behalf."""

policy_table = Table(
    "login_policy",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("policy", Document, nullable=False),
    Column("since", Instant, nullable=False),
    Column("person", ForeignKey("person.id")),
)
append_only(policy_table, "a login policy is only ever followed by another")

Index("api_token_by_account", api_token_table.c.account)
