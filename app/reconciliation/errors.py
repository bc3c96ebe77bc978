"""What a reconciliation refuses."""

from __future__ import annotations

from app.core.errors import NotFound, WrongState


class CaseUnknown(NotFound):
    """Hidden or missing."""

    code = "case_not_found"
    message = "没有找到这条差异"


class CaseClosed(WrongState):
    """Somebody was faster, or it is no difference any more."""

    code = "case_closed"
    message = "这条差异已经处理过了,请刷新后再看"


class BatchUnknown(NotFound):
    """Hidden or missing."""

    code = "batch_not_found"
    message = "没有找到这个结算批次"
