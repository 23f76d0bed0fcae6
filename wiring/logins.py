"""What letting people in needs of this installation: the key of secrets, the issuer of unified identities."""

from __future__ import annotations

import getpass
import os
import secrets
import socket
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from governance.authority import Door
from governance.logins import Vault
from wiring.application import new_token
from wiring.errors import KeyUnusable
from wiring.identity import identity_hash

if TYPE_CHECKING:
    from governance.logins.issuer import Issuer
    from wiring.application import Application
    from wiring.settings import Settings

_KEY_BYTES = 32


def vault(settings: Settings) -> Vault:
    """The key of secrets at rest, from its file, which is made where it is not there yet."""
    return Vault(_key(settings.keys_folder / "logins.key"), random_bytes)


def door(application: Application, *, source: str = "") -> Door:
    """The door people come in by; ``source`` is where from, this machine's user unless said."""
    return Door(
        source=source or this_user(), vault=vault(application.settings), token=new_token, randomness=random_bytes
    )


def random_bytes(count: int) -> bytes:
    """So many bytes nobody can guess."""
    return secrets.token_bytes(count)


def subject_hasher(settings: Settings) -> Callable[[str], str]:
    """Gives the keyed hash of an issuer's subject, under the key of identity numbers."""
    return identity_hash(settings)


def new_password() -> str:
    """A first password for somebody: 128 bits, to be changed by its owner."""
    return secrets.token_urlsafe(16)


def this_user() -> str:
    """Who runs this process, as a source of logins."""
    return f"{getpass.getuser()}@{socket.gethostname()}"


def issuer(settings: Settings) -> Issuer:
    """The issuer that the settings name. Raises ``IssuerNotSet``, ``KeyUnusable`` for its secret's file."""
    from governance.logins.errors import IssuerNotSet
    from governance.logins.issuer import Issuer

    if not settings.oidc_issuer or not settings.oidc_client:
        raise IssuerNotSet
    secret = ""
    if settings.oidc_secret_file is not None:
        secret = _read(settings.oidc_secret_file).decode("utf-8", "replace").strip()
    return Issuer(
        address=settings.oidc_issuer,
        client=settings.oidc_client,
        secret=secret,
        scopes=tuple(settings.oidc_scopes.split()),
    )


def _key(path: Path) -> bytes:
    if not path.exists():
        _make_key(path)
    found = _read(path)
    if len(found) != _KEY_BYTES:
        raise KeyUnusable(path=path, reason=f"{len(found)} bytes")
    return found


def _make_key(path: Path) -> None:
    """Whole or not at all, and never over one that somebody else just made."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(_KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        os.link(partial, path)
    except FileExistsError:
        pass
    finally:
        partial.unlink(missing_ok=True)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as cause:
        raise KeyUnusable(path=path, reason=cause.strerror or "") from None
