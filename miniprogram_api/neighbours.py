"""What this edge talks to outside the database: WeChat and the storage of photos, opened once per application."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, current_app

from app.integrations.storage import Storage, open_storage
from app.integrations.wechat.client import MiniClient
from app.integrations.wechat.opening import open_client
from app.integrations.wechat.pay.contract import PayGateway
from app.integrations.wechat.pay.opening import open_gateway
from config import Settings

_EXTENSION = "miniprogram_api.neighbours"


@dataclass(frozen=True)
class Neighbours:
    """The clients that the settings name; without `pay` nobody can pay here."""

    settings: Settings
    wechat: MiniClient
    storage: Storage
    pay: PayGateway | None


def register(app: Flask, settings: Settings) -> None:
    """Open the clients; none of them connects before it is used."""
    client = open_client(settings)
    app.extensions[_EXTENSION] = Neighbours(
        settings=settings,
        wechat=client,
        storage=open_storage(settings.effective_storage_url),
        pay=open_gateway(settings, client),
    )


def neighbours() -> Neighbours:
    """Those of the application that answers now."""
    found = current_app.extensions[_EXTENSION]
    assert isinstance(found, Neighbours)
    return found
