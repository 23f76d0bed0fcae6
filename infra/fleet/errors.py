"""What can go wrong with a fleet operation.

InfraError
└── FleetError
    ├── NothingChosen
    ├── NothingFound
    ├── BudgetWrong
    ├── CanariesWrong
    ├── AtOnceWrong
    ├── NothingToResume
    └── FleetHouseOnly
"""

from __future__ import annotations

from infra.errors import InfraError


class FleetError(InfraError):
    """Base of every refusal of fleet operations."""

    code = "fleet.error"
    exit_status = 2


class NothingChosen(FleetError):
    """Neither environments nor a way to choose them was named."""

    code = "fleet.nothing-chosen"
    zh = "没有选择环境:请写出环境名,或用 --agency、--system、--zone、--level,或 --all"
    en = "no environment was chosen: name them, or give --agency, --system, --zone, --level, or --all"


class NothingFound(FleetError):
    """The selection is empty, or names ``names`` that are not there."""

    code = "fleet.nothing-found"
    exit_status = 3
    zh = "没有符合条件的环境:{names}"
    en = "no environment fits: {names}"


class BudgetWrong(FleetError):
    """``given`` is neither a whole number from 1 nor a share from 1% to 100%."""

    code = "fleet.budget-wrong"
    zh = "“{given}”不是失败预算:写从 1 起的整数,或 1% 至 100%"
    en = "{given!r} is no budget of failures: a whole number from 1, or a share from 1% to 100%"


class CanariesWrong(FleetError):
    """``given`` is neither a whole number nor names of chosen environments."""

    code = "fleet.canaries-wrong"
    zh = "“{given}”不是先行环境:写整数,或写所选环境的名称"
    en = "{given!r} names no canaries: a whole number, or names of chosen environments"


class AtOnceWrong(FleetError):
    """``given`` is not between 1 and ``most``."""

    code = "fleet.at-once-wrong"
    zh = "同时进行的数目须为 1 至 {most},给出的是 {given}"
    en = "at once must be between 1 and {most}, not {given}"


class NothingToResume(FleetError):
    """Every member of ``operation`` has ended well, or waits for somebody else's word still."""

    code = "fleet.nothing-to-resume"
    exit_status = 3
    zh = "批量作业 {operation} 没有可以继续的环境"
    en = "fleet operation {operation} has nothing to go on with"


class FleetHouseOnly(FleetError):
    """An agency asked for a whole operation, which is about many agencies."""

    code = "fleet.house-only"
    exit_status = 6
    zh = "批量作业涉及多个单位,使用单位请查看自己的环境:guanyun env list"
    en = "a fleet operation is about many agencies; see your own environments with: guanyun env list"
