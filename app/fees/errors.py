"""Named refusals around bills and fee standards, with the sentence that a person reads."""

from __future__ import annotations

from app.core.errors import Conflict, Forbidden, Invalid, NotFound, WrongState


class BillNotFound(NotFound):
    """Hidden or missing."""

    code = "bill_not_found"
    message = "没有找到这张账单"


class NotOpenedHere(WrongState):
    """The estate has no payment agreement (S0-35)."""

    code = "payment_not_opened"
    message = "这个小区还没有开通线上缴费,请到小区管理处缴费"


class BillNotDue(WrongState):
    """Paid, refunded or replaced meanwhile."""

    code = "bill_not_due"
    message = "所选账单里有已缴或已更正的,请刷新后重新选择"


class BillBeingPaid(WrongState):
    """A payment of it is open; its money would be for an amount that no longer stands."""

    code = "bill_being_paid"
    message = "住户正在支付这张账单,请30分钟后再更正"


class BillRefundOpen(WrongState):
    """Its money is on its way back already."""

    code = "bill_refund_open"
    message = "这张账单有一笔退费正在办理,请等它办完后再更正"


class BillReplaced(WrongState):
    """Only the newest version can be corrected."""

    code = "bill_replaced"
    message = "这张账单已有更新的版本,请更正最新的一张"


class SameAmount(Invalid):
    """Nothing would change."""

    code = "same_amount"
    message = "更正后的金额和原来一样,不用更正"


class NotYourMoney(Forbidden):
    """Fees are the matter of the company's finance and its administrator."""

    code = "not_your_money"
    message = "收费标准由物业企业管理员设定,账单由企业财务办理"


class StandardBackdated(Invalid):
    """Bills of a month that has begun are not touched by a new price (S0-27)."""

    code = "standard_backdated"
    message = "新的收费标准最早从下个月起执行,已出的账单不变"


class StandardDatedTwice(Conflict):
    """Two prices from the same month on."""

    code = "standard_dated_twice"
    message = "这一项从这个月起已经有收费标准,请选别的月份"


class SpaceTaken(Conflict):
    """Each parking space belongs to one home at a time."""

    code = "space_taken"
    message = "这个车位已经登记给一户,请先停止原来的登记"


class BillExists(Conflict):
    """One bill for a home, a kind and a month."""

    code = "bill_exists"
    message = "这一户这个月的这项账单已经有了,要改请用“更正”"


class ServesNoEstate(Invalid):
    """The estate is not served by the company in that month."""

    code = "serves_no_estate"
    message = "这个小区当月不由本企业服务,请核对小区和月份"
