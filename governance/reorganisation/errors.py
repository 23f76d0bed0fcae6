"""Why a reorganisation is not drafted or published.

GovernanceError
├── UnfitReorganisation   findings against what stands on record
└── OtherReorganisation   the digest is not that of the draft, or it was published before
"""

from __future__ import annotations

from governance.errors import GovernanceError


class UnfitReorganisation(GovernanceError):
    """``count`` findings; the first is ``first_zh``, ``first_en``; ``findings`` holds all."""

    code = "governance.unfit-reorganisation"
    exit_status = 2
    zh = "机构改革方案有 {count} 处不合要求,第一处:{first_zh}"
    en = "{count} findings in the reorganisation, the first: {first_en}"


class OtherReorganisation(GovernanceError):
    """``id`` has the digest ``expected``, not ``found``."""

    code = "governance.other-reorganisation"
    exit_status = 2
    zh = "机构改革方案 {id} 的摘要是 {expected},不是 {found}"
    en = "the reorganisation {id} has the digest {expected}, not {found}"
