"""How long `guanyun --help` takes as a whole process: the wait before every command.

Usage: python bench/start_up.py [RUNS]. Prints the median in seconds; ends with 1 when it is over the floor.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

FLOOR_SECONDS = 0.4


def seconds_once(command: Path) -> float:
    """One run, from start to exit, with nothing to draw on."""
    started = time.perf_counter()
    subprocess.run([command, "--help"], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def main() -> int:
    """Measure, print, and compare with the floor."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    command = Path(sys.executable).with_name("guanyun")
    seconds_once(command)  # the first run writes the byte code
    seconds = sorted(seconds_once(command) for _ in range(runs))
    median = statistics.median(seconds)
    print(
        f"guanyun --help: {median:.3f} s median of {runs} (fastest {seconds[0]:.3f}, slowest {seconds[-1]:.3f}, "
        f"floor {FLOOR_SECONDS})"
    )
    return 0 if median < FLOOR_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
