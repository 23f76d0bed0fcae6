"""Refusals to whoever asks about what is not theirs."""

from __future__ import annotations

from governance.authority import Mandate


def not_yours(mandate: Mandate, environment: str, agency: str) -> Exception:
    """The spec is another agency's."""
    return mandate.refuse(
        "T01",
        f"environment:{environment}",
        f"申请单位 {agency} 不是你代表的单位",
        f"the spec's agency {agency} is not the one you act for",
    )


def name_taken(mandate: Mandate, environment: str) -> Exception:
    """Another agency has an environment of that id, of which only this is said."""
    return mandate.refuse(
        "T02",
        f"environment:{environment}",
        "环境编号已被使用,请换一个",
        "the environment's id is in use; choose another",
    )
