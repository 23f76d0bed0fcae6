"""The WSGI layer around moto: one request at a time, changes on disk first, and replay at the start."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from threading import Lock
from typing import Any

from moto.core.request import PRESERVED_HEADER_NAMES_ENVIRON_KEY
from moto.server import DomainDispatcherApplication, create_backend_app

from infra.sandbox.changing import changes_the_cloud
from infra.sandbox.determinism import CloudClock, seed
from infra.sandbox.journal import Entry, Journal

Environ = dict[str, Any]
StartResponse = Callable[..., Any]


class JournalledCloud:
    """moto behind a lock and a journal.

    One at a time, because the generator is one: two requests at once would draw each other's ids, and the replay,
    which has no threads, would draw others.
    """

    def __init__(self, journal: Journal, clock: CloudClock) -> None:
        self._journal = journal
        self._clock = clock
        self._lock = Lock()
        self._cloud = DomainDispatcherApplication(_backend)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        body = _take_body(environ)
        with self._lock:
            changing = changes_the_cloud(
                environ["REQUEST_METHOD"],
                environ.get("QUERY_STRING", ""),
                environ.get("HTTP_X_AMZ_TARGET", ""),
                environ.get("CONTENT_TYPE", ""),
                body,
            )
            if not changing:
                return self._carry_out(environ, body, start_response)
            entry = self._journal.append(
                datetime.now(UTC),
                {
                    key: value
                    for key, value in environ.items()
                    if isinstance(value, str) and not key.startswith("wsgi.")
                },
                dict(environ.get(PRESERVED_HEADER_NAMES_ENVIRON_KEY, {})),
                body,
            )
            return self._change(entry, environ, start_response)

    def replay(self) -> int:
        """Carry out the whole journal again; returns the number of requests."""
        count = 0
        for entry in self._journal.replay():
            environ: Environ = {
                **entry.environ,
                PRESERVED_HEADER_NAMES_ENVIRON_KEY: entry.original_headers,
                "wsgi.version": (1, 0),
                "wsgi.url_scheme": "http",
                "wsgi.errors": io.StringIO(),
                "wsgi.multithread": False,
                "wsgi.multiprocess": False,
                "wsgi.run_once": False,
            }
            self._change(entry, environ, lambda *_: None)
            count += 1
        return count

    def _change(self, entry: Entry, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        seed(self._journal.life, entry.number)
        self._clock.at = entry.at
        try:
            return self._carry_out(environ, entry.body, start_response)
        finally:
            self._clock.at = None

    def _carry_out(self, environ: Environ, body: bytes, start_response: StartResponse) -> Iterable[bytes]:
        environ["wsgi.input"] = io.BytesIO(body)
        answer = self._cloud(environ, start_response)
        try:
            return [b"".join(answer)]
        finally:
            close = getattr(answer, "close", None)
            if close is not None:
                close()


def _take_body(environ: Environ) -> bytes:
    """Read the body whole and say its length, so that live and replayed requests look the same."""
    stream = environ["wsgi.input"]
    if environ.get("wsgi.input_terminated"):
        body: bytes = stream.read()
    else:
        body = stream.read(int(environ.get("CONTENT_LENGTH") or 0))
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    environ["CONTENT_LENGTH"] = str(len(body))
    return body


def _backend(service: str) -> Any:
    """moto's application of a service; what it lacks is answered as such, and not as a fault."""
    application = create_backend_app(service)
    application.register_error_handler(NotImplementedError, lambda lacking: (str(lacking), 501))
    return application
