"""Settings, from ``GUANYUN_*`` environment variables. Secrets are never among them: those are files."""

from __future__ import annotations

from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Where everything of one installation lies.

    ``home`` holds records, usage store, engine state, sandbox, keys; ``database`` a SQLAlchemy URL (default:
    SQLite in ``home``); ``database_owner`` the same one on PostgreSQL as the role that owns its tables, for
    ``database upgrade`` alone; ``session`` the login token's file; ``aws_endpoint`` the cloud's API (default: the
    sandbox); ``worker`` this machine's name among the workers (on SQLite there is one, whatever it is called).
    ``token_file`` holds an API token, used instead of the login. ``oidc_issuer`` is the address of the issuer of
    unified identities, ``oidc_client`` our name there, ``oidc_secret_file`` holds our secret there where there is one,
    ``oidc_port`` the loopback port the browser comes back to (0: any). ``engine_state`` is where the engine keeps what
    it built: ``file:///…``, ``s3://bucket?…`` or ``postgres://host/database`` (default: a folder in ``home``); its
    credentials come by the process's own ``AWS_…`` and ``PG…`` variables, never in the address.
    """

    model_config = SettingsConfigDict(env_prefix="GUANYUN_", frozen=True)

    home: Path = Path.home() / ".local" / "share" / "guanyun"
    database: str = ""
    database_owner: str = ""
    session: Path | None = None
    aws_endpoint: str = ""
    engine_state: str = ""
    region: str = "cn-north-1"
    worker: str = ""
    token_file: Path | None = None
    oidc_issuer: str = ""
    oidc_client: str = ""
    oidc_secret_file: Path | None = None
    oidc_scopes: str = "openid"
    oidc_port: int = 0

    @property
    def database_url(self) -> str:
        """The record database."""
        return self.database or f"sqlite:///{self.home.resolve()}/records.db"

    @property
    def session_file(self) -> Path:
        """Where ``guanyun login`` leaves its token."""
        return self.session or self.home / "session"

    @property
    def usage_folder(self) -> Path:
        """The usage store."""
        return self.home / "usage"

    @property
    def attachments_folder(self) -> Path:
        """Attached files, each under its digest, mode 0700."""
        return self.home / "attachments"

    @property
    def keys_folder(self) -> Path:
        """Private keys of this installation, mode 0700."""
        return self.home / "keys"

    @property
    def public_keys_folder(self) -> Path:
        """Public keys, to be given to readers."""
        return self.home / "public-keys"

    @property
    def handed_out_folder(self) -> Path:
        """Signed roots and audit heads, to be kept by readers."""
        return self.home / "handed-out"

    @property
    def sandbox_folder(self) -> Path:
        """The sandbox's journal, log and pid."""
        return self.home / "sandbox"

    @property
    def work_folder(self) -> Path:
        """The durable engine's journal, the processes' logs and addresses."""
        return self.home / "work"

    @property
    def engine_folder(self) -> Path:
        """The engine's state, plans and home."""
        return self.home / "engine"
