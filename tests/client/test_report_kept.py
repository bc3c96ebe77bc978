"""A report is never lost and never doubled: closed apps, no network, lost answers, two taps, refusals."""

from __future__ import annotations

from playwright.sync_api import Route, expect

from tests.client.reporting import ONE, REPORT, SENT, THREE, TWO, at_send, orders, send_anyway

STORED_FILES = """async () => new Promise((done) => {
  const asked = indexedDB.open('anju', 1)
  asked.onsuccess = () => {
    const count = asked.result.transaction('files').objectStore('files').count()
    count.onsuccess = () => done(count.result)
  }
})"""


def send_kept(phone):
    """发送 without a network; what was known of neighbours still asks."""
    phone.tap("发送", exact=True)
    insist = phone.pressable("不是同一件,仍要报").first
    expect(insist.or_(phone.text("联网后自动发送").first)).to_be_visible()
    if insist.is_visible():
        insist.tap()


def test_a_draft_with_its_photos_survives_a_closed_app(phones):
    phone = phones(TWO).open(REPORT)
    phone.photograph("拍照", kind="trash_full")
    phone.tap("上一步")
    phone.photograph("再拍一张", kind="lamp_dark")
    expect(phone.page.get_by_role("img", name="第 2 张照片").first).to_be_visible()
    phone.tap("下一步")
    phone.tap("健身小广场")
    phone.tap("也可以写几个字")
    phone.type("写几个字", "这里的垃圾三天没人收")
    phone.tap("现场有危险")
    phone.close_app()
    phone.open(REPORT)
    phone.sees("照片:2 张")
    phone.sees("在:健身小广场")
    assert phone.page.get_by_label("写几个字").input_value() == "这里的垃圾三天没人收"
    expect(phone.page.get_by_role("checkbox", name="现场有危险")).to_have_attribute("aria-checked", "true")
    phone.tap("照片:2 张")
    phone.tap("删除第 1 张照片")
    expect(phone.page.get_by_role("img", name="第 2 张照片")).to_have_count(0)
    expect(phone.page.get_by_role("img", name="第 1 张照片").first).to_be_visible()
    phone.tap("下一步")
    phone.tap("不报了,清空")
    phone.tap("清空", exact=True)
    phone.sees("葛布店北里")
    phone.open(REPORT)
    phone.sees("拍一张照片")
    assert phone.page.evaluate(STORED_FILES) == 0


def test_without_a_network_it_is_kept_and_sent_once_when_there_is_one(phones, district):
    before = len(orders(district, THREE))
    phone = at_send(phones(THREE), "南门路灯", kind="lamp_dark")
    phone.sees("我们猜是:庭院/道路路灯不亮")
    with phone.offline():
        send_kept(phone)
        phone.sees("已保存,联网后自动发送")
        phone.tap("回首页")
        phone.sees("公区报事:南门路灯")
        phone.sees("已保存,联网后自动发送")
        assert len(phone.stored("outbox")) == 1
        phone.close_app()  # before the network is back, and much later:
    phone.open()
    phone.sees("已收到,编号", within_s=20)
    phone.page.wait_for_timeout(1500)
    assert len(orders(district, THREE)) == before + 1
    [newest, *_] = orders(district, THREE)
    assert (newest["place"], bool(newest["thumb"])) == ("南门路灯", True)
    phone.tap("看一看")
    phone.sees(newest["number"])
    phone.sees("过时自动转 962121 热线")
    phone.tap("回首页")
    phone.sees_no("看一看")
    assert phone.page.evaluate(STORED_FILES) == 0


def test_the_card_appears_on_the_open_page_as_soon_as_the_network_is_back(phones, district):
    phone = at_send(phones(ONE), "健身小广场")
    with phone.offline():
        send_kept(phone)
        phone.sees("已保存,联网后自动发送")
    phone.sees("已收到", within_s=20)
    [newest, *_] = orders(district, ONE)
    phone.sees(newest["number"])


