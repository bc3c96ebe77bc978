"""Each defect of wechatpy 1.8.18 that this client counters has a test named after what it prevents."""

from __future__ import annotations

import json
import logging
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from redis import Redis

from app.integrations.wechat.answers import Scene
from app.integrations.wechat.client import MemoryTokenStore, MiniClient, RedisTokenStore
from app.integrations.wechat.errors import CredentialRefused, WeChatDown
from config import SANDBOX_APPID, SANDBOX_SECRET
from tests.fakes.loopback import Heard, Reply, loopback
from tests.fakes.sandbox import SandboxHandle
from tests.integrations.wechat.conftest import ClientMaker
from tests.redis_server import redis_port

TOKEN_PATH = "/cgi-bin/stable_token"
LOGIN_PATH = "/sns/jscode2session"
TEXT_PATH = "/wxa/msg_sec_check"


def check(client: MiniClient, sandbox: SandboxHandle, name: str = "王阿姨") -> None:
    client.check_text("楼道灯坏了", openid=sandbox.openid(name), scene=Scene.SOCIAL)


def test_a_refused_token_is_renewed_once_and_not_974_times(client, sandbox):
    """D1: wechatpy retries 40001/40014/42001 for ever, and each round fetches a token of the day's quota."""
    sandbox.fault(TEXT_PATH, "expired_token", times=1000)
    with pytest.raises(CredentialRefused):
        check(client, sandbox)
    assert len(sandbox.journal(TEXT_PATH)) == 2
    assert len(sandbox.journal(TOKEN_PATH)) <= 3


def test_a_dead_token_does_not_reach_the_caller(client, sandbox):
    """D1: the one renewal is enough when the platform has another token."""
    check(client, sandbox)
    sandbox.call("POST", "/tokens/kill")
    check(client, sandbox)
    assert [entry["errcode"] for entry in sandbox.journal(TEXT_PATH)] == [0, 40001, 0]


def test_an_api_that_refuses_every_token_does_not_burn_the_forced_renewals_of_the_day(client, sandbox):
    """D1: forced renewal is allowed 20 times a day; ten failing calls use it once."""
    sandbox.fault(TEXT_PATH, "expired_token", times=1000)
    for _ in range(10):
        with pytest.raises(CredentialRefused):
            check(client, sandbox)
    forced = [entry for entry in sandbox.journal(TOKEN_PATH) if entry["body"]["force_refresh"]]
    assert len(forced) == 1


@pytest.mark.parametrize("path", [TOKEN_PATH, TEXT_PATH])
def test_a_silent_platform_does_not_hold_the_caller_for_ever(path, sandbox):
    """D2: wechatpy waits for ever by default, and its token call ignores the time-out altogether."""
    hasty = MiniClient(
        SANDBOX_APPID,
        SANDBOX_SECRET,
        api_base=sandbox.url,
        token_store=MemoryTokenStore(),
        timeout=(0.3, 0.3),
    )
    sandbox.fault(path, "slow", seconds=2)
    began = time.monotonic()
    with pytest.raises(WeChatDown):
        check(hasty, sandbox)
    assert time.monotonic() - began < 1.5


def test_login_works_while_the_token_call_fails(client, sandbox):
    """D3: wechatpy fetches a token for the login and puts it on the URL."""
    sandbox.fault(TOKEN_PATH, "http_500", times=100)
    assert client.code_to_session(sandbox.code("王阿姨")).openid == sandbox.openid("王阿姨")
    assert sandbox.journal(TOKEN_PATH) == []
    assert "access_token" not in sandbox.journal(LOGIN_PATH)[0]["query"]


def test_many_cold_threads_fetch_one_token(client, sandbox):
    """D4: eight threads of wechatpy fetched eight tokens, each killing the one before."""
    sandbox.fault(TOKEN_PATH, "slow", seconds=0.2)
    start = threading.Barrier(8)

    def work(_: int) -> None:
        start.wait()
        check(client, sandbox)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(work, range(8)))
    assert len(sandbox.journal(TOKEN_PATH)) == 1
    assert [entry["path"] for entry in sandbox.journal("/cgi-bin/token")] == []


def test_workers_that_share_a_store_share_the_token(new_client, sandbox):
    """D5: wechatpy keeps the token in each process, so workers fight over it."""
    store = MemoryTokenStore()
    for _ in range(4):
        check(new_client(store), sandbox)
    assert len(sandbox.journal(TOKEN_PATH)) == 1


def test_workers_that_share_redis_share_the_token(new_client, sandbox):
    """D5: the same through Redis, cold and at the same instant."""
    prefix = f"test:{threading.get_ident()}:{time.monotonic_ns()}:"
    sandbox.fault(TOKEN_PATH, "slow", seconds=0.2)
    with redis_port() as port, closing(Redis(port=port)) as redis:
        clients = [new_client(RedisTokenStore(redis, prefix)) for _ in range(4)]
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(lambda one: check(one, sandbox), clients))
        assert len(sandbox.journal(TOKEN_PATH)) == 1
        keys = redis.keys(f"{prefix}*")
        assert keys, "the token was stored under the prefix"
        redis.delete(*keys)


