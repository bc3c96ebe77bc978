"""Every table of the product, imported once so that metadata and mappers are complete."""

from __future__ import annotations

from app.accounts import models as accounts
from app.audit import models as audit
from app.books import models as books
from app.books import revenue_models as book_revenue
from app.books import voucher_models as book_vouchers
from app.catalogue import models as catalogue
from app.catalogue import price_models as catalogue_prices
from app.catalogue import proposal_models as catalogue_proposals
from app.companies import models as companies
from app.core import calendar_models, outbox, parameter_models, receipts, shared_values
from app.core.db import Base
from app.estates import models as estates
from app.feedback import models as feedback
from app.fees import bill_models as fee_bills
from app.fees import models as fees
from app.fees import question_models as fee_questions
from app.fees import run_models as fee_runs
from app.invoices import models as invoices
from app.media import discard_models as media_discards
from app.media import models as media
from app.notifications import models as notifications
from app.orders import appeal_models as order_appeals
from app.orders import cash_models as order_cash
from app.orders import clock_models as order_clocks
from app.orders import declaration_models as order_declarations
from app.orders import extension_models as order_extensions
from app.orders import follower_models as order_followers
from app.orders import fund_models as order_funds
from app.orders import hold_models as order_holds
from app.orders import models as orders
from app.orders import proposal_models as order_proposals
from app.orders import proxy_models as order_proxies
from app.orders import question_models as order_questions
from app.orders import quote_models as order_quotes
from app.orders import rating_models as order_ratings
from app.orders import slot_models as order_slots
from app.orders import transfer_models as order_transfers
from app.orders import voice_models as order_voices
from app.payments import models as payments
from app.payments import onboarding_models as payment_onboarding
from app.payments import refund_hold_models as payment_refund_holds
from app.reconciliation import models as reconciliation
from app.supervision import collection_models as supervision_collection
from app.supervision import draft_models as supervision_drafts
from app.supervision import models as supervision

MODULES = (
    accounts,
    audit,
    books,
    book_revenue,
    book_vouchers,
    calendar_models,
    catalogue,
    catalogue_prices,
    catalogue_proposals,
    companies,
    estates,
    feedback,
    fees,
    fee_questions,
    fee_bills,
    fee_runs,
    invoices,
    media,
    media_discards,
    notifications,
    orders,
    order_appeals,
    order_cash,
    order_clocks,
    order_declarations,
    order_extensions,
    order_proposals,
    order_followers,
    order_proxies,
    order_funds,
    order_holds,
    order_questions,
    order_quotes,
    order_ratings,
    order_slots,
    order_transfers,
    order_voices,
    outbox,
    parameter_models,
    payments,
    payment_onboarding,
    payment_refund_holds,
    receipts,
    reconciliation,
    shared_values,
    supervision,
    supervision_collection,
    supervision_drafts,
)
metadata = Base.metadata
