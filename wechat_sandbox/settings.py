"""How one sandbox is set up; the environment names begin with SANDBOX_."""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import config

HOTLINE_KEY = "sandbox-hotline-secret"
EINVOICE_KEY = "sandbox-einvoice-secret"
REPOSITORY = Path(__file__).resolve().parent.parent


class NotLoopback(ValueError):
    """The sandbox opens and calls addresses of this machine only."""


@dataclass
class SandboxSettings:
    """Everything that a sandbox needs to know; by default the product's own sandbox values."""

    notify_base: str = ""
    database_dir: Path | None = None
    appid: str = field(default_factory=lambda: os.environ.get("SANDBOX_APPID", config.SANDBOX_APPID))
    secret: str = field(default_factory=lambda: os.environ.get("SANDBOX_SECRET", config.SANDBOX_SECRET))
    mch_id: str = field(default_factory=lambda: os.environ.get("SANDBOX_MCH_ID", config.SANDBOX_MCH_ID))
    pay_key: str = field(default_factory=lambda: os.environ.get("SANDBOX_PAY_KEY", config.SANDBOX_PAY_KEY))
    push_token: str = field(
        default_factory=lambda: os.environ.get("SANDBOX_PUSH_TOKEN", config.SANDBOX_PUSH_TOKEN)
    )
    push_aes_key: str = field(
        default_factory=lambda: os.environ.get("SANDBOX_PUSH_AES_KEY", config.SANDBOX_PUSH_AES_KEY)
    )
    hotline_secret: str = field(default_factory=lambda: os.environ.get("SANDBOX_HOTLINE_SECRET", HOTLINE_KEY))
    einvoice_secret: str = field(
        default_factory=lambda: os.environ.get("SANDBOX_EINVOICE_SECRET", EINVOICE_KEY)
    )
    push_format: str = field(default_factory=lambda: os.environ.get("SANDBOX_PUSH_FORMAT", "json"))
    push_sent_events: bool = field(default_factory=lambda: os.environ.get("SANDBOX_SENT_EVENTS", "1") != "0")
    pages_file: Path = REPOSITORY / "miniprogram" / "src" / "pages.json"

    def __post_init__(self) -> None:
        if self.notify_base:
            require_loopback(self.notify_base)
        if self.push_format not in ("json", "xml"):
            raise ValueError("SANDBOX_PUSH_FORMAT is json or xml")


def require_loopback(url: str) -> str:
    """The URL itself; raises NotLoopback when it names another machine."""
    if not is_loopback_host(urlsplit(url).hostname or ""):
        raise NotLoopback(f"{url} is not an address of this machine")
    return url


def is_loopback_host(host: str) -> bool:
    """Whether the host name or address is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
