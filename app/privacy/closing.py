"""注销账号: personal fields are erased at once, what the law keeps stays without a person (PIPL 47, domain 5.1-P17).

Gone: phone, name, WeChat identity, ties to homes, inbox, reminders, recordings, photos that nothing refers to, the kept
answers of commands. Kept, and nobody's any more: payments, bills and invoices (accounting law, ten years; without the
WeChat identity), orders and 随手拍 with their photos and timeline, ratings, consents as proof, audit. A later sign-in
with the same WeChat makes a new account.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, update

from app.accounts.bindings import LIVE
from app.accounts.models import Account, AccountStatus, BindingStatus, Credential, HomeBinding
from app.accounts.privacy import PRIVACY
from app.accounts.service import withdraw_consent
from app.accounts.sessions import hats_of, revoke_all
from app.audit import service as audit
from app.core import clock
from app.core.db import changed, db, lock
from app.core.masking import CLOSED_NAME
from app.core.receipts import forget_receipts_of
from app.core.redaction import without_personal_data
from app.core.roles import Role
from app.core.scope import Scope
from app.feedback.models import Snap
from app.media.discarding import discard
from app.media.models import Photo, PhotoCheck, Voice, VoiceCheck
from app.notifications.models import Notification, WeChatConsent, WeChatDelivery
from app.orders.follower_models import OrderFollower
from app.orders.lifecycle import OPEN
from app.orders.models import Order
from app.orders.rating_models import Rating
from app.orders.voice_models import OrderVoice
from app.payments.leaving import forget_openid, money_under_way
from app.privacy.errors import MoneyUnderWay, OpenOrders, StillEmployed

WHY_ENDED = "账号已注销"


@dataclass(frozen=True)
class Closed:
    """What was left behind without a person."""

    orders: int
    homes: int


def close_account(by: Scope, *, actor: str, address: str = "") -> Closed:
    """Close the caller's own account; `actor` is the owner of his kept answers. Audited.

    Raises OpenOrders while one of his orders is being worked on, StillEmployed while he wears a hat,
    MoneyUnderWay while a payment waits or money goes back to him.
    """
    account = _locked(by)
    if hats_of(account.id):
        raise StillEmployed()
    open_ones = _open_orders(account)
    if open_ones:
        raise OpenOrders(f"您还有{open_ones}张报修没有办完,办完或取消以后再注销")
    if money_under_way(account.id):
        raise MoneyUnderWay()
    _clean_words(account)
    closed = Closed(orders=_without_contact(account), homes=_end_bindings(account.id))
    _erase_messages(account.id)
    _erase_media(account.id)
    _leave_followed(account.id)
    forget_openid(account.id)
    _erase_identity(account)
    forget_receipts_of(actor)
    audit.record(
        "account.close",
        by=by,
        object_kind="account",
        object_id=account.id,
        details={"orders": closed.orders, "homes": closed.homes},
        address=address,
    )
    return closed


def _locked(by: Scope) -> Account:
    assert by.account_id is not None and by.role is Role.RES
    statement = lock(select(Account).where(Account.id == by.account_id))
    return db.session.scalars(statement.execution_options(populate_existing=True)).one()


def _his_orders(account: Account) -> ColumnElement[bool]:
    """His own, and those that a desk or a relative has written down with his number."""
    his = Order.reporter_id == account.id
    return his if account.phone_index is None else his | (Order.contact_index == account.phone_index)


def _open_orders(account: Account) -> int:
    open_ = Order.status.in_([status.value for status in OPEN])
    return int(db.session.scalar(select(func.count()).where(_his_orders(account), open_)) or 0)


def _clean_words(account: Account) -> None:
    """What he wrote stays as the reason of a repair, without numbers, doors and his name."""
    names = [account.name] if account.name else []
    for order in db.session.scalars(select(Order).where(Order.reporter_id == account.id)):
        order.text = without_personal_data(order.text, names=names)
    for rating in db.session.scalars(select(Rating).where(Rating.account_id == account.id)):
        rating.text = without_personal_data(rating.text, names=names)
    for snap in db.session.scalars(select(Snap).where(Snap.sender_id == account.id)):
        snap.text = without_personal_data(snap.text, names=names)
        snap.question = without_personal_data(snap.question, names=names)
        snap.rating_text = without_personal_data(snap.rating_text, names=names)
        snap.contact_name, snap.contact_phone = CLOSED_NAME, None
    db.session.flush()


def _without_contact(account: Account) -> int:
    nobody = {"contact_name": CLOSED_NAME, "contact_phone": None, "contact_index": None}
    return changed(update(Order).where(_his_orders(account)).values(**nobody))


def _end_bindings(account_id: int) -> int:
    his = HomeBinding.account_id == account_id
    ended: dict[str, Any] = {"slot": None, "live_home_id": None, "ended_at": clock.now(), "reason": WHY_ENDED}
    count = changed(
        update(HomeBinding)
        .where(his, HomeBinding.status.in_(LIVE))
        .values(status=BindingStatus.ENDED, **ended)
    )
    changed(update(HomeBinding).where(his).values(consent_note=""))
    return count


def _erase_messages(account_id: int) -> None:
    for model in (WeChatDelivery, Notification, WeChatConsent):
        changed(delete(model).where(model.account_id == account_id))


def _erase_media(account_id: int) -> None:
    """Recordings go, for a voice is a person; photos of a place stay with their order, others go."""
    voices = db.session.execute(select(Voice.id, Voice.key).where(Voice.uploaded_by == account_id)).all()
    voice_ids = [row.id for row in voices]
    for model, column in ((OrderVoice, OrderVoice.voice_id), (VoiceCheck, VoiceCheck.voice_id)):
        changed(delete(model).where(column.in_(voice_ids)))
    changed(delete(Voice).where(Voice.id.in_(voice_ids)))
    loose = (Photo.uploaded_by == account_id) & Photo.attached.is_(False)
    photos = db.session.scalars(select(Photo).where(loose)).all()
    keys = [row.key for row in voices] + [key for photo in photos for key in (photo.key, photo.thumb_key)]
    changed(delete(PhotoCheck).where(PhotoCheck.photo_id.in_([photo.id for photo in photos])))
    changed(delete(Photo).where(loose))
    mine = PhotoCheck.photo_id.in_(select(Photo.id).where(Photo.uploaded_by == account_id))
    changed(update(PhotoCheck).where(mine).values(openid=None))
    discard(keys)


def _leave_followed(account_id: int) -> None:
    his = OrderFollower.account_id == account_id
    changed(update(OrderFollower).where(his, OrderFollower.left_at.is_(None)).values(left_at=clock.now()))
    changed(update(OrderFollower).where(his).values(home_id=None))


def _erase_identity(account: Account) -> None:
    """Last, because the number was needed to find what bears it."""
    account.phone, account.phone_index, account.openid, account.name = None, None, None, None
    account.elder_mode, account.status = False, AccountStatus.CANCELLED
    changed(delete(Credential).where(Credential.account_id == account.id))
    withdraw_consent(account.id, PRIVACY)
    revoke_all(account.id)
    db.session.flush()
