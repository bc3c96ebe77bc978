"""What is refused around one's own data, with the way out."""

from __future__ import annotations

from app.core.errors import TooMany, WrongState


class OpenOrders(WrongState):
    """An account is not closed while somebody is on his way to its owner."""

    code = "open_orders"
    message = "您还有报修没有办完,办完或取消以后再注销"


class StillEmployed(WrongState):
    """A hat of work belongs to the employer, who takes it off first."""

    code = "still_employed"
    message = "这个账号还有工作身份,请先请单位办理离岗,再注销"


class MoneyUnderWay(WrongState):
    """Money that is on its way needs somebody to whom it can go."""

    code = "money_under_way"
    message = "您还有正在支付或正在退回的钱,办完以后再注销"


class ExportedEnough(TooMany):
    """Three copies a day are enough for anybody; more looks like a stolen phone."""

    code = "exported_enough"
    message = "今天已经导出3次,请明天再来;急用可以到小区管理处办理"
