"""What a copy of one's own data holds, kind by kind, in the words and the time of people in China.

One section for each kind of `app.privacy.holdings`, under the same name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.accounts.models import (
    RELATION_LABELS,
    Account,
    AuthSession,
    Hat,
    HomeBinding,
    PrivacyConsent,
    Relation,
)
from app.accounts.queries import homes_of
from app.accounts.sessions import Channel
from app.catalogue.models import Category
from app.core import clock
from app.core.db import db
from app.core.roles import Role
from app.feedback import lifecycle as snap_lifecycle
from app.feedback.models import Snap
from app.feedback.queries import timeline
from app.feedback.rules import snap_number
from app.integrations.wechat.templates import TEMPLATES
from app.media.models import CheckState, Photo, Voice
from app.media.signing import sign, sign_voice
from app.notifications.consents import stock
from app.notifications.models import Notification
from app.orders.follower_models import OrderFollower
from app.orders.lifecycle import Menu, Status, step_label
from app.orders.models import Order, OrderEvent
from app.orders.proxy_models import ProxyConsent
from app.orders.rating_models import Rating
from app.orders.rules import order_number
from app.privacy import money_sections

_STATES = {
    "pending": "审核中",
    "active": "已关联",
    "rejected": "未通过",
    "ended": "已解除",
    "expired": "已到期",
}

Row = dict[str, Any]


@dataclass(frozen=True)
class Links:
    """Where pictures and recordings can be fetched, and until when."""

    base: str
    until: datetime

    def photo(self, photo: Photo) -> str | None:
        """None for a picture that nobody may see any more."""
        if photo.check_state == CheckState.RISKY:
            return None
        return self.base + sign(photo.id, "full", until=self.until)

    def voice(self, voice: Voice) -> str | None:
        """None for a recording that nobody may hear any more."""
        if voice.check_state == CheckState.RISKY:
            return None
        return self.base + sign_voice(voice.id, until=self.until)


def _said(at: datetime | None) -> str | None:
    return f"{clock.in_china(at):%Y-%m-%d %H:%M:%S}" if at else None


def _of(model: Any, column: Any, account_id: int) -> Iterable[Any]:
    return db.session.scalars(select(model).where(column == account_id).order_by(model.id))


def _account(account_id: int, links: Links) -> Row:
    account = db.session.get_one(Account, account_id)
    return {
        "手机号": account.phone,
        "姓名": account.name,
        "微信": "已绑定" if account.openid else "未绑定",
        "长辈大字": account.elder_mode,
        "注册时间": _said(account.created_at),
    }


def _consents(account_id: int, links: Links) -> list[Row]:
    return [
        {"版本": each.version, "同意时间": _said(each.given_at), "撤回时间": _said(each.withdrawn_at)}
        for each in _of(PrivacyConsent, PrivacyConsent.account_id, account_id)
    ]


def _homes(account_id: int, links: Links) -> list[Row]:
    places = {each.binding_id: each for each in homes_of(account_id, with_ended=True)}
    return [
        {
            "小区": places[each.id].estate_name,
            "地址": places[each.id].place_full,
            "身份": RELATION_LABELS[Relation(each.relation)],
            "状态": _STATES[each.status],
            "开始": each.valid_from.isoformat(),
            "到期": each.valid_to.isoformat() if each.valid_to else None,
            "同意说明": each.consent_note,
            "申请时间": _said(each.created_at),
            "结束时间": _said(each.ended_at),
        }
        for each in _of(HomeBinding, HomeBinding.account_id, account_id)
    ]


def _orders(account_id: int, links: Links) -> list[Row]:
    statement = (
        select(Order, Category.name)
        .join(Category, Category.code == Order.category_code)
        .where(Order.reporter_id == account_id)
        .order_by(Order.id)
    )
    found = db.session.execute(statement).all()
    steps = _steps_of([order.id for order, _ in found])
    return [_order(order, category, steps[order.id]) for order, category in found]


def _order(order: Order, category: str, steps: list[Row]) -> Row:
    return {
        "编号": order_number(order.id, order.menu, order.submitted_at),
        "入口": Menu(order.menu).label,
        "问题": category,
        "描述": order.text,
        "地点": order.place_full,
        "联系人": order.contact_name,
        "联系电话": order.contact_phone,
        "同意说明": order.consent_note,
        "状态": Status(order.status).resident,
        "提交时间": _said(order.submitted_at),
        "进展": steps,
    }


def _steps_of(order_ids: list[int]) -> Mapping[int, list[Row]]:
    """What happened and when; notes that staff wrote for each other are not the person's data."""
    steps: dict[int, list[Row]] = defaultdict(list)
    events = select(OrderEvent).where(OrderEvent.order_id.in_(order_ids))
    for event in db.session.scalars(events.order_by(OrderEvent.order_id, OrderEvent.seq)):
        label = step_label(event.code, event.action, Status(event.to_status))
        steps[event.order_id].append({"时间": _said(event.at), "步骤": label})
    return steps


