"""What the books refuse, in words that say what can be done instead."""

from __future__ import annotations

from app.core.db import translate_constraint
from app.core.errors import NotFound, WrongState


class VoucherUnknown(NotFound):
    """Hidden or missing."""

    code = "voucher_not_found"
    message = "没有找到这张凭证"


class SamePerson(WrongState):
    """Entering, approving and checking are for different persons."""

    code = "same_person"
    message = "制单、审核、核对要由不同的人做,请换一位同事来做这一步"


class VoucherDecided(WrongState):
    """Somebody was faster."""

    code = "voucher_decided"
    message = "这张凭证已经有人处理过,请刷新后再看"


class AlreadyReversed(WrongState):
    """One voucher is reversed once."""

    code = "already_reversed"
    message = "这张凭证已经有冲销凭证,不能再冲一次"


class QuarterClosed(WrongState):
    """What residents have read does not change behind their backs."""

    code = "quarter_closed"
    message = "这个季度的公共收益已审核或公示,不能再记进去;请记在今天,或先撤回公示"


class ReportUnknown(NotFound):
    """Hidden or missing."""

    code = "report_not_found"
    message = "没有找到这份公示"


class ReportExists(WrongState):
    """One living report for each quarter of an estate."""

    code = "report_exists"
    message = "这个季度已经编制过了,可以在列表里打开;要重做请先撤回"


class FiguresMoved(WrongState):
    """The ledger is no longer what was drafted."""

    code = "figures_moved"
    message = "编制以后账上又有变动,请撤回后重新编制"


class ReportDecided(WrongState):
    """The report has gone further already."""

    code = "report_decided"
    message = "这份公示已经到了下一步,请刷新后再看"


translate_constraint("uq_vouchers_reverses_id", AlreadyReversed)
translate_constraint("ck_vouchers_two_persons", SamePerson)
translate_constraint("ck_vouchers_three_persons", SamePerson)
translate_constraint("uq_revenue_reports_quarter", ReportExists)
translate_constraint("ck_revenue_reports_two_persons", SamePerson)
