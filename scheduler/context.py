"""What a job may use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.integrations.hotline.contract import Hotline
from app.integrations.hotline.http import HotlineClient
from app.integrations.wechat.client import MiniClient
from app.integrations.wechat.opening import open_client
from config import Settings


@dataclass(frozen=True)
class Context:
    """The neighbours and the wish to stop; a job that loops asks `stopping` between two pieces of work."""

    settings: Settings
    wechat: MiniClient
    hotline: Hotline | None
    stopping: Callable[[], bool]


def build_context(settings: Settings, stopping: Callable[[], bool]) -> Context:
    """The neighbours that the settings name; no hotline address means the manual queue alone."""
    hotline = HotlineClient(settings.hotline_url, settings.hotline_secret) if settings.hotline_url else None
    return Context(settings, open_client(settings), hotline, stopping)
