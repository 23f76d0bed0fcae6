"""``guanyun worker``: the process that works."""

from __future__ import annotations

from cli.context import settings


def worker(*, places: int | None = None, metrics_port: int | None = None) -> None:
    """Carry out queued runs, deliver events, tick due work, until told to stop (Ctrl-C; twice to end at once).

    Example: guanyun worker --places 4

    Parameters
    ----------
    places: how many runs at a time (GUANYUN_WORKER_PLACES, 8)
    metrics_port: where /metrics, /ready and /live answer on loopback (GUANYUN_WORKER_PORT, any free one)
    """
    from wiring.processes.settings import process_settings
    from wiring.processes.worker import run_worker

    run_worker(settings(), process_settings(worker_places=places, worker_port=metrics_port))
