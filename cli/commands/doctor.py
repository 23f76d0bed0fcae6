"""``guanyun doctor``: what is wrong, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cli.context import Json, settings
from cli.output import console, languages, print_findings, say, show

if TYPE_CHECKING:
    from wiring.doctor import Checked

_SIGNS = {"error": "✖", "warning": "!", "note": "·", "": "✔", "skipped": "?"}


def doctor(*, json: Json = False) -> int:
    """Look at everything this installation stands on; say what is wrong and what to do.

    Example: guanyun doctor

    Ends with 1 where anything is an error. It changes nothing and needs no login.
    """
    from wiring.application import machine_clock
    from wiring.doctor import examine

    found = examine(settings(), now=machine_clock())
    wrong = sum(each.severity == "error" for each in found)
    if json:
        show([_row(each) for each in found], {}, json=True)
        return 1 if wrong else 0
    for each in found:
        texts = {"zh": each.zh, "en": each.en}
        sign = _SIGNS["skipped" if each.skipped else (each.severity or "")]
        console.print(f"{sign} {' '.join(texts[language] for language in languages())}", markup=False)
        for finding in each.findings:
            print_findings([finding])
    if wrong:
        say(f"{wrong} 项检查有错误", f"{wrong} checks found errors")
    else:
        say("没有错误", "no errors")
    return 1 if wrong else 0


def _row(each: Checked) -> dict[str, Any]:
    from foundation.evidence import plain

    return {
        "check": each.name,
        "zh": each.zh,
        "en": each.en,
        "severity": "" if each.severity is None else each.severity.value,
        "skipped": each.skipped,
        "findings": plain(each.findings),
    }
