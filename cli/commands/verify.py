"""``guanyun verify``: anyone recomputes a pack, offline; a reader of everything compares the live records."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cli.context import Json, application, token
from cli.output import print_findings, say, show_one

if TYPE_CHECKING:
    from billing.verification import Verification


def verify(pack: Path | None = None, *, handed_out: Path, keys: Path, live: bool = False, json: Json = False) -> int:
    """Recompute a statement's or settlement's pack; needs no login, no database and no network.

    Example: guanyun verify statement.pack --handed-out handed-out --keys public-keys

    Parameters
    ----------
    pack: the pack; none with --live
    handed_out: the folder of signed roots that you kept
    keys: the folder of public keys that you trust
    live: compare database, usage store and audit chain with what was handed out (needs a login that reads all)
    """
    from foundation.evidence import read_key_ring
    from foundation.values.errors import InvalidValue

    if live == (pack is not None):
        raise InvalidValue(field="verify", found="both" if live else "neither", expected="a pack, or --live")
    for name, folder in (("handed-out", handed_out), ("keys", keys)):
        if not folder.is_dir():
            raise InvalidValue(field=f"--{name}", found=str(folder), expected="a folder")
    ring = read_key_ring(keys)
    if pack is None:
        from wiring.packs import check_live

        with application() as opened:
            found = check_live(opened, token(), handed_out, ring)
    else:
        from billing.verification import verify_pack

        found = verify_pack(pack, handed_out, ring)
    return _tell(found, json=json)


def _tell(found: Verification, *, json: bool) -> int:
    from foundation.evidence import plain
    from foundation.values.money import format_yuan

    if json:
        show_one(plain(found) | {"ok": found.ok}, json=True)
        return 0 if found.ok else 3
    print_findings(found.findings)
    checked = ", ".join(f"{what} {count}" for what, count in sorted(found.checked.items()))
    totals = ", ".join(f"{name} {format_yuan(amount)}" for name, amount in found.totals.items())
    if found.ok:
        say(f"{found.document} 核对无误", f"{found.document or 'the records'} holds")
    else:
        say(f"{found.document} 核对不符", f"{found.document or 'the records'} DOES NOT HOLD")
    say(f"已核对:{checked}", f"checked: {checked}")
    if totals:
        say(f"重算金额(元):{totals}", f"recomputed, in yuan: {totals}")
    return 0 if found.ok else 3
