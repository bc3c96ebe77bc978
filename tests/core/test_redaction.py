"""No home, no name, no phone in a message, whatever staff type."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.redaction import without_personal_data


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("302室卫生间漏水", "住户家卫生间漏水"),
        ("3号楼2单元302室漏水", "住户家漏水"),
        ("3-2-302 漏水", "住户家 漏水"),
        ("请打19900000123", "请打(电话略)"),
        ("请打 199 0000 0123 找他", "请打 (电话略) 找他"),
        ("座机010-12345678", "座机(电话略)"),
        ("已换2根20毫米水管", "已换2根20毫米水管"),
        ("3号楼大厅灯坏了", "3号楼大厅灯坏了"),
        ("地下室积水,15楼也有", "地下室积水,15楼也有"),
        ("水泵房停电", "水泵房停电"),
        ("预计11月25日到货", "预计11月25日到货"),
    ],
)
def test_homes_and_phones_are_replaced_by_plain_words(typed, told):
    assert without_personal_data(typed) == told


def test_the_orders_own_home_and_person_are_found_without_a_hint():
    told = without_personal_data("1502漏水,李桂兰在家", homes=["1502", "3号楼2单元1502"], names=["李桂兰"])
    assert told == "住户家漏水,居民在家"


def test_a_longer_number_is_not_taken_for_the_home():
    assert without_personal_data("配件号21502", homes=["1502"]) == "配件号21502"


WORDS = st.text(alphabet="漏水灯坏楼道,。 在家", max_size=12)


@given(before=WORDS, after=WORDS, home=st.integers(101, 3902), rest=st.integers(0, 10**9 - 1))
def test_no_phone_and_no_own_home_survives(before, after, home, rest):
    phone = f"19{rest:09d}"
    told = without_personal_data(f"{before}{home}室{after}{phone}{before}", homes=[str(home)])
    assert str(home) not in told
    assert not re.search(r"\d{7,}", told)
