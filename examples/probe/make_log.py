"""Makes the example probe log: one check a minute of one service over March 2026, some failed, some missing.

    python examples/probe/make_log.py                     writes the same checks again
    python examples/probe/make_log.py --sign-with KEY     also signs them, and writes the public key beside them

The private key of the committed signature was thrown away: to sign anew, bring a key of your own (it is made if the
file does not exist) and give readers the new public key.
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from foundation.evidence import FileSigner, create_key
from foundation.values.instant import SHANGHAI, Interval
from foundation.values.month import Month
from monitoring.probes import Manifest, sign_probe_log, write_probe_log

FOLDER = Path(__file__).resolve().parent
MONTH = Month(2026, 3)
LOG = FOLDER / "2026-03-hrss-cloud-host.jsonl.gz"
SECOND_OF_THE_CHECK = timedelta(seconds=20)


def shanghai(day: int, hour: int, minute: int) -> datetime:
    """An instant of the month by the local clock."""
    return datetime(MONTH.year, MONTH.number, day, hour, minute, tzinfo=SHANGHAI)


OUTAGES = (  # 62 minutes in which every check failed
    Interval(shanghai(12, 2, 10), shanghai(12, 3, 5)),
    Interval(shanghai(19, 14, 31), shanghai(19, 14, 38)),
)
SILENCES = (  # 60 minutes without a check: 44 are within the grace of 0.1 %, the rest counts as down
    Interval(shanghai(23, 4, 0), shanghai(23, 4, 25)),
    Interval(shanghai(28, 23, 40), shanghai(29, 0, 15)),
)


def checks() -> Iterator[dict[str, object]]:
    """The month's checks, in order."""
    month = MONTH.interval
    for number in range(month.microseconds // 60_000_000):
        minute = month.start + timedelta(minutes=number)
        if any(minute in silence for silence in SILENCES):
            continue
        at = (minute + SECOND_OF_THE_CHECK).astimezone(SHANGHAI).isoformat()
        if any(minute in outage for outage in OUTAGES):
            yield {"at": at, "ok": False, "ms": None}
        else:
            yield {"at": at, "ok": True, "ms": milliseconds(minute)}


def milliseconds(minute: datetime) -> int:
    """A plausible answering time that depends on the minute alone."""
    return 9 + hashlib.sha256(minute.astimezone(UTC).isoformat().encode()).digest()[0] % 8


def main() -> None:
    """Write the log, and sign it where a key is given."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sign-with", type=Path, metavar="KEY")
    key: Path | None = parser.parse_args().sign_with
    digest = write_probe_log(LOG, checks())
    print(f"{LOG.name} {digest}")
    if key is not None:
        create_key(key, FOLDER / "bureau.probe.pub.pem")
        manifest = Manifest("hrss", "cloud-host", MONTH, "bureau-probe-1", "replay", digest)
        print(sign_probe_log(LOG, manifest, FileSigner(key)).name)


if __name__ == "__main__":
    main()
