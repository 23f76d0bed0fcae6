"""Probe logs 探测日志: a probe's timed checks of one service for one agency over one month, as a signed file.

Owns the form of such a file: writing and signing it on the probe's side, and reading it, once its signature holds,
into checks or findings. What the checks come to is ``monitoring.sli``'s.
"""

from monitoring.probes.manifest import Manifest, open_manifest
from monitoring.probes.reading import ProbeLog, read_probe_log
from monitoring.probes.writing import sign_probe_log, write_probe_log

__all__ = ["Manifest", "ProbeLog", "open_manifest", "read_probe_log", "sign_probe_log", "write_probe_log"]
