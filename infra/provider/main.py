"""The plugin's process: ``pulumi-resource-guanyun ENGINE``.

It serves one engine on loopback and ends with it; ``attached`` serves many, inside another process. The engine holds
the other end of standard input, so its death shows as end of file; whatever a thread is waiting for then is dropped,
and adoption finds it.
"""

from __future__ import annotations

import os
import stat
import sys
import threading

from foundation.values.errors import GuanyunError
from infra.provider.record import write_record
from infra.provider.service import CloudProvider
from infra.provider.servicer import serve


def main() -> None:
    """Serve until the engine is gone."""
    _end_with_the_engine()
    record = os.environ.get("GUANYUN_PROVIDER_RECORD")
    if record:
        write_record(record)
    try:
        provider = CloudProvider.from_environment(os.environ)
    except GuanyunError as error:
        # Nobody can be served; the engine shows what is written here.
        sys.stderr.write(f"{error.text('zh')}\n{error.text('en')} [{error.code}]\n")
        sys.exit(error.exit_status)
    serving = serve(provider)
    sys.stdout.write(f"{serving.port}\n")
    sys.stdout.flush()
    serving.server.wait_for_termination()


def _end_with_the_engine() -> None:
    if not stat.S_ISFIFO(os.fstat(0).st_mode):
        return  # started by hand

    def watch() -> None:
        while os.read(0, 4096):
            pass
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


if __name__ == "__main__":
    main()
