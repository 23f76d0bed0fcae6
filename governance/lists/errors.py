"""Why a list says no.

GovernanceError
├── ListPublished         a published list is never edited, only ended
├── AppealUnfit           an appeal that nobody may file, or that was answered
└── EndsBeforeNow         nothing is ended in the past
"""

from __future__ import annotations

from governance.errors import GovernanceError


class ListPublished(GovernanceError):
    """``list`` stands as it was published."""

    code = "lists.published"
    exit_status = 2
    zh = "清单 {list} 已发布:不得修改,只能终止条目或以新清单替代"
    en = "the list {list} is published: it is never edited; end an entry, or replace it by a new list"


class AppealUnfit(GovernanceError):
    """``because_zh`` and ``because_en`` say why."""

    code = "lists.appeal-unfit"
    exit_status = 2
    zh = "不能申诉或答复 {entry}:{because_zh}"
    en = "no appeal or answer on {entry}: {because_en}"


class EndsBeforeNow(GovernanceError):
    """``thing`` cannot end at ``end``, before ``now``: what held stays as it was."""

    code = "lists.ends-before-now"
    exit_status = 2
    zh = "{thing} 不能终止于过去的时刻 {end}(现在 {now})"
    en = "{thing} cannot end in the past at {end} (now {now})"
