"""Typed settings, read once from the environment.

Every variable has an embedded default, so that ``make run`` serves a single office
without any configuration. Secrets are never defaults: the signing key is generated
into the data folder at the first start and kept there with mode 0600; the key of phone
numbers and addresses (``YINFENG_DATA_KEY``) likewise. Without that key they cannot be read again.
"""

from __future__ import annotations

import os
import re
import secrets
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parent
MINIMUM_SECRET_LENGTH = 32
SOCKET_PATH_LIMIT = 100
TILES = re.compile(r"(?:https://[A-Za-z0-9.-]+(?::[0-9]{1,5})?)?/(?!/)[!-~]*")
MAIL_SECURITY = {"starttls": 587, "tls": 465, "none": 25}


class SettingsError(ValueError):
    """An environment variable holds a value the service cannot start with."""


@dataclass(frozen=True, slots=True)
class Mail:
    """The mail server of the office; without a host no mail is sent."""

    host: str = ""
    port: int = 587
    user: str = ""
    password: str = ""
    sender: str = ""
    security: str = "starttls"


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the service reads from outside, validated."""

    data_dir: Path
    database_url: str
    redis_url: str
    secret_key: str
    host: str = "127.0.0.1"
    port: int = 8000
    time_zone: str = "Asia/Shanghai"
    office_name: str = ""
    secure_cookies: bool = False
    proxy_hops: int = 0
    web_threads: int = 8
    worker_processes: int = 1
    crawl_allow: tuple[str, ...] = ()
    max_upload_bytes: int = 10 * 1024 * 1024
    session_idle_minutes: int = 120
    session_hours: int = 12
    data_key: str = ""
    public_url: str = ""
    robot_allow: tuple[str, ...] = ()
    api_token_days: int = 90
    api_per_minute: int = 120
    map_tiles: str = ""
    map_credit: str = ""
    mail: Mail = Mail()

    @property
    def files_dir(self) -> Path:
        """Folder of uploaded files, outside the web root."""
        return self.data_dir / "files"

    @property
    def feeds_dir(self) -> Path:
        """Folder of crawl feed files, kept for replay."""
        return self.data_dir / "feeds"

    @property
    def run_dir(self) -> Path:
        """Folder of sockets and pid files of the running stack."""
        return self.data_dir / "run"


def load(env: Mapping[str, str] | None = None) -> Settings:
    """Read the settings; raise :class:`SettingsError` with what to change."""
    env = os.environ if env is None else env
    data_dir = Path(env.get("YINFENG_DATA") or ROOT / "var").absolute()
    data_dir.mkdir(parents=True, exist_ok=True)
    return Settings(
        data_dir=data_dir,
        database_url=_database_url(env, data_dir),
        redis_url=env.get("REDIS_URL") or f"unix://{quote(str(socket_path(data_dir)))}",
        secret_key=_kept_secret(env, "SECRET_KEY", data_dir / "secret.key"),
        data_key=_kept_secret(env, "YINFENG_DATA_KEY", data_dir / "data.key"),
        host=env.get("HOST") or "127.0.0.1",
        port=_number(env, "PORT", 8000, low=0, high=65535),
        time_zone=env.get("YINFENG_TIME_ZONE") or "Asia/Shanghai",
        office_name=env.get("YINFENG_OFFICE") or "",
        secure_cookies=_flag(env, "YINFENG_SECURE_COOKIES"),
        proxy_hops=_number(env, "YINFENG_PROXY_HOPS", 0, low=0, high=5),
        web_threads=_number(env, "YINFENG_WEB_THREADS", 8, low=1, high=64),
        worker_processes=_number(env, "YINFENG_WORKERS", 1, low=1, high=32),
        crawl_allow=_listed(env, "YINFENG_CRAWL_ALLOW"),
        max_upload_bytes=_number(env, "YINFENG_MAX_UPLOAD_MB", 10, low=1, high=200) * 1024 * 1024,
        session_idle_minutes=_number(env, "YINFENG_SESSION_IDLE_MINUTES", 120, low=1, high=1440),
        session_hours=_number(env, "YINFENG_SESSION_HOURS", 12, low=1, high=72),
        public_url=_public_url(env),
        robot_allow=_listed(env, "YINFENG_ROBOT_ALLOW"),
        api_token_days=_number(env, "YINFENG_API_TOKEN_DAYS", 90, low=1, high=366),
        api_per_minute=_number(env, "YINFENG_API_PER_MINUTE", 120, low=2, high=6000),
        map_tiles=_tiles(env),
        map_credit=env.get("YINFENG_MAP_CREDIT") or "",
        mail=_mail(env),
    )


def socket_path(data_dir: Path) -> Path:
    """Socket of the embedded Redis-compatible server.

    A Unix socket path is limited to 107 bytes, so a deep data folder falls back to
    the runtime folder of the user.
    """
    path = data_dir / "run" / "redis.sock"
    if len(os.fsencode(path)) <= SOCKET_PATH_LIMIT:
        return path
    runtime = Path(os.environ.get("XDG_RUNTIME_DIR") or "/tmp")  # noqa: S108 (mode 0700 folder made by the launcher)
    return runtime / f"yinfeng-{os.getuid()}-{zlib.crc32(os.fsencode(data_dir))}" / "redis.sock"


def _database_url(env: Mapping[str, str], data_dir: Path) -> str:
    url = env.get("DATABASE_URL") or f"sqlite:///{data_dir / 'yinfeng.db'}"
    if url.startswith(("postgres://", "postgresql://")):
        url = "postgresql+psycopg://" + url.split("://", 1)[1]
    if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        message = "DATABASE_URL must start with sqlite:/// or postgresql://"
        raise SettingsError(message)
    return url


def _public_url(env: Mapping[str, str]) -> str:
    """Address at which people open the product; links in mails and groups begin with it."""
    url = (env.get("YINFENG_PUBLIC_URL") or "").rstrip("/")
    if url and not url.startswith(("https://", "http://")):
        message = "YINFENG_PUBLIC_URL must start with https:// or http://"
        raise SettingsError(message)
    return url


def _tiles(env: Mapping[str, str]) -> str:
    """Address of map tiles: a path on this host, or https, with the three places Leaflet fills; empty: no tiles."""
    url = env.get("YINFENG_MAP_TILES") or ""
    if url and not (TILES.fullmatch(url) and all(place in url for place in ("{z}", "{x}", "{y}"))):
        message = (
            "YINFENG_MAP_TILES must be like /tiles/{z}/{x}/{y}.png or https://tiles.office.example/{z}/{x}/{y}.png"
        )
        raise SettingsError(message)
    return url


def _mail(env: Mapping[str, str]) -> Mail:
    host, security = env.get("YINFENG_SMTP_HOST") or "", env.get("YINFENG_SMTP_SECURITY") or "starttls"
    sender = env.get("YINFENG_SMTP_FROM") or ""
    if security not in MAIL_SECURITY:
        message = f"YINFENG_SMTP_SECURITY must be one of {', '.join(MAIL_SECURITY)}, not {security!r}"
        raise SettingsError(message)
    if host and "@" not in sender:
        message = "YINFENG_SMTP_FROM must be the address mails come from, for example yinfeng@office.example"
        raise SettingsError(message)
    return Mail(
        host=host,
        port=_number(env, "YINFENG_SMTP_PORT", MAIL_SECURITY[security], low=1, high=65535),
        user=env.get("YINFENG_SMTP_USER") or "",
        password=env.get("YINFENG_SMTP_PASSWORD") or "",
        sender=sender,
        security=security,
    )


def _listed(env: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(filter(None, (env.get(name) or "").split(",")))


def _kept_secret(env: Mapping[str, str], name: str, path: Path) -> str:
    given = env.get(name)
    if given is not None:
        if len(given) < MINIMUM_SECRET_LENGTH:
            message = f"{name} must have at least {MINIMUM_SECRET_LENGTH} characters"
            raise SettingsError(message)
        return given
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        key = secrets.token_urlsafe(48)
        file.write(key)
    return key


def _number(env: Mapping[str, str], name: str, default: int, *, low: int, high: int) -> int:
    raw = env.get(name)
    if not raw:
        return default
    if not raw.isascii() or not raw.isdigit() or not low <= int(raw) <= high:
        message = f"{name} must be a whole number from {low} to {high}, not {raw!r}"
        raise SettingsError(message)
    return int(raw)


def _flag(env: Mapping[str, str], name: str) -> bool:
    return (env.get(name) or "").lower() in {"1", "true", "yes", "on"}
