"""Asking for a home and deciding about it, each as one committed command."""

from __future__ import annotations

from datetime import date

from app.accounts.bindings import decide_binding, request_binding
from app.accounts.models import HomeBinding
from app.core.db import transact

TODAY = date(2026, 11, 20)


def ask(account, home, **options) -> HomeBinding:
    terms = {"relation": "owner", "method": "review", **options}
    account_id, home_id = account.id, home.id
    return transact(lambda: request_binding(account_id, home_id=home_id, **terms))


def decide(binding, by, *, accept=True, reason="") -> HomeBinding:
    binding_id = binding.id
    return transact(lambda: decide_binding(binding_id, accept=accept, reason=reason, by=by))
