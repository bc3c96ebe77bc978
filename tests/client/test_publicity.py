"""收费公示 and 公共收益: what a company charges, and what the common parts brought, on a resident's phone."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.client import publicity
from tests.client.district import NEWCOMER, NON_PILOT, RESIDENT, TENANT
from tests.client.field import api
from tests.client.money import owns_too, yuan
from tests.client.sight_money import OTHER_COMPANYS_ESTATE, TWO_COMPANIES

BILLS, FEES, REVENUE, ESTATE = (
    "money/bills/bills",
    "money/fees/fees",
    "money/revenue/revenue",
    "more/estate/estate",
)


def fees(district, who):
    return api(district, who).get(f"/estates/{publicity.estate_of(district, who)}/fees")


def test_what_is_charged_is_two_taps_from_the_bills_with_the_price_to_come(phones, district):
    publicity.announce_price(district, NON_PILOT, 15_000)
    phone = phones(NON_PILOT).open(BILLS)
    phone.tap("收费公示")
    phone.arrives_at(FEES)
    said = fees(district, NON_PILOT)
    assert len(said["items"]) > 1
    for item in said["items"]:
        phone.sees(item["label"])
        phone.sees(item["price_words"])
        phone.sees(item["method"])
    phone.sees(said["company"])
    phone.sees("起改为 ¥1.50")
    phone.sees("不加手续费")
    expect(phone.pressable("打 12315")).to_be_visible()
    expect(phone.pressable(f"打电话给物业 {said['office_phone']}")).to_be_visible()


def test_whoever_has_a_link_reads_the_charges_without_signing_in(phones, district):
    phone = phones().open(FEES, id=publicity.estate_of(district, RESIDENT))
    phone.sees(fees(district, RESIDENT)["items"][0]["price_words"])
    assert phone.path == FEES


def test_a_quarter_says_what_came_what_was_spent_and_what_is_left(phones, district):
    """S0-15: income by source, cost, balance."""
    older, newer = publicity.quarters_are_public(district, RESIDENT)
    phone = phones(RESIDENT).open(BILLS)
    phone.tap("公共收益")
    phone.arrives_at(REVENUE)
    phone.sees(f"{newer.label}末")
    phone.sees(f"结余 {yuan(2_436_000)}")
    shown = phone.page.get_by_role("list").filter(visible=True)
    expect(shown.and_(phone.page.get_by_label("收入", exact=True))).to_contain_text(
        re.compile(r"广告场地收益\s*¥14400\.00\s*公共停车收益\s*¥9000\.00")
    )
    expect(shown.and_(phone.page.get_by_label("支出", exact=True))).to_contain_text("¥2880.00")
    expect(shown.and_(phone.page.get_by_label("结余怎么算的"))).to_contain_text(
        re.compile(r"季度初的结余\s*¥3840\.00.*季度末的结余\s*¥24360\.00", re.DOTALL)
    )
    phone.tap("看别的季度")
    phone.tap(older.label)
    phone.sees(f"结余 {yuan(384_000)}")
    phone.sees_no("公共停车收益")


def test_quarters_are_compared_in_a_chart_whose_bars_are_as_long_as_their_sums_and_in_a_table(
    phones, district
):
    older, newer = publicity.quarters_are_public(district, RESIDENT)
    phone = phones(RESIDENT).open(REVENUE)
    phone.sees("各季度末的结余")
    chart = phone.page.get_by_role("list", name="季度末的结余").filter(visible=True)
    rows = chart.get_by_role("listitem")
    expect(rows).to_have_text([re.compile(older.label), re.compile(newer.label)])
    widths = [rows.nth(place).locator(".money-bar-fill").bounding_box()["width"] for place in (0, 1)]
    assert abs(widths[0] / widths[1] - 3_840 / 24_360) < 0.01
    table = phone.page.get_by_role("table", name="各季度的收入、支出和结余")
    cells = table.get_by_role("row").filter(has_text=newer.label).get_by_role("cell")
    expect(cells).to_have_text(["收入 ¥23400.00", "支出 ¥2880.00", "结余 ¥24360.00"])


def test_where_nothing_was_published_a_sentence_says_what_will_be_here(phones, district):
    phone = phones(TENANT).open(REVENUE)
    phone.sees("物业还没有公示过")
    expect(phone.pressable("收费公示")).to_be_visible()


def test_neighbours_come_from_the_records_of_their_estate(phones, district):
    phone = phones(RESIDENT).open(ESTATE)
    phone.tap("公共收益")
    phone.arrives_at(REVENUE)
    phone.tap("收费公示")
    phone.arrives_at(FEES)
    phone.sees(fees(district, RESIDENT)["company"])


def test_who_has_homes_in_two_estates_looks_at_either(phones, district):
    owns_too(district, TWO_COMPANIES, OTHER_COMPANYS_ESTATE)
    homes = api(district, TWO_COMPANIES).get("/me/homes")["items"]
    other = next(home for home in homes if home["estate_id"] != homes[0]["estate_id"])
    phone = phones(TWO_COMPANIES).open(FEES)
    phone.sees(homes[0]["estate"])
    phone.tap("换一个小区")
    phone.tap(other["estate"])
    phone.sees(api(district, TWO_COMPANIES).get(f"/estates/{other['estate_id']}/fees")["company"])
    phone.sees_no(homes[0]["estate"])


def test_who_has_no_home_reads_what_to_do_first(phones):
    phone = phones(NEWCOMER).open(REVENUE)
    phone.sees("关联住房以后")
    phone.tap("关联住房")
    phone.arrives_at("more/bind/bind")


def test_without_a_network_the_last_figures_stay_and_nothing_is_invented(phones, district):
    publicity.quarters_are_public(district, RESIDENT)
    phone = phones(RESIDENT).open(REVENUE)
    phone.sees(f"结余 {yuan(2_436_000)}")
    with phone.offline():
        phone.tap("收费公示")
        phone.sees("错误:网络不好")
        phone.sees_no("正在取收费标准")
        phone.tap("返回", exact=True)
        phone.sees(f"结余 {yuan(2_436_000)}")
        phone.sees_no("错误")


def test_an_estate_that_is_not_there_is_an_error_in_words(phones):
    phone = phones(RESIDENT, tolerated=("status of 404",)).open(REVENUE, id=999_999_999)
    phone.sees("错误:")
    phone.sees_no("正在取公示")
