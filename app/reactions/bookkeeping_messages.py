"""What people are told of invoices and fee questions, in the app alone (domain 3.13). Pure; no home, no full name."""

from __future__ import annotations

from app.fees.question_lifecycle import State as QuestionState
from app.invoices.lifecycle import REQUEST
from app.invoices.lifecycle import Action as InvoiceAction
from app.reactions.message import Message, in_app

INVOICE, QUESTION, DESK = "invoice", "fee_question", "desk_money"


def invoice_message(action: str, *, title: str, note: str, electronic: bool) -> Message | None:
    """What the payer reads; None for his own doing."""
    issued = f"您的{title}发票已开好" + (
        ",已发到您的邮箱。" if electronic else f",号码 {note}。送到以后再通知您。"
    )
    words = {
        InvoiceAction.ISSUE.value: ("发票已开好", issued),
        InvoiceAction.SEND_BACK.value: (
            "发票申请退回",
            f"您的{title}发票没有开成:{note}。请改好以后再申请一次。",
        ),
        InvoiceAction.SET_OUT.value: ("发票可以领取", f"您的{title}发票已放到小区管理处,请方便时来取。"),
        InvoiceAction.POST.value: ("发票正在投递", f"您的{title}发票正在投递到您家的信报箱。"),
        InvoiceAction.COLLECT.value: (
            "发票已领取",
            f"您的{title}发票已领取。不是您或家人领的,请告诉管理处。",
        ),
        InvoiceAction.DELIVER.value: ("发票已投递", f"您的{title}发票已投递到您家的信报箱,请留意查收。"),
        InvoiceAction.REVERSE.value: ("发票已红冲", f"您的{title}发票已红冲,原发票不能再用。"),
        InvoiceAction.FINISH_REVERSAL.value: ("发票已红冲", f"您的{title}电子发票已红冲,原发票不能再用。"),
        InvoiceAction.REVERSE_BY_HAND.value: ("发票已红冲", f"您的{title}电子发票已红冲,原发票不能再用。"),
    }
    found = words.get(action)
    return in_app(INVOICE, *found) if found else None


def invoice_work_message(action: str, *, electronic: bool) -> Message | None:
    """What the accountants have to do: write one out on paper, or settle what the service would not reverse. Anything
    else electronic needs nobody."""
    if action == REQUEST and not electronic:
        return in_app(DESK, "居民申请发票", "有一张发票等您开具,请在“发票”里办理。")
    if action == InvoiceAction.REVERSAL_REFUSED:
        body = (
            "电子发票服务没有红冲一张发票,原因在“发票”→“已开,待送出”里。办好以后登记红字发票号码,才能退费。"
        )
        return in_app(DESK, "电子发票没有红冲", body)
    return None


def asker_message(state: str, *, bill: str) -> Message | None:
    """What the asker reads of an answer; None for what he did himself."""
    said = {
        QuestionState.ANSWERED.value: ("物业已答复", "请看看解决了没有。没解决会转物业公司答复。"),
        QuestionState.COMPANY_ANSWERED.value: ("物业公司已答复", "请看看解决了没有。没解决会转房管局。"),
        QuestionState.CONCLUDED.value: ("房管局已答复", "请在“费用咨询”里查看。"),
    }.get(state)
    return in_app(QUESTION, said[0], f"您问的 {bill} 账单有答复了,{said[1]}") if said else None


def answerer_message(state: str, *, bill: str, days: int) -> Message | None:
    """What those read who owe the next answer."""
    titles = {
        QuestionState.SUBMITTED.value: "居民问账单",
        QuestionState.COMPANY.value: "费用咨询没有解决",
        QuestionState.BUREAU.value: "费用咨询升级到房管局",
    }
    if state not in titles:
        return None
    return in_app(DESK, titles[state], f"居民对 {bill} 账单有疑问,请在 {days} 个工作日内答复。")


def late_message(*, bill: str) -> Message:
    """What managers and administrators read when the answer has not come."""
    return in_app(DESK, "费用咨询超时未答复", f"居民问 {bill} 账单,到期还没有答复,请督促尽快答复。")