def test_an_answer_that_was_lost_on_the_way_does_not_double_the_report(phones, district):
    before = len(orders(district, TWO))
    phone = at_send(phones(TWO, tolerated=("ERR_FAILED", "ERR_CONNECTION")), "消防通道")
    lost = []

    def lose_once(route):
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch().status)
            route.abort()
        else:
            route.continue_()

    phone.page.route("**/api/v1/orders", lose_once)
    send_anyway(phone)
    phone.sees("已收到", within_s=20)
    assert lost == [201]
    assert len(orders(district, TWO)) == before + 1


def test_two_taps_on_send_send_once(phones, district):
    before = len(orders(district, ONE))
    phone = at_send(phones(ONE), "中心路")
    phone.page.wait_for_timeout(800)
    phone.pressable("发送", exact=True).first.evaluate(
        "button => { button.click(); button.click(); button.click() }"
    )
    insist = phone.pressable("不是同一件,仍要报").first
    expect(insist.or_(phone.text("已收到").last)).to_be_visible()
    if insist.is_visible():
        insist.evaluate("button => { button.click(); button.click() }")
    phone.arrives_at(SENT)
    phone.page.wait_for_timeout(1000)
    assert len(orders(district, ONE)) == before + 1


def test_a_refusal_is_read_and_nothing_of_the_report_is_lost(phones, district):
    phone = at_send(phones(TWO), "健身小广场")
    phone.tap("也可以写几个字")
    phone.type("写几个字", "秋千的链子断了一边")
    phone.sees("我们猜是:健身/儿童设施损坏")

    def refuse(route):
        if route.request.method != "POST":
            return route.continue_()
        body = '{"code":"invalid","message":"这里暂时不能报修,请打电话给物业","fields":{}}'
        return route.fulfill(status=422, content_type="application/json", body=body)

    phone.page.route("**/api/v1/orders", refuse)
    phone.tap("发送", exact=True)
    insist = phone.pressable("不是同一件,仍要报").first
    refused = phone.text("错误:这里暂时不能报修,请打电话给物业").first
    expect(insist.or_(refused)).to_be_visible()
    if insist.is_visible():
        insist.tap()
    expect(refused).to_be_visible()
    phone.close_app()
    phone.open(REPORT)
    phone.sees("照片:1 张")
    assert phone.page.get_by_label("写几个字").input_value() == "秋千的链子断了一边"
    assert phone.stored("outbox") == []


def test_a_slow_network_is_not_waited_for_and_a_late_refusal_can_be_mended(phones, district):
    phone = at_send(phones(ONE, tolerated=("status of 422",)), "健身小广场")
    waiting: list[Route] = []
    phone.page.route("**/api/v1/orders", lambda route: waiting.append(route))
    send_anyway(phone, seen="已保存")
    phone.sees("联网后自动发送", within_s=15)
    body = '{"code":"invalid","message":"文字里有不合适的内容,请改一改","fields":{}}'
    waiting[0].fulfill(status=422, content_type="application/json", body=body)
    phone.sees("错误:文字里有不合适的内容,请改一改")
    phone.page.unroute_all()
    phone.tap("回去改一改")
    phone.arrives_at(REPORT)
    phone.sees("照片:1 张")


def test_what_was_refused_hours_later_goes_back_to_its_page(phones, district):
    phone = at_send(phones(ONE), "健身小广场")
    with phone.offline():
        send_kept(phone)
        phone.sees("联网后自动发送")
        phone.close_app()
    body = '{"code":"invalid","message":"文字里有不合适的内容,请改一改","fields":{}}'
    phone.page.route(
        "**/api/v1/orders",
        lambda route: (
            route.fulfill(status=422, content_type="application/json", body=body)
            if route.request.method == "POST"
            else route.continue_()
        ),
    )
    phone.open()
    phone.sees("没有发出去:文字里有不合适的内容,请改一改", within_s=20)
    phone.tap("改一改再发")
    phone.arrives_at(REPORT)
    phone.sees("照片:1 张")
    phone.sees("在:健身小广场")
    assert phone.stored("outbox") == []
