"""What is held of a person, by kind, with counts and in plain words (PIPL 45, domain 5.1-P15). One statement.

Every table that points at an account is either counted here or named in KEPT_FOR_OTHERS with the reason why not; a test
compares both with the database, so that a new table cannot be forgotten.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ScalarSelect, func, select

from app.accounts.models import Account, AuthSession, BindingStatus, Hat, HomeBinding, PrivacyConsent
from app.core.db import db
from app.core.masking import mask_name, mask_phone
from app.feedback.models import Snap
from app.fees.question_models import FeeQuestion
from app.invoices.models import Invoice
from app.media.models import Photo, Voice
from app.notifications.models import Notification, WeChatConsent
from app.orders.follower_models import OrderFollower
from app.orders.models import Order
from app.orders.proxy_models import ProxyConsent
from app.orders.rating_models import Rating
from app.payments.models import Payment

_LIVE = (BindingStatus.PENDING, BindingStatus.ACTIVE)


@dataclass(frozen=True)
class Kind:
    """One kind of what is held: the column that names the person, and the sentence around the number."""

    key: str
    label: str
    column: Any
    words: str
    only: Any = None


KINDS = (
    Kind("homes", "住房", HomeBinding.account_id, "现在关联 {count} 套住房,记着您的身份和有效期",
         HomeBinding.status.in_(_LIVE)),
    Kind("orders", "报修", Order.reporter_id, "{count} 张报修:您写的情况、地点、联系电话和处理经过"),
    Kind("snaps", "随手拍", Snap.sender_id, "{count} 条随手拍:您写的话、地点、联系电话、物业的回复和您的评价"),
    Kind("payments", "缴费", Payment.payer_id,
         "{count} 笔缴费:付给谁、付了什么、金额、收据和退款,微信身份加密保存;按会计规定保存10年"),
    Kind("invoices", "发票", Invoice.payer_id, "{count} 张发票的抬头、税号、邮箱和交付记录,按会计规定保存10年"),
    Kind("fee_questions", "费用咨询", FeeQuestion.asker_id,
         "{count} 条对账单的提问和答复,与账单一起按会计规定保存10年"),
    Kind("following", "我也遇到", OrderFollower.account_id, "关注着 {count} 张邻居的报修",
         OrderFollower.left_at.is_(None)),
    Kind("photos", "照片", Photo.uploaded_by, "{count} 张照片,拍摄位置在上传时已去掉"),
    Kind("voices", "录音", Voice.uploaded_by, "{count} 段录音"),
    Kind("ratings", "评价", Rating.account_id, "{count} 条评价"),
    Kind("behalf", "代报记录", ProxyConsent.given_to, "{count} 次替别人报修,记着对方怎样同意的"),
    Kind("messages", "消息", Notification.account_id, "{count} 条发给您的消息"),
    Kind("consents", "同意记录", PrivacyConsent.account_id, "{count} 条:同意或撤回隐私说明的版本和时间"),
    Kind("reminders", "微信提醒", WeChatConsent.account_id, "{count} 种微信提醒还能收几条"),
    Kind("sessions", "登录记录", AuthSession.account_id, "{count} 次登录的时间,结束后30天删除"),
    Kind("hats", "工作身份", Hat.account_id, "{count} 个工作身份,由单位授予"),
)  # fmt: skip

KEPT_FOR_OTHERS: Mapping[str, str] = {
    "credentials": "登录名和密码的散列,只用来登录,不展示",
    "refunds": "退款与它的那笔缴费一起列出",
    "staff": "任职记录属于用人单位",
    "workers": "师傅的任职资料属于用人单位",
    "wechat_deliveries": "消息发往微信的过程,内容与消息相同",
}
"""Tables that point at an account and are not counted for the person, and why."""


@dataclass(frozen=True)
class Held:
    """One line for the person."""

    key: str
    label: str
    count: int
    words: str


def what_is_held(account_id: int) -> list[Held]:
    """The account itself, then every kind with its number; kinds of which there is nothing are left out."""
    account = db.session.get_one(Account, account_id)
    row = db.session.execute(select(*[_count(kind, account_id).label(kind.key) for kind in KINDS])).one()
    counts = row._mapping
    kinds = [
        Held(kind.key, kind.label, counts[kind.key], kind.words.format(count=counts[kind.key]))
        for kind in KINDS
        if counts[kind.key]
    ]
    return [_account(account), *kinds]


def _count(kind: Kind, account_id: int) -> ScalarSelect[int]:
    statement = select(func.count()).where(kind.column == account_id)
    return (statement if kind.only is None else statement.where(kind.only)).scalar_subquery()


def _account(account: Account) -> Held:
    known = [f"手机号 {mask_phone(account.phone)}"] if account.phone else []
    known += [f"姓名 {mask_name(account.name)}"] if account.name else []
    known += ["微信身份编号"] if account.openid else []
    words = "、".join(known) or "一个没有手机号的账号"
    sealed = ";手机号和姓名加密保存" if account.phone or account.name else ""
    return Held("account", "账号", 1, f"{words}{sealed}")
