"""制单, 审核, 核对: three persons, one entry, corrections only by reversal (S4-26, S4-47)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import DatabaseError

from app.audit.models import AuditRecord
from app.audit.service import ensure_head
from app.books import vouchers
from app.books.accounts import Account, Book
from app.books.errors import AlreadyReversed, SamePerson, VoucherDecided, VoucherUnknown
from app.books.models import LedgerEntry, LedgerLine
from app.books.queries import Lens, expense_sums, trial_balance, vouchers_page, waiting_vouchers
from app.books.voucher_models import Direction, Voucher, VoucherState
from app.books.vouchers import LARGEST_FEN
from app.companies.hats import scope_of
from app.core.clock import now
from app.core.db import db, transact
from app.core.errors import Forbidden, Invalid, WrongState
from app.core.roles import Role
from app.media.models import Photo
from app.notifications.models import Notification
from tests.books.bookkeeping import booked, entered, make_keepers, public_income, today, wanted
from tests.engines import both_engines, in_parallel
from tests.factories import make_hat, make_place


@pytest.fixture
def keepers(app_db):
    transact(ensure_head)
    return make_keepers()


def lens(keepers, book: Book = Book.PROPERTY) -> Lens:
    return Lens(keepers.first, book, today() - timedelta(days=30), today())


@both_engines
def test_three_persons_bring_a_voucher_into_the_books_and_check_it(app_db):
    transact(ensure_head)
    keepers = make_keepers()
    voucher_id = entered(keepers).id
    assert db.session.scalar(select(func.count(LedgerEntry.id))) == 0
    transact(lambda: vouchers.approve(voucher_id, by=keepers.second))
    sides = select(LedgerLine.account, LedgerLine.debit_fen, LedgerLine.credit_fen)
    lines = db.session.execute(sides.order_by(LedgerLine.id)).all()
    assert [tuple(row) for row in lines] == [("cleaning", 12800, 0), ("bank", 0, 12800)]
    done = transact(lambda: vouchers.reconcile(voucher_id, reference="工行流水 1120-07", by=keepers.admin))
    assert done.state == VoucherState.RECONCILED
    assert len({done.entered_by, done.approved_by, done.reconciled_by}) == 3
    actions = set(db.session.scalars(select(AuditRecord.action)))
    assert {"voucher.enter", "voucher.approve", "voucher.reconcile"} <= actions


def test_nobody_takes_two_of_the_three_steps(keepers):
    voucher_id = entered(keepers).id
    with pytest.raises(SamePerson):
        transact(lambda: vouchers.approve(voucher_id, by=keepers.first))
    transact(lambda: vouchers.approve(voucher_id, by=keepers.second))
    for by in (keepers.first, keepers.second):
        with pytest.raises(SamePerson):
            transact(lambda by=by: vouchers.reconcile(voucher_id, reference="流水 0001", by=by))
    transact(lambda: vouchers.reconcile(voucher_id, reference="流水 0001", by=keepers.admin))


@both_engines
def test_the_database_itself_refuses_the_same_person_twice(app_db):
    transact(ensure_head)
    keepers = make_keepers()
    voucher = booked(keepers, wanted())
    for values in (
        {"approved_by": keepers.first.account_id},
        {
            "state": "reconciled",
            "reconciled_by": keepers.second.account_id,
            "reconciled_at": voucher.entered_at,
        },
        {"state": "reconciled"},
        {"amount_fen": 0},
        {"book": "fund"},
        {"book": "revenue"},
    ):
        with pytest.raises(DatabaseError):
            db.session.execute(update(Voucher).values(**values))
        db.session.rollback()


def test_the_administrator_approves_but_does_not_enter(keepers):
    with pytest.raises(Forbidden):
        transact(lambda: vouchers.enter(wanted(), by=keepers.admin))
    voucher_id = entered(keepers).id
    assert transact(lambda: vouchers.approve(voucher_id, by=keepers.admin)).state == VoucherState.APPROVED


def test_another_company_and_the_bureau_find_nothing(keepers):
    voucher_id = booked(keepers, wanted()).id
    stranger = make_keepers(make_place(district=keepers.place.district))
    for step in (
        lambda: vouchers.approve(voucher_id, by=stranger.second),
        lambda: vouchers.reverse(voucher_id, why="记错了", by=stranger.first),
        lambda: vouchers.reconcile(voucher_id, reference="流水 0001", by=stranger.admin),
    ):
        with pytest.raises(VoucherUnknown):
            transact(step)
    bureau = transact(lambda: scope_of(make_hat(Role.BUR, district_id=keepers.place.district.id)))
    with pytest.raises(Forbidden):
        transact(lambda: vouchers.approve(voucher_id, by=bureau))
    assert vouchers_page(bureau, state=None).items == []


def test_income_and_expense_stand_on_their_sides(keepers):
    booked(keepers, wanted(direction=Direction.INCOME, account=Account.OTHER_INCOME, amount_fen=900))
    booked(keepers, wanted(amount_fen=400))
    found = {each.account: each.closing_fen for each in trial_balance(lens(keepers))}
    assert found == {Account.BANK: 500, Account.OTHER_INCOME: 900, Account.CLEANING: 400}


def test_a_reversal_goes_through_the_same_hands_and_takes_everything_back_once(keepers):
    old = booked(keepers, wanted())
    reversal = transact(lambda: vouchers.reverse(old.id, why="记重了", by=keepers.first))
    assert (reversal.state, reversal.reverses_id) == (VoucherState.ENTERED, old.id)
    with pytest.raises(AlreadyReversed):
        transact(lambda: vouchers.reverse(old.id, why="再冲一次", by=keepers.second))
    with pytest.raises(SamePerson):
        transact(lambda: vouchers.approve(reversal.id, by=keepers.first))
    transact(lambda: vouchers.approve(reversal.id, by=keepers.second))
    assert expense_sums(lens(keepers)) == []
    assert {each.closing_fen for each in trial_balance(lens(keepers))} == {0}
    with pytest.raises(WrongState, match="重新制单"):
        transact(lambda: vouchers.reverse(reversal.id, why="冲错了", by=keepers.first))


def test_a_rejected_reversal_leaves_the_way_free_for_another(keepers):
    old = booked(keepers, wanted())
    for _ in range(2):
        again = transact(lambda: vouchers.reverse(old.id, why="记重了", by=keepers.first))
        transact(lambda again=again: vouchers.reject(again.id, why="没有记重", by=keepers.second))
    assert vouchers.find_reversal(old.id, keepers.first) is None


def test_what_is_not_in_the_books_is_rejected_and_not_reversed(keepers):
    voucher_id = entered(keepers).id
    with pytest.raises(WrongState, match="没入账"):
        transact(lambda: vouchers.reverse(voucher_id, why="记错了", by=keepers.first))
    done = transact(lambda: vouchers.reject(voucher_id, why="没有发票", by=keepers.second))
    assert (done.state, done.rejected_why) == (VoucherState.REJECTED, "没有发票")
    for step in (
        lambda: vouchers.approve(voucher_id, by=keepers.second),
        lambda: vouchers.reject(voucher_id, why="再退一次", by=keepers.second),
        lambda: vouchers.reconcile(voucher_id, reference="流水 0001", by=keepers.admin),
    ):
        with pytest.raises(VoucherDecided):
            transact(step)


@pytest.mark.parametrize("fen", [0, -1, LARGEST_FEN + 1, 2**63, True, 12.5])
def test_an_amount_that_is_none_is_refused_in_words(keepers, fen):
    with pytest.raises(Invalid) as refused:
        entered(keepers, amount_fen=fen)
    assert "amount" in refused.value.fields
    assert db.session.scalar(select(func.count(Voucher.id))) == 0


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"happened_on": today() + timedelta(days=1)}, "happened_on"),
        ({"happened_on": today() - timedelta(days=500)}, "happened_on"),
        ({"memo": " "}, "memo"),
        ({"memo": "长" * 101}, "memo"),
        ({"account": Account.CHANNEL_FEE}, "account"),
        ({"account": Account.ADVERTISING, "direction": Direction.INCOME}, "account"),
        ({"account": Account.PROPERTY_FEE}, "account"),
        ({"counter": Account.WECHAT}, "counter"),
        ({"account": Account.DIFFERENCE, "counter": Account.DIFFERENCE}, "counter"),
        ({"book": Book.FUND}, "account"),
        ({"estate_id": 10**9}, "estate_id"),
        ({"book": Book.REVENUE}, "estate_id"),
    ],
)
def test_what_does_not_fit_together_is_refused_by_its_field(keepers, values, field):
    with pytest.raises(Invalid) as refused:
        entered(keepers, **values)
    assert field in refused.value.fields


def test_money_of_a_difference_is_moved_by_a_voucher_too(keepers):
    booked(
        keepers, wanted(counter=Account.DIFFERENCE, direction=Direction.INCOME, account=Account.OTHER_INCOME)
    )
    found = {each.account: each.closing_fen for each in trial_balance(lens(keepers))}
    assert found == {Account.DIFFERENCE: 12800, Account.OTHER_INCOME: 12800}
    with pytest.raises(Invalid, match="物业收支账"):
        booked(keepers, public_income(keepers, 5, today(), counter=Account.DIFFERENCE))


def test_receipts_are_ones_own_fresh_photos_and_used_once(keepers):
    def upload(owner: int) -> int:
        photo = Photo(uploaded_by=owner, uploaded_at=now(), sha256="0" * 64, key="x.jpg", width=1, height=1)
        db.session.add(photo)
        db.session.flush()
        return photo.id

    mine = transact(lambda: upload(keepers.first.account_id))
    foreign = transact(lambda: upload(keepers.second.account_id))
    voucher = entered(keepers, photo_ids=[mine, mine])
    assert [each.id for each in vouchers.photos_of(voucher.id)] == [mine]
    for ids in ([mine], [foreign], [10**9], list(range(1, 8))):
        with pytest.raises(Invalid):
            entered(keepers, photo_ids=ids)


def test_colleagues_are_told_of_what_waits_and_the_page_counts_it(keepers):
    voucher = entered(keepers)
    told = set(db.session.scalars(select(Notification.account_id)))
    assert told == {keepers.second.account_id, keepers.admin.account_id}
    assert waiting_vouchers(keepers.second) == {"entered": 1}
    transact(lambda: vouchers.approve(voucher.id, by=keepers.second))
    assert waiting_vouchers(keepers.second) == {"approved": 1}


@both_engines
def test_two_who_approve_at_once_post_once(app_db):
    transact(ensure_head)
    keepers = make_keepers()
    voucher_id = entered(keepers).id
    works = [
        lambda by=by: transact(lambda: vouchers.approve(voucher_id, by=by).id)
        for by in (keepers.second, keepers.admin)
    ]
    outcomes = in_parallel(app_db, works)
    assert sorted(type(each).__name__ for each in outcomes) == ["VoucherDecided", "int"]
    assert db.session.scalar(select(func.count(LedgerEntry.id))) == 1
