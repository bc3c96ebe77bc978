"""The cashier's books outlive a restart, even one in the middle of a line; a reset clears them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from tests.fakes.loopback import Reply, loopback
from tests.fakes.sandbox import start_sandbox
from tests.wechat_sandbox.merchant import PAYER, Merchant, parsed, xml
from wechat_sandbox.storage import PAY_FILE_NAME

REPOSITORY = Path(__file__).parents[2]
YES = xml({"return_code": "SUCCESS"})


def test_orders_refunds_and_waiting_notices_outlive_a_restart(tmp_path: Path):
    with loopback(lambda _: Reply(YES)) as server:
        notify = {"notify_url": server.url + "/notice"}
        with start_sandbox(database_dir=tmp_path) as first:
            merchant = Merchant(first)
            first.fault("notice", "hold")
            first.pay_switches(refund_takes=3600)
            first.call("POST", "/pay/sub_merchants", {"sub_mch_id": "1900000777", "name": "丁物业"})
            prepay_id = merchant.order("A0000001", **notify)["prepay_id"]
            paid = merchant.paid("A0000002", body="费\u2028用", **notify)
            first.deliver()
            merchant.refund("A0000002", "R1", 345, **notify)
        assert server.heard == []
        with start_sandbox(database_dir=tmp_path) as second:
            merchant = Merchant(second)
            assert second.pay_order("A0000002")["transaction_id"] == paid["transaction_id"]
            assert second.pay_order("A0000002")["body"] == "费\u2028用"
            assert merchant.order("A0000003", sub_mch_id="1900000777")["result_code"] == "SUCCESS"
            second.pay_as(PAYER, merchant.params(prepay_id))
            second.advance(2)
            second.deliver()
            assert merchant.refund_query(out_refund_no="R1")["refund_status_0"] == "SUCCESS"
            assert second.call("POST", "/pay/release")["released"] == 1
            second.deliver()
            told = [parsed(heard.body.decode()).get("out_trade_no", "refund") for heard in server.heard]
    assert set(told) == {"A0000001", "A0000002", "refund"}


def test_a_line_that_was_cut_off_loses_itself_only(tmp_path: Path):
    with start_sandbox(database_dir=tmp_path) as first:
        Merchant(first).paid("A0000001")
    path = tmp_path / PAY_FILE_NAME
    path.write_text(path.read_text("utf-8") + '{"kind": "trade", "fie', "utf-8")
    with start_sandbox(database_dir=tmp_path) as second:
        assert second.pay_order("A0000001")["state"] == "SUCCESS"
    assert all(json.loads(line) for line in path.read_text("utf-8").splitlines())


def test_a_reset_clears_the_books_and_the_file(tmp_path: Path):
    with start_sandbox(database_dir=tmp_path) as first:
        Merchant(first).paid("A0000001")
        first.pay_switches(trade_managed=True)
        first.reset()
        assert first.call("GET", "/pay/orders")["orders"] == []
        assert first.call("GET", "/pay/notices")["notices"] == []
        assert first.call("GET", "/pay/switches")["trade_managed"] is False
    assert "A0000001" not in (tmp_path / PAY_FILE_NAME).read_text("utf-8")


def test_a_notice_from_before_a_reset_changes_nothing_after_it(merchant: Merchant):
    def slow(_: object) -> Reply:
        time.sleep(0.4)
        return Reply(YES)

    with loopback(slow) as server:
        merchant.paid("A0000001", notify_url=server.url + "/notice")
        server.wait_for(1)
        merchant.sandbox.reset()
        time.sleep(0.6)  # nothing can be awaited: the point is that nothing comes
        assert merchant.sandbox.pay_tries() == []


def test_hundreds_of_orders_need_no_longer_than_the_first(merchant: Merchant):
    """Eight tills at once; a thousand orders in the books cost the next one no more of the processor."""
    openid = merchant.sandbox.openid(PAYER)

    def order(number: int) -> bool:
        return merchant.order(f"A{number:07d}", openid=openid)["result_code"] == "SUCCESS"

    def timed(numbers: range) -> float:
        began = time.process_time()
        with ThreadPoolExecutor(8) as threads:
            assert all(threads.map(order, numbers))
        return time.process_time() - began

    first, later = timed(range(200)), [timed(range(start, start + 200)) for start in (200, 400, 600, 800)]
    assert min(later) < 2 * first
    assert min(first, *later) < 5, "seconds of till and sandbox together, on a busy machine"


@pytest.mark.processes
def test_what_was_paid_a_moment_before_a_kill_is_there_again(tmp_path: Path):
    def restart(use: Callable[[str], None]) -> None:
        command = [sys.executable, "-m", "wechat_sandbox", "--port", "0", "--database-dir", str(tmp_path)]
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        with subprocess.Popen(
            command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True, env=environment
        ) as process:
            try:
                assert process.stdout is not None
                use("http://" + process.stdout.readline().split("http://")[1].split("(")[0].strip())
            finally:
                process.kill()

    def sell(url: str) -> None:
        _order_at(url)
        time.sleep(1.5)  # the file is written once a second

    def find(url: str) -> None:
        answer = requests.get(f"{url}/sandbox/pay/orders/A0000001", timeout=10)
        assert answer.json()["state"] == "NOTPAY"

    restart(sell)
    restart(find)


def _order_at(url: str) -> None:
    class Remote:
        def __init__(self) -> None:
            self.url = url

        def openid(self, name: str) -> str:
            return requests.get(f"{url}/sandbox/users/{name}", timeout=10).json()["openid"]

    assert Merchant(Remote()).order("A0000001")["result_code"] == "SUCCESS"  # type: ignore[arg-type]
