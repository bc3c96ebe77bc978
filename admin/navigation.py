"""The left column: which pages a hat has. A page without its line here can be opened but is not offered."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from flask import current_app, g, request, url_for

from app.accounts.scopes import own_scope
from app.companies.calendar_alerts import WHO_SHOULD_KNOW
from app.companies.hat_names import who_is
from app.core import clock
from app.core.calendar_days import missing_year, missing_year_sentence
from app.core.roles import Role
from app.notifications.queries import unread_count

BOARD = frozenset({Role.DSP, Role.MGR, Role.CO, Role.HOT})
DESK = frozenset({Role.DSP, Role.MGR})
COMPANY = frozenset({Role.DSP, Role.MGR, Role.CO})
ORDERS = BOARD | {Role.BUR, Role.STR}
AUDITORS = frozenset({Role.AUA, Role.BUR})
REGULATORS = frozenset({Role.BUR, Role.STR})
SNAPS = BOARD | REGULATORS
BUREAU = frozenset({Role.BUR})
PRICES = COMPANY | {Role.FIN, Role.BUR}
PAYEES = frozenset({Role.BUR, Role.CO, Role.FIN})
PAYMENTS = frozenset({Role.FIN, Role.CO, Role.BUR})
COMPANY_MONEY = frozenset({Role.FIN, Role.CO})
COLLECTION = COMPANY_MONEY | {Role.BUR}
FEE_QUESTIONS = COMPANY_MONEY | {Role.MGR, Role.BUR}
FINANCE = frozenset({Role.FIN, Role.CO})
CHOOSES_DISPATCHING = frozenset({Role.MGR, Role.CO})
DASHBOARD = REGULATORS | {Role.CO}
EVERYBODY = frozenset(set(Role) - {Role.RES, Role.SYS})


@dataclass(frozen=True)
class Entry:
    """One line of the column."""

    label: str
    endpoint: str
    roles: frozenset[Role]
    group: str


ENTRIES = (
    Entry("总览", "dashboard.index", REGULATORS, "监管"),
    Entry("时限与参数", "limits.index", BUREAU, "监管"),
    Entry("时限试算", "what_if.index", BUREAU, "监管"),
    Entry("应急期", "emergencies.index", BUREAU, "监管"),
    Entry("督办与约谈", "drafts.index", BUREAU, "监管"),
    Entry("参考上限", "ceilings.index", BUREAU, "监管"),
    Entry("收缴监管", "collection.index", BUREAU, "监管"),
    Entry("收款开通", "payees.index", BUREAU, "监管"),
    Entry("缴费记录", "payments.index", BUREAU, "监管"),
    Entry("退费", "refunds.index", BUREAU, "监管"),
    Entry("费用咨询", "fee_questions.index", BUREAU, "监管"),
    Entry("工单看板", "board.index", BOARD, "值班"),
    Entry("总览", "dashboard.index", frozenset({Role.CO}), "值班"),
    Entry("前台登记", "front_desk.index", DESK, "值班"),
    Entry("交接班", "handover.index", DESK, "值班"),
    Entry("没收到消息", "unheard.index", DESK, "值班"),
    Entry("随手拍", "snaps.index", DESK, "值班"),
    Entry("工单查询", "orders.index", ORDERS, "工单"),
    Entry("转来的工单", "transfers.index", DESK, "工单"),
    Entry("随手拍", "snaps.index", SNAPS - DESK, "工单"),
    Entry("申诉复核", "appeals.index", REGULATORS, "工单"),
    Entry("指定处理单位", "transfers.index", REGULATORS, "工单"),
    Entry("特延审批", "special_extensions.index", REGULATORS, "工单"),
    Entry("价目", "prices.index", PRICES - BUREAU, "工单"),
    Entry("住房审核", "bindings.index", DESK, "居民"),
    Entry("费用咨询", "fee_questions.index", frozenset({Role.MGR}), "居民"),
    Entry("师傅与证书", "workers.index_view", COMPANY | {Role.BUR}, "人员"),
    Entry("值守排班", "roster.index", COMPANY, "人员"),
    Entry("派工方式", "dispatching.index", CHOOSES_DISPATCHING, "人员"),
    Entry("员工", "staff.index_view", COMPANY, "人员"),
    Entry("账单", "bills.index", COMPANY_MONEY, "财务"),
    Entry("收费标准", "fees.index", COMPANY_MONEY, "财务"),
    Entry("缴费记录", "payments.index", PAYMENTS - BUREAU, "财务"),
    Entry("退费", "refunds.index", PAYMENTS - BUREAU, "财务"),
    Entry("收缴情况", "collection.index", COMPANY_MONEY, "财务"),
    Entry("费用咨询", "fee_questions.index", COMPANY_MONEY, "财务"),
    Entry("发票", "invoices.index", COMPANY_MONEY, "财务"),
    Entry("收款开通", "payees.index", COMPANY_MONEY, "财务"),
    Entry("总账", "finance_ledger.index", FINANCE, "财务"),
    Entry("凭证", "finance_vouchers.index", FINANCE, "财务"),
    Entry("对账", "finance_reconciliation.index", FINANCE, "财务"),
    Entry("结算批次", "finance_settlements.index", FINANCE, "财务"),
    Entry("财务报表", "finance_reports.index", FINANCE, "财务"),
    Entry("公共收益", "finance_revenue.index", FINANCE, "财务"),
    Entry("不实报事", "false_reports.index", BUREAU, "居民"),
    Entry("审计日志", "audit.index", AUDITORS, "安全"),
    Entry("消息", "inbox.index", EVERYBODY, "我"),
    Entry("账号与安全", "account.index", EVERYBODY, "我"),
)


def entries_for(role: Role) -> list[Entry]:
    """The pages of a hat, in their order; pages that are not installed are left out."""
    known = current_app.view_functions
    return [entry for entry in ENTRIES if role in entry.roles and entry.endpoint in known]


def _alarm(role: Role) -> str:
    """What stands on every page until somebody has seen to it."""
    year = missing_year(clock.now()) if role in WHO_SHOULD_KNOW else None
    return missing_year_sentence(year) if year else ""


def _groups(role: Role) -> list[tuple[str, list[Entry]]]:
    return [
        (group, list(found)) for group, found in groupby(entries_for(role), key=lambda entry: entry.group)
    ]


def first_page(role: Role) -> str:
    """Where a hat begins its day."""
    return url_for(entries_for(role)[0].endpoint)


def navigation_context() -> dict[str, Any]:
    """What the layout needs on a console page; nothing on any other."""
    visitor = g.get("visitor")
    if visitor is None:
        return {}
    own = own_scope(visitor.scope)
    return {
        "person": who_is(visitor.signed_in.account_id, visitor.signed_in.hat_id),
        "groups": _groups(visitor.signed_in.role) if visitor.signed_in.hat_id else [],
        "opens_orders": visitor.signed_in.role in ORDERS,
        "current_blueprint": request.blueprint,
        "unread": unread_count(own),
        "role": visitor.signed_in.role,
        "alarm": _alarm(visitor.signed_in.role),
    }
