"""The accounts of a company's books (会计科目). Pure.

Three books are kept apart: what belongs to the company, what belongs to the owners together (公共收益, Civil Code art.
282), and the maintenance fund, which the platform only shows. Money collected for others (代收代付) is never income
and bears no handling fee (物业管理条例 art. 44).
"""

from __future__ import annotations

from app.core.labelled import Labelled


class Book(Labelled):
    """账簿."""

    PROPERTY = "property", "物业收支账"
    REVENUE = "revenue", "公共收益账"
    FUND = "fund", "维修资金账(只读)"


class Kind(Labelled):
    """What an account is: a debit raises assets and expenses, a credit the others."""

    ASSET = "asset", "资产"
    LIABILITY = "liability", "负债"
    EQUITY = "equity", "结余"
    INCOME = "income", "收入"
    EXPENSE = "expense", "支出"


class Account(Labelled):
    """科目; `label` is what people read."""

    WECHAT = "wechat", "微信待结算款"
    BANK = "bank", "银行存款"
    CASH = "cash", "库存现金"
    DIFFERENCE = "difference", "待处理差异"
    TO_REFUND = "to_refund", "待退款"
    AGENCY = "agency", "代收代付"
    OPENING = "opening", "期初结余"
    OWNERS = "owners", "业主共有结余"
    PROPERTY_FEE = "property_fee", "物业费收入"
    PARKING_FEE = "parking_fee", "车位管理费收入"
    REPAIR = "repair", "上门维修收入"
    PARKING_PUBLIC = "parking_public", "公共停车收益"
    ADVERTISING = "advertising", "广告场地收益"
    OTHER_INCOME = "other_income", "其他收入"
    STAFF = "staff", "人员费用"
    CLEANING = "cleaning", "保洁费用"
    GREENERY = "greenery", "绿化养护"
    SECURITY = "security", "秩序维护"
    MAINTENANCE = "maintenance", "设施设备维护"
    ENERGY = "energy", "公共水电"
    INSURANCE = "insurance", "保险费用"
    CHANNEL_FEE = "channel_fee", "支付手续费"
    OTHER_EXPENSE = "other_expense", "其他支出"


ASSETS = frozenset({Account.WECHAT, Account.BANK, Account.CASH, Account.DIFFERENCE})
LIABILITIES = frozenset({Account.TO_REFUND, Account.AGENCY})
EQUITY = frozenset({Account.OPENING, Account.OWNERS})
"""What was there before: of the company when it began to keep its books here, and of the owners together."""
INCOME = frozenset(
    {
        Account.PROPERTY_FEE,
        Account.PARKING_FEE,
        Account.REPAIR,
        Account.PARKING_PUBLIC,
        Account.ADVERTISING,
        Account.OTHER_INCOME,
    }
)
EXPENSES = frozenset(Account) - ASSETS - LIABILITIES - EQUITY - INCOME
PUBLIC = frozenset({Account.PARKING_PUBLIC, Account.ADVERTISING, Account.OWNERS})
"""What belongs to the owners together; everything else is posted to the company's own book unless it is said."""


def kind_of(account: Account) -> Kind:
    """Which side raises it."""
    if account in ASSETS:
        return Kind.ASSET
    if account in LIABILITIES:
        return Kind.LIABILITY
    if account in EQUITY:
        return Kind.EQUITY
    return Kind.INCOME if account in INCOME else Kind.EXPENSE


def book_of(account: Account) -> Book:
    """In which book the income of this account stands."""
    return Book.REVENUE if account in PUBLIC else Book.PROPERTY


MONEY = (Account.BANK, Account.DIFFERENCE)
"""Where the other side of a voucher may stand."""
_BY_VOUCHER = {
    Book.PROPERTY: (INCOME - PUBLIC) | {Account.OPENING, Account.AGENCY, Account.DIFFERENCE},
    Book.REVENUE: (INCOME & PUBLIC) | {Account.OTHER_INCOME, Account.OWNERS},
}
_SPENT_BY_VOUCHER = {
    Book.PROPERTY: (EXPENSES - {Account.CHANNEL_FEE}) | {Account.OPENING, Account.AGENCY, Account.DIFFERENCE},
    Book.REVENUE: (EXPENSES - {Account.CHANNEL_FEE}) | {Account.OWNERS},
}


def accounts_for(book: Book, *, income: bool) -> tuple[Account, ...]:
    """What a voucher may be for, in the order of the chart of accounts. Channel fees come from settlements alone; what
    belongs to the owners never enters the company's own book, nor the other way round (Civil Code 282). The fund book
    takes none."""
    known = (_BY_VOUCHER if income else _SPENT_BY_VOUCHER).get(book, frozenset())
    return tuple(account for account in Account if account in known)
