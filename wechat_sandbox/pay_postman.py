"""Brings notices to the product on the sandbox's clock, and lets refunds arrive.

A notice goes out at once, then after each pause of `pay_notices.PAUSES` until it is answered with SUCCESS within five
seconds; after that it comes once more, always (switches `copies`, `copy_after`). Advancing the clock makes everything
due at once that would have come in between. Faults on the path "notice": `wrong_signature` (a forged copy comes first),
`duplicate` (one copy more), `lost` (this try never leaves), `hold` (nothing until POST /sandbox/pay/release), `reorder`
(this notice waits until another one was delivered, at most until its next regular try).
"""

from __future__ import annotations

import heapq
import threading
import time

import requests

from wechat_sandbox import outgoing, pay_notices
from wechat_sandbox.faults import NOTICE_KINDS, NOTICE_PATH
from wechat_sandbox.pay_desk import PayDesk
from wechat_sandbox.pay_records import Notice
from wechat_sandbox.world import World

WORKERS = 8


class Postman:
    """A few threads that sleep until the next thing is due."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._closed = False
        for number in range(WORKERS):
            threading.Thread(target=self._work, name=f"sandbox-notice-{number}", daemon=True).start()

    def close(self) -> None:
        """Stop; what is due stays in the books."""
        with self._world.woken:
            self._closed = True
            self._world.woken.notify_all()

    def _work(self) -> None:
        while (job := self._next()) is not None:
            desk, kind, key = job
            try:
                if kind == "refund":
                    _arrive(self._world, desk, key)
                else:
                    self._bring(desk, desk.notices[int(key)])
            finally:
                with self._world.woken:
                    desk.in_flight -= 1
                    self._world.woken.notify_all()

    def _next(self) -> tuple[PayDesk, str, str] | None:
        """What is due now; None when the postman is closed."""
        world = self._world
        with world.woken:
            while not self._closed:
                queue = world.pay.queue
                if queue and queue[0][0] <= world.clock.now():
                    _, _, kind, key = heapq.heappop(queue)
                    world.pay.in_flight += 1
                    return world.pay, kind, key
                world.woken.wait(_pause(world, queue[0][0]) if queue else None)
        return None

    def _bring(self, desk: PayDesk, notice: Notice) -> None:
        """One try, and what follows from its answer."""
        with self._world.lock:
            if notice.state != "waiting":
                return
            fault = self._world.faults.take(NOTICE_PATH, NOTICE_KINDS)
            kind = fault.kind if fault else ""
            if kind in ("hold", "reorder"):
                _put_aside(desk, notice, kind)
                return
            text = b"" if kind == "lost" else pay_notices.body(desk, notice, forged=kind == "wrong_signature")
            if kind == "duplicate":
                notice.copies += 1
        began = time.monotonic()
        status = "lost" if kind == "lost" else self._post(notice.url, text)
        with self._world.woken:
            entry = {"status": status, "seconds": round(time.monotonic() - began, 3), "fault": kind}
            _note(self._world, desk, notice, {**entry, "body": text.decode()})
            _decide(self._world, desk, notice, accepted=status == "SUCCESS" and kind != "wrong_signature")
            _call_those_behind(self._world, desk, notice)
            self._world.woken.notify_all()

    @staticmethod
    def _post(url: str, text: bytes) -> str:
        """SUCCESS, or what came instead of it within the deadline."""
        began = time.monotonic()
        try:
            answer = outgoing.call(
                "POST", url, data=text, headers={"Content-Type": "text/xml; charset=utf-8"}
            )
        except requests.RequestException as broken:
            return type(broken).__name__
        if time.monotonic() - began > pay_notices.DEADLINE:
            return "too late"
        return pay_notices.verdict(answer.status_code, answer.content)


def wait_until_quiet(world: World, seconds: float) -> bool:
    """Until nothing is due and nothing is on its way; False when that takes longer than `seconds`."""

    def quiet() -> bool:
        queue = world.pay.queue
        return world.pay.in_flight == 0 and not (queue and queue[0][0] <= world.clock.now())

    with world.woken:
        return world.woken.wait_for(quiet, seconds)


def release(world: World) -> int:
    """Let held notices go; how many there were. The caller holds the lock."""
    held = [notice for notice in world.pay.notices.values() if notice.state == "held"]
    for notice in held:
        notice.state, notice.due_at = "waiting", world.clock.now()
        world.pay.keep(notice)
        world.pay.later(notice.due_at, "notice", notice.key)
    world.woken.notify_all()
    return len(held)


def _pause(world: World, due_at: float) -> float | None:
    """Real seconds until the instant; without end while the clock is held."""
    if world.clock.held_at is not None:
        return None
    return max(0.0, due_at - world.clock.now())


def _put_aside(desk: PayDesk, notice: Notice, kind: str) -> None:
    if kind == "hold":
        notice.state = "held"
    else:
        notice.due_at += pay_notices.PAUSES[min(notice.tries, len(pay_notices.PAUSES) - 1)]
        desk.behind_the_next.append(notice.number)
        desk.later(notice.due_at, "notice", notice.key)
    desk.keep(notice)


def _call_those_behind(world: World, desk: PayDesk, delivered: Notice) -> None:
    for number in [number for number in desk.behind_the_next if number != delivered.number]:
        desk.behind_the_next.remove(number)
        desk.later(world.clock.now(), "notice", str(number))


def _decide(world: World, desk: PayDesk, notice: Notice, *, accepted: bool) -> None:
    """When this notice comes again, if it does."""
    notice.tries += 1
    if accepted and not notice.accepted_at:
        notice.accepted_at = world.clock.now()
    if notice.accepted_at and notice.copies > 0:
        notice.copies -= 1
        notice.due_at = world.clock.now() + desk.switches.copy_after
    elif notice.accepted_at:
        notice.state = "done"
    elif notice.tries > len(pay_notices.PAUSES):
        notice.state = "given_up"
    else:
        notice.due_at += pay_notices.PAUSES[notice.tries - 1]
    if notice.state == "waiting":
        desk.later(notice.due_at, "notice", notice.key)
    desk.keep(notice)


def _note(world: World, desk: PayDesk, notice: Notice, entry: dict[str, object]) -> None:
    subject = notice.subject.split("/", 1)[1]
    desk.tries.append(
        {
            "notice": notice.number,
            "about": notice.about,
            "subject": subject,
            "url": notice.url,
            "attempt": notice.tries + 1,
            "planned_at": notice.due_at,
            "at": world.clock.now(),
            **entry,
        }
    )


def _arrive(world: World, desk: PayDesk, key: str) -> None:
    """The refund ends as it was told to, and its notice_url hears of it."""
    with world.woken:
        refund, now = desk.refunds[key], world.clock.now()
        outcome = desk.refund_outcomes.popleft() if desk.refund_outcomes else "SUCCESS"
        if refund.state != "PROCESSING" or outcome == "PROCESSING":
            return
        refund.state = outcome
        refund.done_at = now if outcome == "SUCCESS" else 0.0
        trade = desk.trades[f"{refund.mch_id}/{refund.out_trade_no}"]
        if outcome == "REFUNDCLOSE":
            trade.refunded -= refund.refund_fee
        desk.keep(trade)
        desk.keep(refund)
        if refund.notify_url:
            desk.add_notice("refund", refund.key, refund.notify_url, now)
        world.woken.notify_all()
