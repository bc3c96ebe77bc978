"""Named refusals around orders, with the sentence that a person reads."""

from __future__ import annotations

from app.core.errors import Conflict, Invalid, NotFound, TooMany, WrongState


class OrderNotFound(NotFound):
    """Hidden or missing."""

    code = "order_not_found"
    message = "没有找到这张工单"


class WrongOrderState(WrongState):
    """The action does not fit the present status; `fields` carries it."""

    code = "wrong_order_state"


class AlreadyHotline(WrongOrderState):
    """Nobody accepted in time; 962121 has the order now (K2)."""

    code = "already_hotline"
    message = "这张工单已转962121,由热线指定处理单位"


class OverdueAlready(WrongState):
    """Extensions are asked and granted before the due instant (K5)."""

    code = "overdue_already"
    message = "已超期,不能再申请延期,请尽快修复并向居民说明"


class ExtendedAlready(WrongState):
    """An order is extended once (S3-17)."""

    code = "extended_already"
    message = "这张工单已经延期过一次,不能再次延期"


class SamePerson(WrongState):
    """Who asked for an extension may not grant it."""

    code = "same_person"
    message = "延期不能由申请人自己批准,请由另一位经理或企业管理员批准"


class SlotFull(Conflict):
    """Another resident took the last place."""

    code = "slot_full"
    message = "这个时段刚被约满,请换一个时段"


class SlotPast(Invalid):
    """The slot has begun."""

    code = "slot_past"
    message = "这个时段已经开始,请选后面的时段"


class SlotTooLate(Invalid):
    """A hold lasts 72 hours at most, so the new slot begins within them (T14)."""

    code = "slot_too_late"
    message = "这个时间太晚了,请选早一些的时间"


class NoLaterSlot(WrongState):
    """All free slots within the 72 hours are shown already."""

    code = "no_later_slot"
    message = "三天内没有更晚的空时段了,请选一个,或打电话给物业商量"


class HoldOver(WrongState):
    """The hold has ended by itself, even if the sweep has not come yet."""

    code = "hold_over"
    message = "选时间的期限已过,物业会打电话和您约,也可以打电话给物业"


class HeldTwice(WrongState):
    """Two holds in a round (T14)."""

    code = "held_twice"
    message = "这张工单已经改约过两次,不能再改约。请和居民电话商定后继续处理,或请小区经理出面"


class NoService(Invalid):
    """The estate is not served, or its company may not receive orders (S2-02)."""

    code = "no_service"
    message = "这个小区暂未开通这项服务,请拨打社区或962121"


class MissingEvidence(Invalid):
    """A step lacks its proof; `fields` names what."""

    code = "missing_evidence"
    message = "还缺少材料,请补充后再提交"


class NotDispatchable(Invalid):
    """This worker may not be sent on this visit."""

    code = "not_dispatchable"
    message = "这位师傅现在不能派这张工单"


class GrabbedAlready(WrongOrderState):
    """A colleague was faster."""

    code = "grabbed_already"
    message = "这张工单刚被同事接走了,看看别的吧"


class UrgedRecently(TooMany):
    """One urge in four hours."""

    code = "urged_recently"
    message = "您4小时内已经催过一次,我们已通知物业,请稍等"


class RatedAlready(Conflict):
    """One rating per person and repair."""

    code = "rated_already"
    message = "您已经评价过这次维修,谢谢"


class TooLate(WrongState):
    """The window of an action has passed."""

    code = "too_late"
    message = "已超过可以操作的期限,请重新报修"


class OwnOrder(Conflict):
    """Nobody follows what he has reported himself."""

    code = "own_order"
    message = "这是您自己报的,不用再点“我也遇到”,进展会直接发给您"


class FollowedTooLate(WrongOrderState):
    """What is repaired, cancelled or refused cannot be joined any more."""

    code = "followed_too_late"
    message = "这张报修已经结束,如果问题还在,请您重新报一次"


class MasterOver(WrongOrderState):
    """The order into which a report should go has ended meanwhile."""

    code = "master_over"
    message = "那张工单已经结束,不能再并入"


class NotThisOffice(Invalid):
    """An order cannot be handed to this office."""

    code = "not_this_office"
    message = "不能转给这个管理处"


class TransferOver(WrongOrderState):
    """The request was answered, or the order has gone on without it."""

    code = "transfer_over"
    message = "这个转单请求已经处理过了,列表已更新"


class AppealedAlready(WrongOrderState):
    """One appeal against one rejection."""

    code = "appealed_already"
    message = "您已经申诉过,请等街道或房管局的答复"


class NotQuoted(WrongOrderState):
    """Work that costs something begins when the resident has agreed to the price (3.10)."""

    code = "not_quoted"
    message = "这类维修有公布的价格:请先报价,居民同意后再修;不收钱请点“这次不收费”"


class PriceAboveList(Invalid):
    """More than the company has published, or than the bureau's ceiling."""

    code = "price_above_list"
    message = "报价不能高于公布的价格"


class NotPaid(WrongOrderState):
    """T21 waits for the money where something is to be paid; rating and 没修好 do not."""

    code = "not_paid"
    message = "这张工单还有维修费没有付,付好以后就办结。也可以先评价"


class NothingOwed(WrongOrderState):
    """It costs nothing, or was paid meanwhile."""

    code = "nothing_owed"
    message = "这张工单没有要付的钱了,请刷新后再看"


class PaymentRunning(WrongOrderState):
    """Another payment of the same order has not ended: nothing is taken twice."""

    code = "payment_running"
    message = "这张工单有一笔付款还没有结束,请等它付好或取消后再操作"


class QuoteChanged(Conflict):
    """The resident has read another quote than the one that waits."""

    code = "quote_changed"
    message = "报价刚有变化,请重新看一遍再同意"


class QuoteOver(WrongState):
    """24 hours have passed, even if the sweep has not come yet."""

    code = "quote_over"
    message = "报价已过24小时,不能再答复。要修请打电话给物业"


class OneOrderADay(TooMany):
    """Five false reports in thirty days: one order a day, no ban (3.8)."""

    code = "one_order_a_day"
    message = "您现在每天可以报1件,请明天再报;急事请打物业电话或962121"
