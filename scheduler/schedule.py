"""The table of jobs: everything that happens without anybody asking for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from scheduler.context import Context
from scheduler.jobs.change_limits import change_limits
from scheduler.jobs.check_money import check_money
from scheduler.jobs.check_photos import check_photos
from scheduler.jobs.check_voices import check_voices
from scheduler.jobs.count_collection import count_collection
from scheduler.jobs.deliver_messages import deliver_messages
from scheduler.jobs.dispatch_outbox import dispatch_outbox
from scheduler.jobs.expire_leases import expire_leases
from scheduler.jobs.follow_payments import follow_payments
from scheduler.jobs.forget_old import forget_old
from scheduler.jobs.hand_over_to_hotline import hand_over_to_hotline
from scheduler.jobs.issue_bills import issue_bills
from scheduler.jobs.issue_einvoices import issue_einvoices
from scheduler.jobs.judge_last_month import judge_last_month
from scheduler.jobs.notice_late_answers import notice_late_answers
from scheduler.jobs.open_slots import open_slots
from scheduler.jobs.reconcile_bills import reconcile_bills
from scheduler.jobs.remove_files import remove_files
from scheduler.jobs.roll_up_figures import roll_up_figures
from scheduler.jobs.send_refunds import send_refunds
from scheduler.jobs.ship_payments import ship_payments
from scheduler.jobs.sweep_deadlines import sweep_deadlines
from scheduler.jobs.sweep_snaps import sweep_snaps
from scheduler.jobs.tell_of_bills import tell_of_bills
from scheduler.jobs.warn_of_duty_gaps import warn_of_duty_gaps
from scheduler.jobs.watch_calendar import watch_calendar
from scheduler.jobs.watch_prices import watch_prices

MINUTE = 60
HOUR = 3600


@dataclass(frozen=True)
class Job:
    """A function and how many seconds lie between two of its starts; each claims its rows, so many may run."""

    name: str
    run: Callable[[Context], None]
    every_seconds: float


JOBS = (
    Job("sweep_deadlines", sweep_deadlines, 1),
    Job("sweep_snaps", sweep_snaps, 5),
    Job("dispatch_outbox", dispatch_outbox, 1),
    Job("deliver_messages", deliver_messages, 1),
    Job("hand_over_to_hotline", hand_over_to_hotline, 2),
    Job("follow_payments", follow_payments, 1),
    Job("send_refunds", send_refunds, 1),
    Job("ship_payments", ship_payments, 10),
    Job("issue_einvoices", issue_einvoices, 5),
    Job("check_photos", check_photos, 5),
    Job("check_voices", check_voices, 5),
    Job("reconcile_bills", reconcile_bills, MINUTE),
    Job("check_money", check_money, MINUTE),
    Job("roll_up_figures", roll_up_figures, MINUTE),
    Job("open_slots", open_slots, 300),
    Job("warn_of_duty_gaps", warn_of_duty_gaps, HOUR),
    Job("change_limits", change_limits, MINUTE),
    Job("count_collection", count_collection, 10),
    Job("notice_late_answers", notice_late_answers, 300),
    Job("watch_calendar", watch_calendar, 6 * HOUR),
    Job("watch_prices", watch_prices, HOUR),
    Job("judge_last_month", judge_last_month, 6 * HOUR),
    Job("issue_bills", issue_bills, 20),
    Job("tell_of_bills", tell_of_bills, MINUTE),
    Job("remove_files", remove_files, MINUTE),
    Job("expire_leases", expire_leases, HOUR),
    Job("forget_old", forget_old, HOUR),
)
