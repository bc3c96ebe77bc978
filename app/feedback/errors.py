"""Named refusals around 随手拍, with the sentence that a person reads."""

from __future__ import annotations

from app.core.errors import NotFound, WrongState


class SnapNotFound(NotFound):
    """Hidden or missing."""

    code = "snap_not_found"
    message = "没有找到这条随手拍"


class WrongSnapState(WrongState):
    """The action does not fit the present status; `fields` carries it."""

    code = "wrong_snap_state"
    message = "这条随手拍已有新进展,请刷新后再看"


class SnapOver(WrongState):
    """The promised days have passed, even if the sweep has not come yet (S1-15)."""

    code = "snap_over"
    message = "已超过答复期限,系统按未回复自动办结,不能再处理。请直接联系居民"


class NotAProblem(WrongSnapState):
    """Praise and suggestions are answered; only a problem can be repaired."""

    code = "not_a_problem"
    message = "只有“反映问题”可以转为报修,表扬和建议请直接回复"
