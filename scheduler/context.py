"""What a job may use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.integrations.einvoice.contract import EInvoiceService
from app.integrations.einvoice.http import EInvoiceClient
from app.integrations.hotline.contract import Hotline
from app.integrations.hotline.http import HotlineClient
from app.integrations.wechat.client import MiniClient
from app.integrations.wechat.opening import open_client
from app.integrations.wechat.pay.contract import PayGateway
from app.integrations.wechat.pay.opening import open_gateway
from config import Settings


@dataclass(frozen=True)
class Context:
    """The neighbours and the wish to stop; a job that loops asks `stopping` between two pieces of work."""

    settings: Settings
    wechat: MiniClient
    hotline: Hotline | None
    stopping: Callable[[], bool]
    pay: PayGateway | None = None
    einvoice: EInvoiceService | None = None


def build_context(settings: Settings, stopping: Callable[[], bool]) -> Context:
    """The neighbours that the settings name; no hotline address means the manual queue alone, no merchant
    number that nothing is paid here, no address of an invoice service that invoices are of paper."""
    hotline = HotlineClient(settings.hotline_url, settings.hotline_secret) if settings.hotline_url else None
    client = open_client(settings)
    einvoice = (
        EInvoiceClient(settings.einvoice_url, settings.einvoice_secret) if settings.einvoice_url else None
    )
    return Context(settings, client, hotline, stopping, open_gateway(settings, client), einvoice)
