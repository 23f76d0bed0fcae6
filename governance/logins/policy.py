"""The rules of logging in as data: how long a password, how many failures, how long a session, who needs a code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from foundation.values.findings import Finding
from governance.parties import Duty
from governance.yaml_documents import Form, Problems, read_form

PUBLISHED = Path(__file__).with_name("policy.yaml")
"""What holds until an administrator sets another: a file, so that no number stands in the program."""


@dataclass(frozen=True, slots=True)
class LoginPolicy:
    """One version of the rules. Lengths are characters, the rest says its unit in its name.

    ``password_kinds``: how many of lower case, upper case, digits, others a password must mix. ``drift_steps``: how
    many steps of 30 seconds a code may be early or late. ``trusted_days``: how long a place from which an account
    has logged in is counted apart from strangers. ``second_factor_duties``: duties that no login has without a code.
    ``second_factor_methods``: what an issuer may say in ``amr`` that counts as one.
    """

    password_length: int
    password_kinds: int
    passwords_remembered: int
    password_days: int
    first_password_days: int
    idle_minutes: int
    session_hours: int
    account_failures: int
    source_failures: int
    lock_minutes: int
    trusted_days: int
    drift_steps: int
    recovery_codes: int
    second_factor_duties: frozenset[Duty]
    second_factor_methods: frozenset[str]
    token_days: int

    @property
    def idle(self) -> timedelta:
        """How long a login may stand unused."""
        return timedelta(minutes=self.idle_minutes)

    @property
    def longest(self) -> timedelta:
        """How long a login lasts, used or not."""
        return timedelta(hours=self.session_hours)

    @property
    def lock(self) -> timedelta:
        """How long a lock holds, and after how long without a failure the count begins anew."""
        return timedelta(minutes=self.lock_minutes)

    def document(self) -> dict[str, Any]:
        """The policy as plain data, as a table and a file hold it."""
        return asdict(self) | {
            "second_factor_duties": sorted(duty.value for duty in self.second_factor_duties),
            "second_factor_methods": sorted(self.second_factor_methods),
        }


class _Form(Form):
    password_length: Annotated[int, Field(ge=8, le=64)]
    password_kinds: Annotated[int, Field(ge=1, le=4)]
    passwords_remembered: Annotated[int, Field(ge=0, le=50)]
    password_days: Annotated[int, Field(ge=1, le=3650)]
    first_password_days: Annotated[int, Field(ge=1, le=90)]
    idle_minutes: Annotated[int, Field(ge=1, le=24 * 60)]
    session_hours: Annotated[int, Field(ge=1, le=24)]
    account_failures: Annotated[int, Field(ge=1, le=100)]
    source_failures: Annotated[int, Field(ge=1, le=10_000)]
    lock_minutes: Annotated[int, Field(ge=1, le=24 * 60)]
    trusted_days: Annotated[int, Field(ge=0, le=365)]
    drift_steps: Annotated[int, Field(ge=0, le=10)]
    recovery_codes: Annotated[int, Field(ge=0, le=20)]
    second_factor_duties: list[Duty]
    second_factor_methods: list[Annotated[str, Field(min_length=1, max_length=40)]]
    token_days: Annotated[int, Field(ge=1, le=366)]


def policy_from_document(document: Mapping[str, Any]) -> LoginPolicy:
    """The policy that a table holds."""
    return _policy(_Form.model_validate(document))


def read_policy(path: Path) -> tuple[LoginPolicy | None, tuple[Finding, ...]]:
    """Read a policy file: the policy, or every finding."""
    form, findings = read_form(path, _Form, _check)
    return (None if form is None else _policy(form)), findings


@cache
def published_policy() -> LoginPolicy:
    """The policy the program comes with."""
    policy, findings = read_policy(PUBLISHED)
    if policy is None:
        raise ValueError(findings)
    return policy


def _policy(form: _Form) -> LoginPolicy:
    told = form.model_dump()
    told["second_factor_duties"] = frozenset(form.second_factor_duties)
    told["second_factor_methods"] = frozenset(form.second_factor_methods)
    return LoginPolicy(**told)


def _check(form: _Form, problems: Problems) -> None:
    if form.source_failures < form.account_failures:
        problems.add(
            ("source_failures",),
            found=form.source_failures,
            expected=f"at least account_failures ({form.account_failures})",
            zh="同一来源的次数不得少于同一账号的次数",
            en="a source is allowed no fewer failures than an account",
        )
    if form.idle_minutes > form.session_hours * 60:
        problems.add(
            ("idle_minutes",),
            found=form.idle_minutes,
            expected=f"at most session_hours ({form.session_hours} h)",
            zh="空闲时限不得长于登录时限",
            en="a login cannot stand idle for longer than it lasts",
        )
