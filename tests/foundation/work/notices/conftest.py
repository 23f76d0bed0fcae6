"""Receivers on loopback: an SMTP server (plain, STARTTLS, TLS) and an HTTP server, with a certificate of their own."""

from __future__ import annotations

import base64
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from foundation.work.notices import Notice

NOW = datetime(2026, 11, 1, 8, tzinfo=UTC)


@pytest.fixture
def notice() -> Notice:
    """Something an operator is told."""
    return Notice(
        id="notice_1",
        to="operator@example.org",
        subject="任务已停 A run was parked",
        zh="任务 RUN-1 需要处理",
        en="run RUN-1 needs a person",
        event="event_1",
        kind="work.parked",
    )


@pytest.fixture
def now() -> Callable[[], datetime]:
    """The real clock, stopped."""
    return lambda: NOW


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate of 127.0.0.1 with its key, in one PEM file."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    today = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("certificate") / "both.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


def server_side(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@dataclass
class Post:
    """A mail server: what it got, and what it answers (command → line) in place of consent."""

    port: int = 0
    mails: list[bytes] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    clear: list[str] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)


class _Session(socketserver.BaseRequestHandler):
    post: Post
    context: ssl.SSLContext
    immediate: bool

    def handle(self) -> None:
        self.wrapped = self.immediate
        if self.immediate:
            try:
                self.request = self.context.wrap_socket(self.request, server_side=True)
            except OSError:
                return None
        self.lines = self.request.makefile("rb")
        self.say("220 test")
        while raw := self.lines.readline():
            line = raw.decode().rstrip("\r\n")
            if not self.wrapped:
                self.post.clear.append(line)
            word = line.split(" ")[0].upper()
            if word in self.post.answers:
                self.say(self.post.answers[word])
            elif word == "STARTTLS":
                self.say("220 go")
                try:
                    self.request = self.context.wrap_socket(self.request, server_side=True)
                except OSError:
                    return None
                self.lines, self.wrapped = self.request.makefile("rb"), True
            elif word == "QUIT":
                return self.say("221 bye")
            else:
                self.answer(word, line)
        return None

    def answer(self, word: str, line: str) -> None:
        if word == "EHLO":
            self.say("250-test", *([] if self.wrapped else ["250-STARTTLS"]), "250-AUTH PLAIN", "250 8BITMIME")
        elif word == "AUTH":
            self.post.logins.append(base64.b64decode(line.split(" ")[2]).decode())
            self.say("235 yes")
        elif word == "RCPT":
            self.post.recipients.append(line)
            self.say("250 yes")
        elif word == "DATA":
            self.say("354 go")
            self.post.mails.append(b"".join(iter(self.lines.readline, b".\r\n")))
            self.say("250 taken")
        else:
            self.say("250 yes")

    def say(self, *lines: str) -> None:
        self.request.sendall("".join(f"{line}\r\n" for line in lines).encode())


@contextmanager
def serving(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def _mail_server(certificate: Path, *, immediate: bool) -> Iterator[Post]:
    post = Post()
    handler = type("Session", (_Session,), {"post": post, "context": server_side(certificate), "immediate": immediate})
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    post.port = server.server_address[1]
    with serving(server):
        yield post


@pytest.fixture
def post(certificate: Path) -> Iterator[Post]:
    """A mail server that offers STARTTLS."""
    with _mail_server(certificate, immediate=False) as made:
        yield made


@pytest.fixture
def post_in_tls(certificate: Path) -> Iterator[Post]:
    """A mail server that speaks TLS from the first byte."""
    with _mail_server(certificate, immediate=True) as made:
        yield made


@dataclass
class Hook:
    """An HTTP server: what it got, and the statuses it answers with, the last one again and again."""

    port: int = 0
    got: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=lambda: [200])
    silence: float = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?key=geheim"


@contextmanager
def _http_server(context: ssl.SSLContext | None = None) -> Iterator[Hook]:
    hook, woken = Hook(), threading.Event()

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            hook.got.append((self.path, dict(self.headers.items()), body))
            if hook.silence:
                woken.wait(hook.silence)
            self.send_response(hook.statuses.pop(0) if len(hook.statuses) > 1 else hook.statuses[0])
            self.send_header("Location", f"http://127.0.0.1:{hook.port}/elsewhere")
            self.end_headers()

        def log_message(self, *words: Any) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    hook.port = server.server_address[1]
    with serving(server):
        yield hook
        woken.set()


@pytest.fixture
def hook() -> Iterator[Hook]:
    """An HTTP server."""
    with _http_server() as made:
        yield made


@pytest.fixture
def hook_in_tls(certificate: Path) -> Iterator[Hook]:
    """An HTTPS server."""
    with _http_server(server_side(certificate)) as made:
        yield made
