"""The gateway that the settings name, the same for web and scheduler."""

from __future__ import annotations

from app.integrations.wechat.client import MiniClient
from app.integrations.wechat.pay.contract import PayGateway
from app.integrations.wechat.pay.library import Provider
from app.integrations.wechat.pay.signing import PayKey
from app.integrations.wechat.pay.v2 import V2Gateway
from config import Settings


def open_gateway(settings: Settings, client: MiniClient) -> PayGateway | None:
    """The gateway for new payments, or None where nobody can pay; it connects to nothing before it is used."""
    if not settings.pays:
        return None
    return V2Gateway(
        provider_of(settings),
        api_base=settings.wechat_pay_base,
        notify_base=settings.public_base_url,
        mini=client,
    )


def provider_of(settings: Settings) -> Provider:
    """Our identity; the certificate only where both of its files are named."""
    files = (settings.wechat_pay_cert_file, settings.wechat_pay_key_file)
    return Provider(
        appid=settings.wechat_appid,
        mch_id=settings.wechat_pay_mch_id,
        key=PayKey(settings.wechat_pay_key),
        certificate=files if all(files) else None,
    )
