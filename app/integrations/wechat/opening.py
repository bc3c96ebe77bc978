"""The client that the settings name, the same for web and scheduler."""

from __future__ import annotations

from redis import Redis

from app.integrations.wechat.client import MiniClient, RedisTokenStore, TokenStore
from app.integrations.wechat.database_tokens import DatabaseTokenStore
from config import Settings


def open_client(settings: Settings) -> MiniClient:
    """A client with the shared token store; it connects to nothing before it is used."""
    return MiniClient(
        settings.wechat_appid,
        settings.wechat_secret,
        api_base=settings.wechat_api_base,
        token_store=_token_store(settings),
    )


def _token_store(settings: Settings) -> TokenStore:
    """Redis where there is one, else the database: one access token for all processes either way (D5)."""
    return RedisTokenStore(Redis.from_url(settings.redis_url)) if settings.redis_url else DatabaseTokenStore()
