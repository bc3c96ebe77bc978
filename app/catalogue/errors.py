"""What the catalogue refuses."""

from __future__ import annotations

from app.core.errors import Conflict, Invalid, WrongState


class CategoryUnknown(Invalid):
    """No such category, or one that is not used any more."""

    code = "category_unknown"
    message = "没有这个报修类别,请重新选择"


class PriceItemUnknown(Invalid):
    """No such item, one that is not used any more, or one for which nobody may ask money."""

    code = "price_item_unknown"
    message = "价目表里没有这一项,或这一项不能定价"


class PriceAboveCeiling(Invalid):
    """S2-27: a price above the bureau's ceiling of that day is not saved."""

    code = "price_above_ceiling"
    message = "价格高于房管局公布的参考上限,请调低后再保存"


class PriceBackdated(Invalid):
    """A price or a ceiling counts from now on or later; the past is not rewritten."""

    code = "price_backdated"
    message = "价格不能早于现在生效,请改生效时间"


class PriceDatedTwice(Conflict):
    """The same item has a price from that very instant."""

    code = "price_dated_twice"
    message = "这一项在同一时刻已经有价格,请刷新后再看"


class CeilingDatedTwice(Conflict):
    """The same item has a ceiling from that very day."""

    code = "ceiling_dated_twice"
    message = "这一项从那天起已经有参考上限,请换一个生效日期"


class SamePriceProposer(WrongState):
    """A change needs two persons."""

    code = "same_price_proposer"
    message = "改动要由另一个人批准,不能自己批准自己提出的"
