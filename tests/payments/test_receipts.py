"""电子收据: amounts in words, what stands on it, and the file itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.scope import SYSTEM
from app.payments import receipts
from app.payments.capitals import DIGITS, capitals
from app.payments.queries import payment_view
from app.payments.receipts import NoReceipt, receipt_pdf
from tests.factories.money import bill_parts, make_paid, make_payment
from tests.factories.places import make_place


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        (0, "零元整"),
        (5, "伍分"),
        (50, "伍角整"),
        (55, "伍角伍分"),
        (100, "壹元整"),
        (105, "壹元零伍分"),
        (150, "壹元伍角整"),
        (1_000, "壹拾元整"),
        (28_600, "贰佰捌拾陆元整"),
        (85_800, "捌佰伍拾捌元整"),
        (100_700, "壹仟零柒元整"),
        (1_000_000, "壹万元整"),
        (1_000_500, "壹万零伍元整"),
        (1_050_000, "壹万零伍佰元整"),
        (1_450_000, "壹万肆仟伍佰元整"),
        (10_100_000, "壹拾万零壹仟元整"),
        (100_001_000, "壹佰万零壹拾元整"),
        (10_000_000_000, "壹亿元整"),
        (10_000_001_001, "壹亿零壹拾元零壹分"),
        (99_999_999_999, "玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分"),
    ],
)
def test_amounts_in_words(fen, words):
    assert capitals(fen) == f"人民币{words}"


@pytest.mark.parametrize("fen", [-1, 10**18])
def test_an_amount_that_no_receipt_has_is_refused(fen):
    with pytest.raises(ValueError, match=str(fen)):
        capitals(fen)


@given(st.integers(0, 10**17))
def test_words_can_be_read_back(fen):
    assert _read(capitals(fen)) == fen


def _read(words: str) -> int:
    rest = words.removeprefix("人民币").removesuffix("整")
    yuan, _, small = rest.rpartition("元") if "元" in rest else ("", "", rest)
    fen = 0
    for unit, value in (("角", 10), ("分", 1)):
        if unit in small:
            digit, _, small = small.partition(unit)
            fen += DIGITS.index(digit[-1]) * value
    return _number(yuan) * 100 + fen


def _number(words: str) -> int:
    """Chinese capitals without decimals, by their largest unit first."""
    for unit, value in (
        ("万亿", 10**12),
        ("亿", 10**8),
        ("万", 10**4),
        ("仟", 1000),
        ("佰", 100),
        ("拾", 10),
    ):
        if unit in words:
            high, _, low = words.partition(unit)
            return _number(high) * value + _number(low)
    digits = words.replace(DIGITS[0], "")
    return DIGITS.index(digits) if digits else 0


@pytest.fixture
def paid(app_db):
    """Three months, arrived."""
    return make_paid(make_place(), parts=bill_parts(28_600, 28_600, 28_600))


def test_the_receipt_names_the_payee_its_number_the_sum_in_figures_and_words(paid):
    view = payment_view(paid.id, SYSTEM)
    known = dict(receipts.facts(view))
    assert known["收据编号"] == view.payment.receipt_no
    assert known["收款单位"] == view.payee
    assert receipts.sums(view) == [("合计", "¥858.00"), ("大写", "人民币捌佰伍拾捌元整")]


def test_what_has_gone_back_stands_on_it(paid):
    view = payment_view(paid.id, SYSTEM)
    view.payment.refunded_fen = 800
    assert receipts.sums(view)[2:] == [("已退款", "¥8.00"), ("实收", "¥850.00(人民币捌佰伍拾元整)")]


def test_the_file_is_a_pdf_with_its_font_inside_and_the_same_each_time(paid):
    view = payment_view(paid.id, SYSTEM)
    data = receipt_pdf(view)
    assert data.startswith(b"%PDF-")
    assert b"/FontFile2" in data
    assert len(data) < 100_000
    assert receipt_pdf(view) == data


def test_sixty_lines_with_marks_in_their_names_fit(app_db):
    parts = bill_parts(*[100] * 60)
    paid = make_paid(make_place(), parts=parts)
    view = payment_view(paid.id, SYSTEM)
    view.payment.lines[0].label = "<b>]]>&amp; 物业费"
    assert receipt_pdf(view).count(b"/Type /Page\n") >= 2


def test_without_money_there_is_no_receipt(app_db):
    waiting = make_payment(make_place())
    with pytest.raises(NoReceipt):
        receipt_pdf(payment_view(waiting.id, SYSTEM))
