"""Why a project says no.

GovernanceError
├── WrongProjectState     the act does not lead from where the project stands
├── ProjectIdTaken        another project has the id
├── ProjectChanged        what was decided on is not what stands now
├── InvalidProject        findings in what was stated
├── FiledNotApproved      no funds of this level: it is filed 备案, not approved
├── ApprovedNotFiled      funds of this level: it is approved, not filed
└── CodingUnsigned        no account coding that is signed and still fits
"""

from __future__ import annotations

from governance.errors import GovernanceError


class WrongProjectState(GovernanceError):
    """``act`` on ``project``: it stands at ``found``, and must stand at one of ``expected``."""

    code = "projects.wrong-state"
    exit_status = 2
    zh = "项目 {project} 现为 {found},{act} 须在 {expected}"
    en = "the project {project} is {found}; {act} starts from {expected}"


class ProjectIdTaken(GovernanceError):
    """Says only that the id is taken, not by whom."""

    code = "projects.id-taken"
    exit_status = 2
    zh = "编号 {id} 已被使用:请换一个"
    en = "the id {id} is taken: choose another"


class ProjectChanged(GovernanceError):
    """The decision names ``digest``; what stands has ``found``."""

    code = "projects.changed"
    exit_status = 2
    zh = "项目 {project} 的内容与所审阅的不一致(审阅 {digest},现为 {found})"
    en = "the project {project} is not what was read (read {digest}, it is now {found})"


class InvalidProject(GovernanceError):
    """``count`` findings; the first is ``first`` in both languages."""

    code = "projects.invalid"
    exit_status = 2
    zh = "有 {count} 处不合要求,第一处:{first_zh}"
    en = "{count} findings, the first: {first_en}"


class FiledNotApproved(GovernanceError):
    """None of the funds are of ``level``."""

    code = "projects.filed-not-approved"
    exit_status = 2
    zh = "项目 {project} 没有本级({level})财政资金:办理备案,不办理批复"
    en = "the project {project} has no fiscal funds of this level ({level}): it is filed, not approved"


class ApprovedNotFiled(GovernanceError):
    """Some of the funds are of ``level``."""

    code = "projects.approved-not-filed"
    exit_status = 2
    zh = "项目 {project} 有本级({level})财政资金:须批复,不能以备案代替"
    en = "the project {project} has fiscal funds of this level ({level}): it is approved, filing is not enough"


class CodingUnsigned(GovernanceError):
    """``because_zh`` and ``because_en`` say what is missing."""

    code = "projects.coding-unsigned"
    exit_status = 5
    zh = "项目 {project} 的会计科目编码不可用:{because_zh}"
    en = "the account coding of the project {project} cannot be used: {because_en}"
