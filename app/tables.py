"""Every table of the product, imported once so that metadata and mappers are complete."""

from __future__ import annotations

from app.accounts import models as accounts
from app.audit import models as audit
from app.catalogue import models as catalogue
from app.catalogue import price_models as catalogue_prices
from app.companies import models as companies
from app.core import outbox, receipts, shared_values
from app.core.db import Base
from app.estates import models as estates
from app.media import discard_models as media_discards
from app.media import models as media
from app.notifications import models as notifications
from app.orders import clock_models as order_clocks
from app.orders import follower_models as order_followers
from app.orders import hold_models as order_holds
from app.orders import models as orders
from app.orders import proxy_models as order_proxies
from app.orders import voice_models as order_voices
from app.supervision import models as supervision

MODULES = (
    accounts,
    audit,
    catalogue,
    catalogue_prices,
    companies,
    estates,
    media,
    media_discards,
    notifications,
    orders,
    order_clocks,
    order_followers,
    order_proxies,
    order_holds,
    order_voices,
    outbox,
    receipts,
    shared_values,
    supervision,
)
metadata = Base.metadata
