"""总账: balances of every account, and the entries behind them (S4-26)."""

from __future__ import annotations

from flask import request
from flask_admin import BaseView, expose

from admin import session
from admin.base import ConsoleView
from admin.finance_forms import lens_of, parts_of
from admin.finance_tables import totals
from admin.finance_words import subject_page, subject_words
from admin.navigation import FINANCE
from app.books import queries
from app.books.accounts import Account, Book
from app.books.people import estates_of


class LedgerView(ConsoleView):
    """Nothing here can be changed; corrections are vouchers."""

    roles = FINANCE

    @expose("/")
    def index(self) -> str:
        """One book in some days."""
        scope = session.scope()
        lens = lens_of(request.args, scope)
        estates = estates_of(scope)
        is_fund = lens.book is Book.FUND
        balances = [] if is_fund else queries.trial_balance(lens)
        page = None if is_fund else queries.entries_page(lens, cursor=request.args.get("cursor"))
        return self.render(
            "console/finance_ledger.html",
            lens=lens,
            parts=parts_of(lens),
            books=list(Book),
            estates=estates,
            names={estate.id: estate.name for estate in estates},
            accounts=list(Account),
            labels={account.value: account.label for account in Account},
            subject_words=subject_words,
            subject_page=subject_page,
            balances=balances,
            totals=totals(balances),
            page=page,
            is_fund=is_fund,
        )


def views() -> list[BaseView]:
    """The ledger."""
    return [LedgerView("总账", "finance_ledger", "finance-ledger")]
