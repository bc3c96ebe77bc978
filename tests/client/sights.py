"""Every page of the client in the states that people meet it in: whose phone, which address, what to tap.

The checklist, the screenshots and the Node run of the mini-program all walk this list. A new page of pages.json, or a
new dialog of an old one, is a line here; a test compares the list with pages.json.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.client.district import (
    DISPATCHER,
    FAMILY_OF_THREE_HOMES,
    MANAGER,
    NEWCOMER,
    NON_PILOT,
    RESIDENT,
    WORKER,
)
from tests.client.sight_money import TWO_COMPANIES
from tests.client.sight_orders import Orders

PAGES_JSON = Path(__file__).resolve().parent.parent.parent / "miniprogram" / "src" / "pages.json"
NOBODY = ""


@dataclass(frozen=True)
class Sight:
    """A page as somebody sees it. `order` names an order of `Orders` whose id the page is given, `needs` one that has
    to be there; `taps` lead on from the page to a dialog or a later question ("photo:拍照" takes a photo); `action` is
    what a form of the desk is for."""

    path: str
    who: str = RESIDENT
    order: str = ""
    taps: tuple[str, ...] = ()
    note: str = ""
    needs: str = ""
    action: str = ""

    def query(self, orders: Orders) -> dict[str, object]:
        """What stands in the page's address."""
        named: dict[str, object] = {"action": self.action} if self.action else {}
        return {"id": orders[self.order], **named} if self.order else named

    @property
    def name(self) -> str:
        """For the test's id and the screenshot's file."""
        parts = [self.path.rpartition("/")[0].replace("/", "-"), self.action, self.note or self.order]
        return "-".join(part for part in parts if part)

    @property
    def for_elders(self) -> bool:
        """Pages of residents: targets of 60 px; those of workers and the desk have 44."""
        return self.path.startswith(("pages/", "more/", "money/"))


