"""A company that may receive money, a repair that is to be paid, and WeChat's word about its payment."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from app.accounts.models import Account
from app.core import clock
from app.core.clock import china_date
from app.core.db import db, transact
from app.core.roles import Role
from app.estates.models import Estate
from app.integrations.wechat.pay.contract import Trade, TradeState
from app.orders import field_work
from app.payments.models import Merchant, Payment, Refund, RefundLine, RefundStep
from app.payments.settling import Receiver, Settlement, settle
from tests.factories.scene import Scene
from tests.factories.units import next_number, saved
from tests.orders.quoting import working

US = Receiver(appid="wx0000000000000001", mch_id="1900000100")
SUB = "1900000201"


def open_for_money(scene: Scene) -> None:
    """The company of the scene has its merchant account, its estate pays online, the resident has WeChat."""

    def write() -> None:
        scene_company = scene.place.company.id
        if db.session.scalar(select(Merchant.id).where(Merchant.company_id == scene_company)) is None:
            begun = {"valid_from": date(2020, 1, 1), "registered_at": clock.now()}
            saved(Merchant(company_id=scene_company, sub_mch_id=SUB, **begun))
        db.session.get_one(Estate, scene.place.estate.id).pay_enabled = True
        resident = db.session.get_one(Account, scene.by(Role.RES).account_id)
        resident.openid = resident.openid or f"openid-{resident.id}"

    transact(write)


def to_pay(scene: Scene, *, final_fen: int | None = None, **values) -> int:
    """A tap that was changed for 65.00, or for less."""
    open_for_money(scene)
    order_id = working(scene, **values)
    by, photos, old = scene.by(Role.WRK), scene.photos(Role.WRK), scene.photos(Role.WRK)
    words = {"result": "换了水龙头", "photo_ids": photos, "old_part_photo_ids": old, "final_fen": final_fen}
    scene.do(lambda: field_work.finish(order_id, by=by, **words))
    return order_id


def settle_payment(scene: Scene, payment: Payment) -> None:
    """WeChat says that it was paid."""
    payment = db.session.get_one(Payment, payment.id)
    trade = Trade(
        out_trade_no=payment.out_trade_no,
        state=TradeState.SUCCESS,
        appid=US.appid,
        mch_id=US.mch_id,
        sub_mch_id=payment.sub_mch_id,
        transaction_id=f"42000{payment.id:023d}",
        amount_fen=payment.amount_fen,
        paid_at=scene.at,
    )
    number = payment.out_trade_no
    assert scene.do(lambda: settle(number, trade, receiver=US)) is Settlement.SETTLED


def give_back(
    scene: Scene, payment: Payment, fen: int, *, step: RefundStep, refund_id: int | None = None
) -> int:
    """A refund as two persons and WeChat leave it at this step; returns its id."""

    def write() -> int:
        row = db.session.get_one(Payment, payment.id)
        refund = db.session.get(Refund, refund_id) if refund_id else _approved(row, fen)
        refund.step = step.value
        if step is RefundStep.DONE:
            refund.refunded_at, refund.refunded_on = clock.now(), china_date(clock.now())
            refund.state = "done"
            row.lines[0].refunded_fen += fen
            row.refunded_fen += fen
        db.session.flush()
        return refund.id

    return scene.do(write)


def _approved(payment: Payment, fen: int) -> Refund:
    at = clock.now()
    refund = saved(
        Refund(
            payment_id=payment.id,
            payer_id=payment.payer_id,
            company_id=payment.company_id,
            district_id=payment.district_id,
            out_refund_no=f"T{next_number():010d}",
            amount_fen=fen,
            reason_code="quality",
            requested_at=at,
            next_at=at,
            first_at=at,
            first_by=9_001,
            second_at=at,
            second_by=9_002,
        )
    )
    saved(RefundLine(refund_id=refund.id, payment_line_id=payment.lines[0].id, amount_fen=fen))
    return refund
