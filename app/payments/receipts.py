"""电子收据: what was paid, to whom, in figures and in words, as a PDF with its font inside (S0-01). No invoice: that is
asked for separately (S0-10)."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from app.core import clock
from app.core.errors import WrongState
from app.core.money import yuan
from app.payments.capitals import capitals
from app.payments.models import PaymentState
from app.payments.queries import PaymentView

FONT, FONT_FILE = "NotoSansSC", Path(__file__).parent / "fonts" / "NotoSansSC-GB2312.ttf"
NO_INVOICE = "已付款凭据,不作报销发票。需要发票请在“缴费记录”里申请。"
DIRECT = "款项经微信支付直接进入收款单位的商户账户,平台不经手资金。"
BLUE, LINE = colors.HexColor("#1f4e79"), colors.HexColor("#b8c4d0")


class NoReceipt(WrongState):
    """Nothing was paid, or it was paid after it had been cancelled and goes back."""

    code = "no_receipt"
    message = "这笔支付没有完成,没有收据"


def facts(view: PaymentView) -> list[tuple[str, str]]:
    """Name and value of everything above the lines. Pure."""
    payment = view.payment
    if payment.state != PaymentState.PAID or payment.paid_at is None or not payment.receipt_no:
        raise NoReceipt()
    return [
        ("收据编号", payment.receipt_no),
        ("收款单位", view.payee),
        ("付款时间", f"{clock.in_china(payment.paid_at):%Y年%m月%d日 %H:%M}"),
        ("付款方式", "微信支付"),
        ("微信支付单号", payment.transaction_id or ""),
        ("商户单号", payment.out_trade_no),
    ]


def sums(view: PaymentView) -> list[tuple[str, str]]:
    """The amount in figures and in words, and what has gone back since. Pure."""
    payment = view.payment
    found = [("合计", yuan(payment.amount_fen)), ("大写", capitals(payment.amount_fen))]
    if payment.refunded_fen:
        left = payment.amount_fen - payment.refunded_fen
        found += [("已退款", yuan(payment.refunded_fen)), ("实收", f"{yuan(left)}({capitals(left)})")]
    return found


def receipt_pdf(view: PaymentView) -> bytes:
    """The receipt; raises NoReceipt for a payment that has not arrived. The same receipt is the same bytes."""
    known = facts(view)
    _load_font()
    story: list[Flowable] = [
        Paragraph("电子收据", _style(20, alignment=TA_CENTER, textColor=BLUE, leading=28)),
        Spacer(1, 6 * mm),
        _pairs(known),
        Spacer(1, 5 * mm),
        _lines(view),
        Spacer(1, 4 * mm),
        _pairs(sums(view), size=12),
        Spacer(1, 8 * mm),
        Paragraph(NO_INVOICE, _style(10, textColor=BLUE)),
        Paragraph(DIRECT, _style(9, textColor=colors.grey)),
    ]
    out = io.BytesIO()
    page = SimpleDocTemplate(
        out,
        pagesize=A4,
        title=f"电子收据 {view.payment.receipt_no}",
        author=view.payee,
        leftMargin=22 * mm,
        rightMargin=22 * mm,
        topMargin=20 * mm,
        bottomMargin=18 * mm,
        invariant=1,
    )
    page.build(story)
    return out.getvalue()


@cache
def _load_font() -> None:
    pdfmetrics.registerFont(TTFont(FONT, str(FONT_FILE)))


def _style(size: int, **other: Any) -> ParagraphStyle:
    plain = {"fontName": FONT, "fontSize": size, "leading": size * 1.5, "wordWrap": "CJK"}
    return ParagraphStyle("receipt", **{**plain, **other})


def _text(words: str, size: int = 10, **other: Any) -> Paragraph:
    return Paragraph(escape(words), _style(size, **other))


def _pairs(rows: list[tuple[str, str]], size: int = 10) -> Table:
    cells = [[_text(name, size, textColor=colors.grey), _text(value, size)] for name, value in rows]
    return Table(
        cells, colWidths=[32 * mm, 134 * mm], style=TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP")])
    )


def _lines(view: PaymentView) -> Table:
    rows = [[_text("项目", 10), _text("金额", 10, alignment=TA_RIGHT)]]
    rows += [
        [_text(line.label), _text(yuan(line.amount_fen), alignment=TA_RIGHT)] for line in view.payment.lines
    ]
    style = TableStyle(
        [
            ("LINEABOVE", (0, 0), (-1, 0), 1, BLUE),
            ("LINEBELOW", (0, 0), (-1, 0), 0.7, BLUE),
            ("LINEBELOW", (0, 1), (-1, -1), 0.4, LINE),
            ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ]
    )
    return Table(rows, colWidths=[128 * mm, 38 * mm], style=style, repeatRows=1)