PAGES: tuple[Sight, ...] = (
    Sight("pages/home/home"),
    Sight("pages/home/home", NON_PILOT, note="not-pilot"),
    Sight("pages/home/home", NEWCOMER, note="newcomer"),
    Sight("pages/home/home", WORKER, note="worker"),
    Sight("pages/home/home", DISPATCHER, note="desk"),
    Sight("pages/home/home", FAMILY_OF_THREE_HOMES, note="three-homes"),
    Sight("pages/sign-in/sign-in", NOBODY),
    Sight("pages/report/report"),
    Sight("pages/report/report", FAMILY_OF_THREE_HOMES, note="three-homes"),
    Sight("pages/booking/booking"),
    Sight("pages/emergency/emergency"),
    Sight("pages/sent/sent"),
    Sight("pages/orders/orders"),
    Sight("pages/orders/orders", NEWCOMER, note="empty"),
    Sight("pages/order/order", order="submitted"),
    Sight("pages/order/order", order="working"),
    Sight("pages/order/order", order="done"),
    Sight("pages/order/order", order="held"),
    Sight("pages/order/order", order="quoted"),
    Sight("pages/order/order", order="added"),
    Sight("pages/order/order", order="wants_out"),
    Sight("pages/order/order", order="asked"),
    Sight("pages/order/order", order="rejected"),
    Sight("pages/order/order", order="appealed"),
    Sight("pages/order/order", order="merged"),
    Sight("pages/order/order", order="waiting_firm"),
    Sight("pages/info/info", order="asked"),
    Sight("pages/appeal/appeal", order="rejected"),
    Sight("pages/rate/rate", order="done"),
    Sight("pages/reopen/reopen", order="done"),
    Sight("pages/messages/messages"),
    Sight("pages/messages/messages", NEWCOMER, note="empty"),
    Sight("pages/mine/mine"),
    Sight("pages/mine/mine", WORKER, note="worker"),
    Sight("more/homes/homes"),
    Sight("more/homes/homes", FAMILY_OF_THREE_HOMES, note="three-homes"),
    Sight("more/homes/homes", NEWCOMER, note="empty"),
    Sight("more/bind/bind", NEWCOMER),
    Sight("more/prices/prices"),
    Sight("more/following/following"),
    Sight("more/following/following", NEWCOMER, note="empty"),
    Sight("more/followed/followed", order="followed"),
    Sight("more/estate/estate"),
    Sight("more/tell/tell"),
    Sight("more/snaps/snaps", order="snap_sent"),
    Sight("more/snaps/snaps", NEWCOMER, note="empty"),
    Sight("more/snap/snap", order="snap_sent"),
    Sight("more/snap/snap", order="snap_answered"),
    Sight("more/snap/snap", order="snap_declined"),
    Sight("money/bills/bills", needs="owes"),
    Sight("money/bills/bills", FAMILY_OF_THREE_HOMES, needs="family_owes", note="three-homes"),
    Sight("money/bills/bills", NON_PILOT, note="not-opened"),
    Sight("money/bills/bills", NEWCOMER, note="no-home"),
    Sight("money/bill/bill", order="bill"),
    Sight("money/ask/ask", order="bill"),
    Sight("money/questions/questions", needs="fee_asked"),
    Sight("money/questions/questions", NEWCOMER, note="empty"),
    Sight("money/settlement/settlement", order="to_pay"),
    Sight("money/settlement/settlement", order="repair_paid"),
    Sight("money/pay/pay", order="waiting_payment"),
    Sight("money/pay/pay", TWO_COMPANIES, order="two_payments"),
    Sight("money/pay/pay", TWO_COMPANIES, order="two_paid"),
    Sight("money/pay/pay", order="paid"),
    Sight("money/pay/pay", order="given_up"),
    Sight("money/pay/pay", order="giving_up"),
    Sight("money/payments/payments", needs="paid"),
    Sight("money/payments/payments", NEWCOMER, note="empty"),
    Sight("money/payment/payment", order="paid"),
    Sight("money/payment/payment", order="refund_asked"),
    Sight("money/payment/payment", order="invoice_asked"),
    Sight("money/refund/refund", order="paid_too"),
    Sight("money/invoice/invoice", order="paid_too"),
    Sight("money/invoices/invoices", needs="invoice_asked"),
    Sight("money/invoices/invoices", NEWCOMER, note="empty"),
    Sight("money/fees/fees"),
    Sight("money/fees/fees", NON_PILOT, note="several-kinds"),
    Sight("money/fees/fees", NEWCOMER, note="no-home"),
    Sight("money/revenue/revenue", needs="public_quarters"),
    Sight("money/revenue/revenue", NON_PILOT, note="not-published"),
    Sight("money/revenue/revenue", NEWCOMER, note="no-home"),
    Sight("pages/order/order", order="to_pay"),
    Sight("pages/order/order", order="repair_paid"),
    Sight("more/font/font"),
    Sight("more/data/data"),
    Sight("more/privacy/privacy"),
    Sight("more/privacy/privacy", NOBODY, note="signed-out"),
    Sight("more/hats/hats", WORKER),
    Sight("worker/tasks/tasks", WORKER),
    Sight("worker/task/task", WORKER, order="assigned"),
    Sight("worker/task/task", WORKER, order="working"),
    Sight("worker/check-in/check-in", WORKER, order="departed"),
    Sight("worker/finish/finish", WORKER, order="working"),
    Sight("worker/hold/hold", WORKER, order="departed"),
    Sight("worker/extension/extension", WORKER, order="working"),
    Sight("worker/quote/quote", WORKER, order="looked_at"),
    Sight("desk/board/board", DISPATCHER),
    Sight("desk/board/board", MANAGER, note="manager"),
    Sight("desk/order/order", DISPATCHER, order="submitted"),
    Sight("desk/order/order", MANAGER, order="extension"),
    Sight("desk/assign/assign", DISPATCHER, order="accepted"),
    Sight("desk/form/form", DISPATCHER, order="submitted", action="reject"),
    Sight("desk/transfers/transfers", DISPATCHER),
    Sight("desk/snaps/snaps", DISPATCHER, needs="snap_sent"),
    Sight("desk/snap/snap", MANAGER, order="snap_opened"),
    Sight("desk/snap/snap", MANAGER, order="snap_answered"),
)
NO_PHOTO, GATE = "不拍照,直接说", "小区大门"
FURTHER: tuple[Sight, ...] = (
    Sight("pages/home/home", FAMILY_OF_THREE_HOMES, taps=("换一套",), note="choose-home"),
    Sight("pages/sign-in/sign-in", NOBODY, taps=("员工账号登录",), note="staff"),
    Sight("pages/sign-in/sign-in", NOBODY, taps=("新来的人",), note="consent"),
    Sight("pages/report/report", taps=("photo:拍照",), note="place"),
    Sight("pages/report/report", taps=(NO_PHOTO, GATE), note="send"),
    Sight("pages/report/report", taps=(NO_PHOTO, GATE, "类别"), note="category"),
    Sight("pages/report/report", taps=(NO_PHOTO, GATE, "不报了,清空"), note="clear"),
    Sight("pages/report/report", taps=("photo:拍照", GATE, "发送"), note="similar", needs="at_gate"),
    Sight("pages/booking/booking", taps=("灯和电",), note="kinds"),
    Sight("pages/booking/booking", taps=("灯和电", "灯具不亮"), note="prices"),
    Sight("pages/booking/booking", taps=("灯和电", "灯具不亮", "选时间"), note="days"),
    Sight("pages/emergency/emergency", taps=("闻到燃气味",), note="gas"),
    Sight("pages/emergency/emergency", taps=("有人困在电梯里",), note="lift"),
    Sight("pages/emergency/emergency", taps=("灯和电",), note="kinds"),
    Sight("pages/emergency/emergency", taps=("灯和电", "灯具不亮"), note="send"),
    Sight(
        "pages/emergency/emergency", taps=("灯和电", "灯具不亮", "替家里老人报", "马上报修"), note="for-other"
    ),
    Sight("pages/order/order", order="submitted", taps=("取消这次报修",), note="cancel"),
    Sight("pages/order/order", order="submitted", taps=("看大图:修之前",), note="large-photo"),
    Sight("pages/order/order", order="done", taps=("看全部经过",), note="all-events"),
    Sight("pages/order/order", order="held", taps=("看更晚的",), note="later-times"),
    Sight("pages/order/order", order="quoted", taps=("同意,开始修",), note="agree"),
    Sight("pages/order/order", order="quoted", taps=("不修了",), note="decline"),
    Sight("pages/order/order", order="added", taps=("不加,按原来的修",), note="no-addition"),
    Sight("pages/order/order", order="looked_at", taps=("不修了,申请取消", "不需要了"), note="ask-cancel"),
    Sight("pages/rate/rate", order="done", taps=("不满意",), note="unhappy"),
    Sight("pages/reopen/reopen", order="done", taps=("还是老样子",), note="reason"),
    Sight("pages/mine/mine", taps=("退出登录",), note="sign-out"),
    Sight("more/homes/homes", taps=("不再关联",), note="leave"),
    Sight("more/bind/bind", NEWCOMER, taps=("中仓小区",), note="building"),
    Sight("more/data/data", taps=("注销账号",), note="close-account"),
    Sight("more/privacy/privacy", taps=("撤回同意",), note="withdraw"),
    Sight("more/followed/followed", order="followed", taps=("不再关注",), note="leave"),
    Sight("more/tell/tell", taps=("反映问题",), note="topic"),
    Sight("more/tell/tell", taps=("反映问题", "环境卫生"), note="photo"),
    Sight("more/tell/tell", taps=("反映问题", "环境卫生", "photo:拍照"), note="place"),
    Sight("more/tell/tell", taps=("反映问题", "环境卫生", "photo:拍照", GATE), note="send"),
    Sight("more/tell/tell", taps=("表扬", "客服接待"), note="praise"),
    Sight("more/snap/snap", order="snap_answered", taps=("解决了", "满意"), note="rate"),
    Sight("more/snap/snap", order="snap_converted"),
    Sight("money/bills/bills", FAMILY_OF_THREE_HOMES, needs="family_owes", taps=("自己选",), note="choose"),
    Sight("money/ask/ask", order="bill", taps=("面积好像不对",), note="chosen"),
    Sight("money/pay/pay", order="waiting_payment", taps=("不付了",), note="give-up"),
    Sight("money/payments/payments", FAMILY_OF_THREE_HOMES, taps=("看哪一处",), note="homes"),
    Sight("money/refund/refund", order="paid_too", taps=("付错了", "只退一部分"), note="part"),
    Sight("money/invoice/invoice", order="paid_too", taps=("投到信报箱",), note="title-kind"),
    Sight("money/invoice/invoice", order="paid_too", taps=("投到信报箱", "单位", "下一步"), note="company"),
    Sight("money/invoices/invoices", needs="invoice_asked", taps=("不要了",), note="withdraw"),
    Sight("money/fees/fees", TWO_COMPANIES, needs="in_two_estates", taps=("换一个小区",), note="estates"),
    Sight("money/revenue/revenue", needs="public_quarters", taps=("看别的季度",), note="quarters"),
    Sight("desk/snaps/snaps", DISPATCHER, needs="snap_answered", taps=("已办",), note="done"),
    Sight("desk/snap/snap", MANAGER, order="snap_opened", taps=("不接收",), note="decline"),
    Sight("desk/form/form", MANAGER, order="snap_opened", action="reply_snap"),
    Sight("desk/form/form", MANAGER, order="snap_opened", action="convert_snap"),
    Sight("worker/task/task", WORKER, order="assigned", taps=("记录电话",), note="call"),
    Sight("worker/task/task", WORKER, order="assigned", taps=("补充照片",), note="photos"),
    Sight("worker/task/task", WORKER, order="assigned", taps=("不能接",), note="decline"),
    Sight("worker/check-in/check-in", WORKER, order="departed", taps=("填点位码",), note="spot-code"),
    Sight("worker/check-in/check-in", WORKER, order="departed", taps=("都不行", "下一步"), note="finding"),
    Sight("worker/finish/finish", WORKER, order="working", taps=("photo:拍照", "加一样配件"), note="parts"),
    Sight("worker/hold/hold", WORKER, order="departed", taps=("家里没人",), note="nobody-home"),
    Sight("worker/quote/quote", WORKER, order="looked_at", taps=("灯具检修",), note="chosen"),
    Sight(
        "worker/quote/quote",
        WORKER,
        order="looked_at",
        taps=("灯具检修", "选好了", "我代买"),
        note="material",
    ),
    Sight("worker/task/task", WORKER, order="quoted"),
    Sight("worker/task/task", WORKER, order="wants_out"),
    Sight("worker/task/task", WORKER, order="wants_out", taps=("不同意取消",), note="refuse-cancel"),
    Sight("worker/task/task", WORKER, order="wants_out", taps=("同意取消",), note="agree-cancel"),
    Sight("worker/task/task", WORKER, order="looked_at", taps=("这次不收费",), note="waive"),
    Sight("worker/tasks/tasks", WORKER, needs="offered", note="offers"),
    Sight("desk/form/form", MANAGER, order="working", action="hold_third"),
    Sight("desk/form/form", MANAGER, order="working", action="need_fund"),
    Sight("desk/form/form", MANAGER, order="fund_needed", action="tell_fund"),
    Sight("desk/form/form", MANAGER, order="fund_needed", action="close_fund"),
    Sight("desk/form/form", MANAGER, order="working", action="request_special"),
    Sight("desk/form/form", DISPATCHER, order="accepted_lamp", action="merge"),
    Sight("desk/form/form", DISPATCHER, order="submitted", action="transfer"),
    Sight("desk/form/form", DISPATCHER, order="submitted", action="change_urgency"),
    Sight("desk/form/form", DISPATCHER, order="submitted", action="recategorise"),
    Sight("desk/order/order", MANAGER, order="waiting_firm"),
    Sight("desk/order/order", MANAGER, order="waiting_firm", taps=("恢复处理",), note="end-hold"),
    Sight("desk/order/order", MANAGER, order="fund_needed"),
    Sight("desk/order/order", DISPATCHER, order="submitted", taps=("别的处理",), note="rare"),
    Sight("desk/order/order", DISPATCHER, order="submitted", taps=("别的处理", "请居民补充信息"), note="ask"),
    Sight("desk/order/order", DISPATCHER, order="wants_out"),
    Sight("desk/order/order", DISPATCHER, order="submitted", taps=("查看电话",), note="phone"),
    Sight("desk/order/order", DISPATCHER, order="submitted", taps=("记录电话",), note="call"),
    Sight("desk/order/order", DISPATCHER, order="submitted", taps=("转962121热线",), note="hotline"),
    Sight("desk/order/order", MANAGER, order="extension", taps=("不同意延期",), note="refuse"),
)
"""Dialogs and later questions of the pages."""
SIGHTS = PAGES + FURTHER


def pages() -> Iterator[str]:
    """Every path of pages.json."""
    found = json.loads(PAGES_JSON.read_text(encoding="utf-8"))
    yield from (page["path"] for page in found["pages"])
    for sub in found["subPackages"]:
        yield from (f"{sub['root']}/{page['path']}" for page in sub["pages"])
