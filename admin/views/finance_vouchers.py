"""凭证: entered by one, approved by another, checked by a third (S4-26, S4-47)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import BaseView, expose

from admin import commands, session
from admin.base import ConsoleView
from admin.finance_forms import kinds, new_voucher
from admin.navigation import FINANCE
from admin.uploads import stored_photos
from app.books import queries, vouchers
from app.books.accounts import Account, Book
from app.books.people import estates_of
from app.books.voucher_models import Direction, Voucher, VoucherState
from app.companies.hat_names import names_of
from app.core import clock
from app.core.errors import Invalid, Refusal, WrongState
from app.core.roles import Role
from app.core.scope import Scope
from app.media.service import keep_photo
from app.media.signing import sign

PHOTO_LINKS_LIVE = timedelta(minutes=30)
TABS = {**{each.value: each.label for each in VoucherState}, "all": "全部"}


class VouchersView(ConsoleView):
    """The list with the form, and the page of one."""

    roles = FINANCE

    @expose("/")
    def index(self) -> str:
        """Those of one state, the newest first; what waits is counted on its tab."""
        scope = session.scope()
        chosen = request.args.get("state", VoucherState.ENTERED.value)
        shown = chosen if chosen in TABS else VoucherState.ENTERED.value
        state = None if shown == "all" else VoucherState(shown)
        page = queries.vouchers_page(scope, state=state, cursor=request.args.get("cursor"))
        return self.render(
            "console/finance_vouchers.html",
            page=page,
            shown=shown,
            tabs=TABS,
            waiting=queries.waiting_vouchers(scope),
            kinds=kinds(),
            estates=estates_of(scope),
            may_enter=scope.role in vouchers.ENTERS,
            today=clock.china_date(clock.now()),
            words=_words,
            names=names_of({each.entered_by for each in page.items}),
            new_request_id=commands.new_request_id,
            most_photos=vouchers.MOST_PHOTOS,
        )

    @expose("/enter", methods=("POST",))
    def enter(self) -> ResponseReturnValue:
        """制单, with its photos."""
        by, sent = session.scope(), request.form
        try:
            wanted = new_voucher(sent)
            stored = stored_photos("photos", most=vouchers.MOST_PHOTOS)

            def work() -> str:
                ids = tuple(keep_photo(each, by=by).id for each in stored)
                voucher = vouchers.enter(_with(wanted, ids), by=by)
                return f"{voucher.number} 已提交,等另一位同事审核"

            flash(commands.run(work))
        except Refusal as refusal:
            if refusal.status not in (409, 413, 415, 422):
                raise
            flash(refusal.sentence, commands.REFUSED)
        return redirect(url_for("finance_vouchers.index"))

    @expose("/<int:voucher_id>")
    def show(self, voucher_id: int) -> str:
        """One with its lines, its receipts and what this person can do now."""
        scope, at = session.scope(), clock.now()
        voucher = vouchers.get_voucher(voucher_id, scope)
        estates = {estate.id: estate.name for estate in estates_of(scope)}
        people = (voucher.entered_by, voucher.approved_by, voucher.reconciled_by, voucher.rejected_by)
        reversal = vouchers.find_reversal(voucher.id, scope)
        return self.render(
            "console/finance_voucher.html",
            voucher=voucher,
            words=_words,
            estate=estates.get(voucher.estate_id or 0, ""),
            lines=vouchers.lines_of(voucher),
            photos=vouchers.photos_of(voucher.id),
            link=lambda photo, variant: sign(photo.id, variant, until=at + PHOTO_LINKS_LIVE),
            names=names_of({each for each in people if each}),
            actions=_actions(voucher, reversal, scope),
            reversal=reversal,
            new_request_id=commands.new_request_id,
        )

    @expose("/<int:voucher_id>/approve", methods=("POST",))
    def approve(self, voucher_id: int) -> ResponseReturnValue:
        """审核: from here on it counts."""
        by = session.scope()
        return _answer(voucher_id, lambda: vouchers.approve(voucher_id, by=by), "已入账,等第三位同事核对")

    @expose("/<int:voucher_id>/reject", methods=("POST",))
    def reject(self, voucher_id: int) -> ResponseReturnValue:
        """退回, or taken back."""
        by, why = session.scope(), request.form.get("why", "")
        return _answer(voucher_id, lambda: vouchers.reject(voucher_id, why=why, by=by), "已退回,没有入账")

    @expose("/<int:voucher_id>/reconcile", methods=("POST",))
    def reconcile(self, voucher_id: int) -> ResponseReturnValue:
        """核对 against the bank's statement."""
        by, reference = session.scope(), request.form.get("reference", "")
        return _answer(
            voucher_id, lambda: vouchers.reconcile(voucher_id, reference=reference, by=by), "已核对"
        )

    @expose("/<int:voucher_id>/reverse", methods=("POST",))
    def reverse(self, voucher_id: int) -> ResponseReturnValue:
        """冲销 by a new voucher."""
        by, why = session.scope(), request.form.get("why", "")
        return _answer(
            voucher_id, lambda: vouchers.reverse(voucher_id, why=why, by=by), "冲销凭证已提交,等审核"
        )


def _with(wanted: vouchers.NewVoucher, photo_ids: tuple[int, ...]) -> vouchers.NewVoucher:
    return vouchers.NewVoucher(**{**vars(wanted), "photo_ids": photo_ids})


def _actions(voucher: Voucher, reversal: Voucher | None, by: Scope) -> set[str]:
    """What this person may do to it now; the domain decides again."""
    own, second = voucher.entered_by == by.account_id, voucher.approved_by == by.account_id
    can = set()
    if voucher.state == VoucherState.ENTERED:
        can |= {"reject"} if own else {"approve", "reject"}
    if voucher.state == VoucherState.APPROVED and not own and not second:
        can.add("reconcile")
    is_booked = voucher.state in (VoucherState.APPROVED, VoucherState.RECONCILED)
    if is_booked and by.role is Role.FIN and reversal is None and voucher.reverses_id is None:
        can.add("reverse")
    return can


def _words(voucher: Voucher) -> dict[str, str]:
    """Its codes as people read them."""
    return {
        "book": Book(voucher.book).label,
        "direction": Direction(voucher.direction).label,
        "account": Account(voucher.account).label,
        "counter": Account(voucher.counter).label,
        "state": VoucherState(voucher.state).label,
    }


def _answer(voucher_id: int, work: Callable[[], Voucher], done: str) -> ResponseReturnValue:
    """Carry it out and say so on its page, or say why not."""
    try:
        flash(commands.run(lambda: f"{work().number} {done}"))
    except (Invalid, WrongState) as refusal:
        flash(refusal.sentence, commands.REFUSED)
    return redirect(url_for("finance_vouchers.show", voucher_id=voucher_id))


def views() -> list[BaseView]:
    """The list and its pages."""
    return [VouchersView("凭证", "finance_vouchers", "finance-vouchers")]