def _snaps(account_id: int, links: Links) -> list[Row]:
    return [
        {
            "编号": snap_number(each.id, each.submitted_at),
            "类型": snap_lifecycle.Kind(each.kind).label,
            "主题": snap_lifecycle.Topic(each.topic).label,
            "描述": each.text,
            "地点": each.place,
            "联系人": each.contact_name,
            "联系电话": each.contact_phone,
            "状态": snap_lifecycle.Status(each.status).label,
            "提交时间": _said(each.submitted_at),
            "回复": each.reply,
            "再问": each.question,
            "再次回复": each.again,
            "星": each.stars,
            "评价": each.rating_text,
            "进展": [{"时间": _said(step.at), "步骤": step.label} for step in timeline(each.id)],
        }
        for each in _of(Snap, Snap.sender_id, account_id)
    ]


def _numbers(order_ids: Iterable[int]) -> Mapping[int, str]:
    columns = select(Order.id, Order.menu, Order.submitted_at).where(Order.id.in_(sorted(set(order_ids))))
    return {row.id: order_number(row.id, row.menu, row.submitted_at) for row in db.session.execute(columns)}


def _ratings(account_id: int, links: Links) -> list[Row]:
    rows = list(_of(Rating, Rating.account_id, account_id))
    numbers = _numbers(each.order_id for each in rows)
    return [
        {
            "工单": numbers[each.order_id],
            "星": each.stars,
            "标签": each.tags,
            "文字": each.text,
            "时间": _said(each.at),
        }
        for each in rows
    ]


def _following(account_id: int, links: Links) -> list[Row]:
    rows = list(_of(OrderFollower, OrderFollower.account_id, account_id))
    numbers = _numbers(each.order_id for each in rows)
    return [
        {"工单": numbers[each.order_id], "加入": _said(each.joined_at), "退出": _said(each.left_at)}
        for each in rows
    ]


def _behalf(account_id: int, links: Links) -> list[Row]:
    rows = list(_of(ProxyConsent, ProxyConsent.given_to, account_id))
    numbers = _numbers(each.order_id for each in rows)
    return [
        {"工单": numbers[each.order_id], "同意方式": each.way, "时间": _said(each.given_at)} for each in rows
    ]


def _photos(account_id: int, links: Links) -> list[Row]:
    return [
        {"上传时间": _said(each.uploaded_at), "地址": links.photo(each)}
        for each in _of(Photo, Photo.uploaded_by, account_id)
    ]


def _voices(account_id: int, links: Links) -> list[Row]:
    return [
        {"上传时间": _said(each.uploaded_at), "毫秒": each.duration_ms, "地址": links.voice(each)}
        for each in _of(Voice, Voice.uploaded_by, account_id)
    ]


def _messages(account_id: int, links: Links) -> list[Row]:
    return [
        {
            "时间": _said(each.created_at),
            "标题": each.title,
            "内容": each.body,
            "读过": _said(each.read_at),
        }
        for each in _of(Notification, Notification.account_id, account_id)
    ]


def _reminders(account_id: int, links: Links) -> Row:
    return {TEMPLATES[key].title: left for key, left in stock(account_id).items() if left}


def _sessions(account_id: int, links: Links) -> list[Row]:
    doors = {Channel.API: "手机", Channel.CONSOLE: "工作台"}
    return [
        {
            "入口": doors[Channel(each.channel)],
            "登录": _said(each.created_at),
            "最近使用": _said(each.seen_at),
            "退出": _said(each.revoked_at),
        }
        for each in _of(AuthSession, AuthSession.account_id, account_id)
    ]


def _hats(account_id: int, links: Links) -> list[Row]:
    return [
        {"身份": Role(each.role).label, "授予": _said(each.granted_at), "结束": _said(each.ended_at)}
        for each in _of(Hat, Hat.account_id, account_id)
    ]


SECTIONS: Mapping[str, Callable[[int, Links], Any]] = {
    "账号": _account,
    "住房": _homes,
    "报修": _orders,
    "随手拍": _snaps,
    "缴费": lambda account_id, links: money_sections.payments(account_id),
    "发票": lambda account_id, links: money_sections.invoices(account_id),
    "费用咨询": lambda account_id, links: money_sections.fee_questions(account_id),
    "我也遇到": _following,
    "照片": _photos,
    "录音": _voices,
    "评价": _ratings,
    "代报记录": _behalf,
    "消息": _messages,
    "同意记录": _consents,
    "微信提醒": _reminders,
    "登录记录": _sessions,
    "工作身份": _hats,
}
