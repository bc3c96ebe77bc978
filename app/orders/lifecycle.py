"""The order's lifecycle: every legal move is one row of this table (domain 3.5.2). Pure.

Guard of the service, buttons of the client, roles of the routes, the exhaustive test and the diagram in the documents
all follow from it. T1 ... T30 are the specification's numbers; U1 ... are what leaves the status as it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from app.core.labelled import Labelled
from app.core.lifecycle import Lifecycle, Transition
from app.core.roles import Role


class Menu(Labelled):
    """The three menus that a resident sees (S2-04); the value is the kind code of domain 3.4."""

    BOOKING = "APT", "服务预约"
    REPORT = "PUB", "公区报事"
    EMERGENCY = "EMG", "应急维修"


class Status(StrEnum):
    """Internal status; `resident` is the label a resident reads, `tab` the queue of the console (3.5.1)."""

    resident: str
    tab: str

    def __new__(cls, code: str, resident: str = "", tab: str = "") -> Status:
        member = str.__new__(cls, code)
        member._value_, member.resident, member.tab = code, resident, tab
        return member

    SUBMITTED = "SUBMITTED", "未接收", "未接收"
    HOTLINE = "HOTLINE", "已转热线(962121)", "热线"
    ACCEPTED = "ACCEPTED", "已接收", "待派工"
    ASSIGNED = "ASSIGNED", "已接收(师傅待确认)", "已派工"
    ON_WAY = "ON_WAY", "师傅已出发", "已派工"
    VERIFIED = "VERIFIED", "已现场核实", "处理中"
    QUOTED = "QUOTED", "请确认报价", "待报价确认"
    WORKING = "WORKING", "处理中", "处理中"
    HOLD_RESIDENT = "HOLD_RESIDENT", "待您预约", "挂起"
    HOLD_THIRD = "HOLD_THIRD", "待专业单位", "挂起"
    HOLD_FUND = "HOLD_FUND", "维修资金征询中", "挂起"
    DONE = "DONE", "已处理(请评价)", "已处理"
    CLOSED = "CLOSED", "已办结", "已办结"
    REJECTED = "REJECTED", "不予受理(可申诉)", "不予受理"
    CANCELLED = "CANCELLED", "已取消", "已取消"
    MERGED = "MERGED", "已并入同类问题", "已合并"


class Action(Labelled):
    """What can be done to an order; `label` is the text of the button."""

    ACCEPT = "accept", "接单"
    TO_HOTLINE = "to_hotline", "转962121热线"
    REJECT = "reject", "不予受理"
    ASSIGN = "assign", "派工"
    GRAB = "grab", "抢单"
    TAKE = "take", "确认接单"
    DECLINE = "decline", "不能接"
    DEPART = "depart", "出发"
    CHECK_IN = "check_in", "到场签到"
    START = "start", "开始维修"
    QUOTE = "quote", "报价"
    AGREE_QUOTE = "agree_quote", "同意报价"
    DECLINE_QUOTE = "decline_quote", "不修了"
    DECLINE_ADDITION = "decline_addition", "不加,按原来的修"
    WAIVE = "waive", "这次不收费"
    HOLD = "hold", "改约时间"
    CHOOSE_SLOT = "choose_slot", "选上门时间"
    ASK_LATER = "ask_later", "想更晚一些"
    END_HOLD = "end_hold", "恢复处理"
    UNREACHABLE = "unreachable", "无法联系,办结"
    HOLD_THIRD = "hold_third", "等专业单位"
    NEED_FUND = "need_fund", "需动用维修资金"
    TELL_FUND = "tell_fund", "已向居民说明"
    HOLD_FUND = "hold_fund", "转维修资金征询"
    CLOSE_FUND = "close_fund", "征询未通过,办结"
    REQUEST_EXTENSION = "request_extension", "申请延期"
    APPROVE_EXTENSION = "approve_extension", "同意延期"
    REFUSE_EXTENSION = "refuse_extension", "不同意延期"
    REQUEST_SPECIAL = "request_special", "申请特延"
    APPROVE_SPECIAL = "approve_special", "同意特延"
    REFUSE_SPECIAL = "refuse_special", "不同意特延"
    FINISH = "finish", "完工"
    CONFIRM = "confirm", "确认修好了"
    RATE = "rate", "评价"
    REOPEN = "reopen", "没修好"
    CANCEL = "cancel", "取消"
    WITHDRAW = "withdraw", "撤回"
    ASK_CANCEL = "ask_cancel", "不修了,申请取消"
    AGREE_CANCEL = "agree_cancel", "同意取消"
    REFUSE_CANCEL = "refuse_cancel", "不同意取消"
    APPEAL = "appeal", "申诉"
    UPHOLD_APPEAL = "uphold_appeal", "申诉成立"
    DISMISS_APPEAL = "dismiss_appeal", "申诉不成立"
    MERGE = "merge", "并入同类问题"
    UNMERGE = "unmerge", "取消合并"
    TAKE_IN = "take_in", "收入同类问题"
    LET_GO = "let_go", "放开同类问题"
    TRANSFER = "transfer", "转给其他管理处"
    RECEIVE = "receive", "接收转单"
    SEND_BACK = "send_back", "不接收转单"
    DECIDE_TRANSFER = "decide_transfer", "指定处理单位"
    ASK_INFO = "ask_info", "请居民补充信息"
    GIVE_INFO = "give_info", "补充信息"
    CHANGE_URGENCY = "change_urgency", "调整紧急程度"
    RECATEGORISE = "recategorise", "改类别"
    SUPERVISE = "supervise", "督办"
    URGE = "urge", "催办"
    ADD_PHOTOS = "add_photos", "补充照片"
    LOG_CALL = "log_call", "记录电话"
    PAY = "pay", "支付维修费"
    PAID = "paid", "已支付"
    RECORD_CASH = "record_cash", "登记现金"
    REFUNDING = "refunding", "退款中"
    REFUNDED = "refunded", "已退款"
    RATE_UNPAID = "rate_unpaid", "评价(还没付款)"
    FOLLOW = "follow", "我也遇到"
    RATE_FOLLOWED = "rate_followed", "评价(关注人)"


DESK = frozenset({Role.DSP, Role.MGR})
CREW = frozenset({Role.WRK, Role.MGR, Role.DSP})
HOTLINE = frozenset({Role.HOT})
RESIDENT = frozenset({Role.RES})
SYSTEM = frozenset({Role.SYS})
MANAGER = frozenset({Role.MGR})
REGULATOR = frozenset({Role.STR, Role.BUR})

_S, _A = Status, Action
BEFORE_VISIT = frozenset({_S.SUBMITTED, _S.HOTLINE, _S.ACCEPTED, _S.ASSIGNED, _S.ON_WAY})
ON_SITE = frozenset({_S.VERIFIED, _S.WORKING})
ON_HOLD = frozenset({_S.HOLD_RESIDENT, _S.HOLD_THIRD, _S.HOLD_FUND})
OPEN = BEFORE_VISIT | ON_SITE | ON_HOLD | {_S.QUOTED}
UNVISITED = BEFORE_VISIT - {_S.HOTLINE}
SENT = frozenset({_S.ASSIGNED, _S.ON_WAY})
UNSENT = UNVISITED - SENT
FINISHED = frozenset({_S.DONE, _S.CLOSED})
SETTLED = FINISHED | {_S.CANCELLED}
"""Where something may be owed: a repair, or the announced fee of a visit without one."""


def _row(
    code: str,
    action: Action,
    sources: Status | frozenset[Status],
    target: Status | None,
    by: Iterable[Role],
    label: str,
) -> Transition[Status, Action]:
    sources = frozenset({sources}) if isinstance(sources, Status) else sources
    return Transition(code, action, sources, target, frozenset(by), label)


TRANSITIONS = (
    _row("T2", _A.ACCEPT, _S.SUBMITTED, _S.ACCEPTED, DESK, "小区物业已接单"),
    _row("T4", _A.ACCEPT, _S.HOTLINE, _S.ACCEPTED, HOTLINE, "热线已指定处理单位"),
    _row("T3", _A.TO_HOTLINE, _S.SUBMITTED, _S.HOTLINE, DESK | SYSTEM, "已转962121热线"),
    _row("T23", _A.REJECT, frozenset({_S.SUBMITTED, _S.ACCEPTED}), _S.REJECTED, DESK, "不予受理"),
    _row(
        "T5",
        _A.ASSIGN,
        frozenset({_S.ACCEPTED, _S.ASSIGNED}),
        _S.ASSIGNED,
        DESK | HOTLINE | SYSTEM,
        "已派师傅",
    ),
    _row("T5", _A.GRAB, _S.ACCEPTED, _S.ASSIGNED, frozenset({Role.WRK}), "师傅已接单"),
    _row("T5", _A.TAKE, _S.ASSIGNED, None, frozenset({Role.WRK}), "师傅已确认"),
    _row(
        "T6",
        _A.DECLINE,
        _S.ASSIGNED,
        _S.ACCEPTED,
        frozenset({Role.WRK}) | SYSTEM,
        "师傅不能来,正在换人",
    ),
    _row("T7", _A.DEPART, _S.ASSIGNED, _S.ON_WAY, frozenset({Role.WRK}), "师傅已出发"),
    _row(
        "T8",
        _A.CHECK_IN,
        frozenset({_S.ACCEPTED, _S.ASSIGNED, _S.ON_WAY}),
        _S.VERIFIED,
        CREW,
        "已到现场核实",
    ),
    _row("T8", _A.CHECK_IN, _S.WORKING, None, CREW, "重开后已到现场复查"),
    _row("T9", _A.START, _S.VERIFIED, _S.WORKING, CREW, "开始维修"),
    _row("T10", _A.QUOTE, _S.VERIFIED, _S.QUOTED, frozenset({Role.WRK, Role.MGR}), "已报价,等您同意"),
    _row("T11", _A.AGREE_QUOTE, _S.QUOTED, _S.WORKING, RESIDENT, "已同意报价"),
    _row("T12", _A.DECLINE_QUOTE, _S.QUOTED, _S.CLOSED, RESIDENT | SYSTEM, "没有维修,已办结"),
    _row("T13", _A.QUOTE, _S.WORKING, _S.QUOTED, frozenset({Role.WRK, Role.MGR}), "增加项目,等您同意"),
    _row("T13", _A.DECLINE_ADDITION, _S.QUOTED, _S.WORKING, RESIDENT | SYSTEM, "不加项目,按原报价维修"),
    _row("T14", _A.HOLD, ON_SITE, _S.HOLD_RESIDENT, frozenset({Role.WRK}), "另约上门时间"),
    _row("T14", _A.UNREACHABLE, ON_SITE, _S.CLOSED, frozenset({Role.WRK}), "两次上门都没人,先办结"),
    _row("T14", _A.CHOOSE_SLOT, _S.HOLD_RESIDENT, None, RESIDENT | DESK, "已约好上门时间"),
    _row("T14", _A.ASK_LATER, _S.HOLD_RESIDENT, None, RESIDENT, "想约更晚的时间"),
    _row("T15", _A.HOLD_THIRD, ON_SITE, _S.HOLD_THIRD, MANAGER, "等专业单位处理"),
    _row("T16", _A.NEED_FUND, ON_SITE, None, MANAGER, "需要动用维修资金"),
    _row("T16", _A.TELL_FUND, ON_SITE | {_S.HOLD_THIRD}, None, DESK, "已向居民说明维修资金"),
    _row("T16", _A.HOLD_FUND, ON_SITE, _S.HOLD_FUND, MANAGER, "维修资金征询中"),
    _row(
        "T17",
        _A.END_HOLD,
        _S.HOLD_RESIDENT,
        _S.WORKING,
        frozenset({Role.WRK, Role.MGR}) | SYSTEM,
        "恢复处理",
    ),
    _row("T17", _A.END_HOLD, frozenset({_S.HOLD_THIRD, _S.HOLD_FUND}), _S.WORKING, MANAGER, "恢复处理"),
    _row("T18", _A.REQUEST_EXTENSION, ON_SITE, None, CREW, "申请延期"),
    _row("T18", _A.APPROVE_EXTENSION, ON_SITE, None, frozenset({Role.MGR, Role.CO}), "已批准延期"),
    _row("T18", _A.REFUSE_EXTENSION, ON_SITE, None, frozenset({Role.MGR, Role.CO}), "未批准延期"),
    _row("T19", _A.REQUEST_SPECIAL, ON_SITE, None, MANAGER, "申请特别延期"),
    _row("T19", _A.APPROVE_SPECIAL, ON_SITE, None, REGULATOR, "已批准特别延期"),
    _row("T19", _A.REFUSE_SPECIAL, ON_SITE, None, REGULATOR, "未批准特别延期"),
    _row("T20", _A.FINISH, ON_SITE, _S.DONE, frozenset({Role.WRK, Role.MGR}), "已处理"),
    _row("T21", _A.CONFIRM, _S.DONE, _S.CLOSED, RESIDENT | SYSTEM, "已办结"),
    _row("T21", _A.RATE, _S.DONE, _S.CLOSED, RESIDENT, "已评价"),
    _row("T21", _A.RATE, _S.CLOSED, None, RESIDENT, "已评价"),
    _row("T22", _A.REOPEN, FINISHED, _S.WORKING, RESIDENT | REGULATOR, "没修好,重新处理"),
    _row(
        "T25",
        _A.CANCEL,
        frozenset({_S.SUBMITTED, _S.ACCEPTED, _S.ASSIGNED, _S.ON_WAY}),
        _S.CANCELLED,
        RESIDENT,
        "已取消",
    ),
    _row("T24", _A.APPEAL, _S.REJECTED, None, RESIDENT, "已申诉"),
    _row("T24", _A.UPHOLD_APPEAL, _S.REJECTED, _S.SUBMITTED, REGULATOR, "申诉成立,重新处理"),
    _row("T24", _A.DISMISS_APPEAL, _S.REJECTED, None, REGULATOR, "申诉不成立"),
    _row("T25", _A.WITHDRAW, UNVISITED, None, RESIDENT, "报修人撤回,险情继续处理"),
    _row("T26", _A.ASK_CANCEL, ON_SITE | {_S.QUOTED}, None, RESIDENT, "报修人想取消"),
    _row("T26", _A.AGREE_CANCEL, ON_SITE | {_S.QUOTED}, _S.CANCELLED, CREW, "双方同意,已取消"),
    _row("T26", _A.REFUSE_CANCEL, ON_SITE | {_S.QUOTED}, None, CREW, "物业建议继续维修"),
    _row("T27", _A.MERGE, frozenset({_S.SUBMITTED, _S.ACCEPTED}), _S.MERGED, DESK, "已并入同类问题"),
    _row("T28", _A.UNMERGE, _S.MERGED, _S.ACCEPTED, MANAGER, "取消合并,单独处理"),
    _row("T27", _A.TAKE_IN, OPEN, None, DESK, "同类报事已并入"),
    _row("T28", _A.LET_GO, frozenset(Status), None, MANAGER, "一件并入的报事改为单独处理"),
    _row("T29", _A.TRANSFER, UNVISITED, None, DESK, "申请转给其他管理处"),
    _row("T29", _A.RECEIVE, UNSENT, None, DESK, "已转到另一管理处"),
    _row("T29", _A.RECEIVE, SENT, _S.ACCEPTED, DESK, "已转到另一管理处"),
    _row("T29", _A.SEND_BACK, UNVISITED, None, DESK | REGULATOR, "没有转走,仍由原管理处负责"),
    _row("T29", _A.DECIDE_TRANSFER, UNSENT, None, REGULATOR, "已指定处理单位"),
    _row("T29", _A.DECIDE_TRANSFER, SENT, _S.ACCEPTED, REGULATOR, "已指定处理单位"),
    _row("T30", _A.CLOSE_FUND, _S.HOLD_FUND, _S.CLOSED, MANAGER, "征询未通过,已办结"),
    _row("U1", _A.URGE, OPEN - ON_HOLD - {_S.QUOTED}, None, RESIDENT, "催办"),
    _row("U2", _A.ADD_PHOTOS, OPEN, None, RESIDENT | CREW, "补充照片"),
    _row("U3", _A.LOG_CALL, OPEN | FINISHED, None, CREW | HOTLINE, "电话沟通"),
    _row("U4", _A.FOLLOW, OPEN, None, RESIDENT, "邻居也遇到"),
    _row("U5", _A.RATE_FOLLOWED, FINISHED, None, RESIDENT, "邻居已评价"),
    _row("U6", _A.ASK_INFO, UNVISITED, None, DESK, "请您补充信息"),
    _row("U6", _A.GIVE_INFO, BEFORE_VISIT, None, RESIDENT, "已补充信息"),
    _row("U7", _A.CHANGE_URGENCY, OPEN, None, DESK, "调整了紧急程度"),
    _row("U8", _A.RECATEGORISE, OPEN, None, DESK, "改了类别"),
    _row("U9", _A.WAIVE, ON_SITE, None, CREW, "这次不收费"),
    _row("U10", _A.SUPERVISE, OPEN, None, frozenset({Role.BUR}), "房管局督办"),
    _row("U11", _A.PAY, SETTLED, None, RESIDENT, "正在付款"),
    _row("U11", _A.PAID, frozenset(Status), None, SYSTEM, "已支付维修费"),
    _row("U12", _A.RECORD_CASH, SETTLED, None, CREW, "登记了现金收款"),
    _row("U13", _A.REFUNDING, frozenset(Status), None, SYSTEM, "正在退款"),
    _row("U13", _A.REFUNDED, frozenset(Status), None, SYSTEM, "已退款"),
    _row("U14", _A.RATE_UNPAID, _S.DONE, None, RESIDENT, "已评价"),
)

LIFECYCLE: Lifecycle[Status, Action] = Lifecycle(TRANSITIONS)
SUBMIT_ROLES = frozenset({Role.RES, Role.DSP, Role.MGR, Role.HOT})
"""T1: who may bring an order into being; staff must name the channel and the reporter's consent."""

_STEPS = {(each.code, each.action.value, each.target): each.label for each in TRANSITIONS}


def step_label(code: str, action: str, to_status: Status) -> str:
    """What an event is called. By where it led: a check-in of an order at work leaves its status, and is another step
    than the first one; moves without a target stand in the table under None."""
    found = (_STEPS.get((code, action, target)) for target in (to_status, None))
    return next(filter(None, found), "已提交")