def test_a_token_store_that_is_away_is_an_outage_like_any_other(new_client, sandbox):
    """D5: without the shared store no process fetches a token of its own."""
    with Redis(port=1) as nowhere, pytest.raises(WeChatDown):
        check(new_client(RedisTokenStore(nowhere)), sandbox)
    assert sandbox.journal(TOKEN_PATH) == []


def test_no_secret_is_logged_even_when_everything_logs_at_debug(sandbox, caplog: pytest.LogCaptureFixture):
    """D19: wechatpy prints whole requests at DEBUG, urllib3 prints the query with secret and token."""
    caplog.set_level(logging.DEBUG)
    for name in ("wechatpy", "wechatpy.client.base", "urllib3", "urllib3.connectionpool", "requests"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    store = MemoryTokenStore()
    client = MiniClient(SANDBOX_APPID, SANDBOX_SECRET, api_base=sandbox.url, token_store=store)
    logging.getLogger("a test").debug("this line is seen")
    session = client.code_to_session(sandbox.code("王阿姨"))
    check(client, sandbox)
    token = store.get(f"{SANDBOX_APPID}_access_token")
    assert token
    assert "this line is seen" in caplog.text
    for secret in (SANDBOX_SECRET, token, session.session_key):
        assert secret not in caplog.text
    assert logging.getLogger("wechatpy").getEffectiveLevel() >= logging.WARNING


@pytest.mark.parametrize("kind", ["drop", "http_500", "html", "slow"])
def test_no_secret_stands_in_an_error_or_its_traceback(kind, new_client, sandbox):
    """D19: requests puts the whole URL into its errors, and a chained error would print it."""
    client = MiniClient(
        SANDBOX_APPID,
        SANDBOX_SECRET,
        api_base=sandbox.url,
        token_store=MemoryTokenStore(),
        timeout=(0.5, 0.5),
    )
    sandbox.fault(LOGIN_PATH, kind, seconds=1)
    with pytest.raises(WeChatDown) as caught:
        client.code_to_session(sandbox.code("王阿姨"))
    printed = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    assert SANDBOX_SECRET not in printed
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_a_secret_that_the_platform_echoes_is_blanked(new_client):
    """D19: an error text of the platform is shown in our error, never with the secret in it."""

    def echo(_: Heard) -> Reply:
        return Reply(json.dumps({"errcode": 40125, "errmsg": f"wrong secret {SANDBOX_SECRET}"}).encode())

    with loopback(echo) as server, pytest.raises(CredentialRefused) as caught:
        new_client(api_base=server.url).code_to_session("any")
    assert SANDBOX_SECRET not in str(caught.value)


def test_the_session_key_is_not_shown_by_repr(client, sandbox):
    """D19: whoever prints the session prints no key."""
    session = client.code_to_session(sandbox.code("王阿姨"))
    assert session.session_key
    assert session.session_key not in repr(session)


def test_a_redirect_does_not_carry_the_token_away(new_client):
    """A redirecting answer is no answer: following it would hand the token to another host."""
    with loopback(lambda _: Reply(b"stolen")) as thief:
        away = Reply(status=302, headers={"Location": thief.url + "/steal"})
        with loopback(lambda _: away) as server, pytest.raises(WeChatDown):
            new_client(api_base=server.url).phone_number("any")
        assert thief.heard == []


def test_a_redirect_within_the_platform_is_not_followed_either(new_client):
    back = Reply(status=302, headers={"Location": "https://api.weixin.qq.com/elsewhere"})
    with loopback(lambda _: back) as server, pytest.raises(WeChatDown):
        new_client(api_base=server.url).code_to_session("any")
    assert len(server.heard) == 1


def test_only_scheme_and_host_of_the_address_change(new_client):
    """The sandbox sees the same path, query and body as the platform would."""
    answer = json.dumps({"openid": "o1", "session_key": "k"}).encode()
    with loopback(lambda _: Reply(answer)) as server:
        new_client(api_base=server.url).code_to_session("a&b=c/?编")
    (heard,) = server.heard
    assert heard.path.startswith("/sns/jscode2session?appid=")
    assert "js_code=a%26b%3Dc%2F%3F%E7%BC%96" in heard.path


@pytest.mark.parametrize(
    "address", ["", "ftp://127.0.0.1", "http://127.0.0.1/under/a/path", "127.0.0.1:5001"]
)
def test_an_address_that_is_more_or_less_than_a_host_is_refused(address: str):
    with pytest.raises(ValueError, match="scheme and host"):
        MiniClient(SANDBOX_APPID, SANDBOX_SECRET, api_base=address, token_store=MemoryTokenStore())


def test_a_wrong_secret_is_our_own_fault_and_says_so(new_client: ClientMaker, sandbox: SandboxHandle):
    with pytest.raises(CredentialRefused) as caught:
        check(new_client(secret="another"), sandbox)
    assert (caught.value.errcode, caught.value.status) == (40125, 503)
