"""The pages of the console, one file each; every one of them is named here."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from flask_admin import BaseView

from admin.views.home import HomeView

PAGES = (
    "entrance",
    "account",
    "board",
    "order_commands",
    "orders",
    "special_extensions",
    "transfers",
    "front_desk",
    "handover",
    "bindings",
    "people",
    "roster",
    "audit",
    "inbox",
    "dashboard",
    "limits",
    "what_if",
    "dispatching",
    "drafts",
    "false_reports",
    "unheard",
    "snaps",
    "fees",
    "prices",
    "payees",
    "payments",
    "refunds",
    "invoices",
    "fee_questions",
    "collection",
    "finance_ledger",
    "finance_vouchers",
    "finance_reconciliation",
    "finance_settlements",
    "finance_reports",
    "finance_revenue",
)
"""Modules with `views() -> list`; the bureau's dashboard belongs to a later part and may be missing."""


def home_view() -> BaseView:
    """The page behind /admin/, which also serves the static files."""
    return HomeView()


def all_views() -> list[BaseView]:
    """Every other page."""
    installed = [page for page in PAGES if find_spec(f"admin.views.{page}")]
    return [view for page in installed for view in import_module(f"admin.views.{page}").views()]
