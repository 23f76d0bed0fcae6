"""What can be wrong with the web door.

GuanyunError
└── PortalError
    └── CannotListen   somebody else has the port, or this machine has no such address
"""

from __future__ import annotations

from foundation.values.errors import GuanyunError


class PortalError(GuanyunError):
    """Base of this package's errors."""

    code = "portal.error"


class CannotListen(PortalError):
    """``host``:``port`` with the operating system's ``reason``."""

    code = "portal.cannot-listen"
    exit_status = 4
    zh = "门户无法监听 {host}:{port}({reason}):请用 --host、--port 或 GUANYUN_PORTAL_HOST、GUANYUN_PORTAL_PORT 另选"
    en = "the portal cannot listen on {host}:{port} ({reason}): choose with --host, --port or GUANYUN_PORTAL_…"
