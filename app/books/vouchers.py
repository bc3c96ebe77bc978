"""Vouchers step by step: entered by one, approved by a second, checked against the bank by a third (S4-26, S4-47).

The ledger is touched once, when the second person approves. Corrections are vouchers that reverse others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select, update

from app.audit.service import record
from app.books.accounts import MONEY, Account, Book, accounts_for
from app.books.errors import AlreadyReversed, SamePerson, VoucherDecided, VoucherUnknown
from app.books.people import company_of, served_estate, tell_colleagues
from app.books.posting import Line, post
from app.books.quarters import refuse_closed_quarter
from app.books.voucher_models import Direction, Voucher, VoucherPhoto, VoucherState
from app.core import clock
from app.core.db import changed, db
from app.core.errors import Invalid, WrongState
from app.core.money import yuan
from app.core.roles import Role
from app.core.scope import Scope, get_visible, visible
from app.core.texts import cleaned
from app.media.models import Photo

LARGEST_FEN = 10**10
"""¥100 000 000.00: beyond this somebody has typed a phone number into the amount."""
OLDEST = timedelta(days=400)
MOST_PHOTOS = 5
ENTERS = frozenset({Role.FIN})


@dataclass(frozen=True)
class NewVoucher:
    """What a person enters; fen."""

    book: Book
    direction: Direction
    account: Account
    counter: Account
    amount_fen: int
    happened_on: date
    memo: str
    estate_id: int | None = None
    photo_ids: Sequence[int] = ()


def enter(wanted: NewVoucher, *, by: Scope) -> Voucher:
    """制单. Raises Forbidden (only accountants enter), Invalid naming the field, QuarterClosed."""
    company_id = company_of(by, ENTERS)
    _check(wanted)
    estate = served_estate(wanted.estate_id, by) if wanted.estate_id else None
    if wanted.book is Book.REVENUE:
        if estate is None:
            raise Invalid("公共收益要写明是哪个小区的", fields={"estate_id": "必选"})
        refuse_closed_quarter(estate.id, wanted.happened_on)
    voucher = Voucher(
        company_id=company_id,
        district_id=estate.district_id if estate else None,
        estate_id=estate.id if estate else None,
        book=wanted.book.value,
        direction=wanted.direction.value,
        account=wanted.account.value,
        counter=wanted.counter.value,
        amount_fen=wanted.amount_fen,
        happened_on=wanted.happened_on,
        memo=cleaned(wanted.memo, field="memo", at_least=2, at_most=100),
    )
    _put_down(voucher, by)
    _attach(voucher, wanted.photo_ids, by)
    return voucher


def _check(wanted: NewVoucher) -> None:
    today = clock.china_date(clock.now())
    if type(wanted.amount_fen) is not int or not 0 < wanted.amount_fen <= LARGEST_FEN:
        raise Invalid(f"金额应在 {yuan(1)} 到 {yuan(LARGEST_FEN)} 之间", fields={"amount": "金额不对"})
    if not today - OLDEST <= wanted.happened_on <= today:
        raise Invalid("日期应在最近 400 天以内,不能是以后", fields={"happened_on": "日期不对"})
    allowed = accounts_for(wanted.book, income=wanted.direction is Direction.INCOME)
    if wanted.account not in allowed:
        raise Invalid("这个账簿里没有这个科目", fields={"account": "请重新选择"})
    if wanted.counter not in MONEY or wanted.counter is wanted.account:
        raise Invalid("请选择银行存款或待处理差异", fields={"counter": "请重新选择"})
    if wanted.counter is Account.DIFFERENCE and wanted.book is not Book.PROPERTY:
        raise Invalid("待处理差异只在物业收支账里", fields={"counter": "请选择银行存款"})


def _put_down(voucher: Voucher, by: Scope) -> None:
    assert by.account_id is not None
    voucher.entered_at, voucher.entered_by = clock.now(), by.account_id
    voucher.state = VoucherState.ENTERED.value
    db.session.add(voucher)
    db.session.flush()
    _audit("voucher.enter", voucher, by)
    tell_colleagues(
        voucher.company_id,
        by.account_id,
        key=f"voucher:{voucher.id}:entered",
        title="有凭证等您审核",
        body=f"{voucher.number} {Direction(voucher.direction).label} {yuan(voucher.amount_fen)}:{voucher.memo}",
    )


def _attach(voucher: Voucher, photo_ids: Sequence[int], by: Scope) -> None:
    """Photos that the same person has just uploaded and used for nothing else."""
    wanted = sorted(set(photo_ids))
    if len(wanted) > MOST_PHOTOS:
        raise Invalid(f"最多附 {MOST_PHOTOS} 张照片", fields={"photos": f"最多 {MOST_PHOTOS} 张"})
    own = (Photo.id.in_(wanted), Photo.uploaded_by == by.account_id, Photo.attached.is_(False))
    if wanted and changed(update(Photo).where(*own).values(attached=True)) != len(wanted):
        raise Invalid("照片没有传上来,请重新选择", fields={"photos": "请重新选择"})
    db.session.add_all(VoucherPhoto(voucher_id=voucher.id, photo_id=each) for each in wanted)
    db.session.flush()


def reverse(voucher_id: int, *, why: str, by: Scope) -> Voucher:
    """冲销: a new voucher of today that takes the other back, through the same three pairs of eyes.

    Raises VoucherUnknown, WrongState (only what is in the books, and no reversal), AlreadyReversed."""
    company_of(by, ENTERS)
    old = _get(voucher_id, by)
    if old.state not in (VoucherState.APPROVED, VoucherState.RECONCILED):
        raise WrongState("只有已入账的凭证才需要冲销;没入账的可以退回")
    if old.reverses_id is not None:
        raise WrongState("冲销凭证不能再冲销,请重新制单")
    if find_reversal(old.id, by) is not None:
        raise AlreadyReversed()
    words = cleaned(why, field="why", at_least=2, at_most=60)
    same = ("company_id", "district_id", "estate_id", "book", "direction", "account", "counter", "amount_fen")
    voucher = Voucher(
        **{name: getattr(old, name) for name in same},
        happened_on=clock.china_date(clock.now()),
        memo=f"冲销 {old.number}:{words}",
        reverses_id=old.id,
    )
    _put_down(voucher, by)
    return voucher


def find_reversal(voucher_id: int, by: Scope) -> Voucher | None:
    """The voucher that takes this one back, if there is one that was not rejected."""
    wanted = visible(Voucher, by).where(Voucher.reverses_id == voucher_id, Voucher.live == 1)
    return db.session.scalars(wanted).one_or_none()


def approve(voucher_id: int, *, by: Scope) -> Voucher:
    """审核 by a second person: from here on it counts. Raises Forbidden, VoucherUnknown, VoucherDecided, SamePerson,
    QuarterClosed."""
    company_of(by)
    voucher = _get(voucher_id, by)
    _must_be(voucher, VoucherState.ENTERED)
    if voucher.entered_by == by.account_id:
        raise SamePerson()
    if voucher.book == Book.REVENUE and voucher.estate_id:
        refuse_closed_quarter(voucher.estate_id, voucher.happened_on)
    voucher.approved_by, voucher.approved_at = by.account_id, clock.now()
    voucher.state = VoucherState.APPROVED.value
    db.session.flush()
    post(
        f"voucher:{voucher.id}",
        lines_of(voucher),
        book=Book(voucher.book),
        company_id=voucher.company_id,
        district_id=voucher.district_id,
        memo=voucher.memo,
        entered_on=voucher.happened_on,
        posted_by=by.account_id,
    )
    _audit("voucher.approve", voucher, by)
    return voucher


def lines_of(voucher: Voucher) -> list[Line]:
    """Income: Dr where the money is / Cr what it was for; expense the other way round; a reversal turns both."""
    fen, estate_id = voucher.amount_fen, voucher.estate_id
    account, counter = Account(voucher.account), Account(voucher.counter)
    came_in = (voucher.direction == Direction.INCOME) is (voucher.reverses_id is None)
    debited, credited = (counter, account) if came_in else (account, counter)
    return [
        Line(debited, debit_fen=fen, estate_id=estate_id),
        Line(credited, credit_fen=fen, estate_id=estate_id),
    ]


def reconcile(voucher_id: int, *, reference: str, by: Scope) -> Voucher:
    """核对 by a third person, against the line of the bank statement (or the WeChat number) that `reference` names.

    Raises Forbidden, VoucherUnknown, VoucherDecided, SamePerson, Invalid."""
    company_of(by)
    voucher = _get(voucher_id, by)
    _must_be(voucher, VoucherState.APPROVED)
    if by.account_id in (voucher.entered_by, voucher.approved_by):
        raise SamePerson()
    voucher.bank_reference = cleaned(reference, field="reference", at_least=4, at_most=60)
    voucher.reconciled_by, voucher.reconciled_at = by.account_id, clock.now()
    voucher.state = VoucherState.RECONCILED.value
    db.session.flush()
    _audit("voucher.reconcile", voucher, by)
    return voucher


def reject(voucher_id: int, *, why: str, by: Scope) -> Voucher:
    """退回 by another, or taken back by the one who entered it; it never reaches the books."""
    company_of(by)
    voucher = _get(voucher_id, by)
    _must_be(voucher, VoucherState.ENTERED)
    voucher.rejected_why = cleaned(why, field="why", at_least=2, at_most=200)
    voucher.rejected_by, voucher.rejected_at = by.account_id, clock.now()
    voucher.state, voucher.live = VoucherState.REJECTED.value, None
    db.session.flush()
    _audit("voucher.reject", voucher, by)
    return voucher


def _get(voucher_id: int, by: Scope) -> Voucher:
    return get_visible(Voucher, voucher_id, by, lock=True, missing=VoucherUnknown())


def _must_be(voucher: Voucher, state: VoucherState) -> None:
    if voucher.state != state:
        raise VoucherDecided(fields={"state": voucher.state})


def get_voucher(voucher_id: int, by: Scope) -> Voucher:
    """One to read; raises VoucherUnknown."""
    return get_visible(Voucher, voucher_id, by, missing=VoucherUnknown())


def photos_of(voucher_id: int) -> list[Photo]:
    """The receipts behind a voucher that its reader was allowed to open."""
    joined = select(Photo).join(VoucherPhoto, VoucherPhoto.photo_id == Photo.id)
    return list(
        db.session.scalars(joined.where(VoucherPhoto.voucher_id == voucher_id).order_by(VoucherPhoto.id))
    )


def _audit(action: str, voucher: Voucher, by: Scope) -> None:
    details = {
        "number": voucher.number,
        "account": Account(voucher.account).label,
        "fen": voucher.amount_fen,
        "reason": voucher.rejected_why or voucher.memo,
    }
    record(action, by=by, object_kind="voucher", object_id=voucher.id, details=details)
