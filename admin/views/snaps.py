"""随手拍: what residents praise, suggest and complain of; the office answers in its promised time, others look on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import BaseView, expose

from admin import commands, session
from admin.base import ConsoleView
from admin.navigation import SNAPS
from app.catalogue.queries import categories_for, guess
from app.core import clock
from app.core.errors import Invalid, WrongState
from app.core.redaction import without_personal_data
from app.feedback import answering, queries
from app.feedback.lifecycle import Action
from app.feedback.moving import get_snap
from app.feedback.queries import READS_THE_WORDS
from app.media.signing import sign
from app.orders.lifecycle import Menu

SHOWN = {"open": ("待回复", True), "done": ("已有结果", False), "all": ("全部", None)}
PHOTO_LINKS_LIVE = timedelta(minutes=30)
PAGE = 30


class SnapsView(ConsoleView):
    """A list never takes anything; opening one does, by a button (查看即默认接收, S1-13)."""

    roles = SNAPS

    @expose("/")
    def index(self) -> str:
        """What waits, by what is left of their time; the newest first of the others."""
        chosen = request.args.get("show", "open")
        shown = chosen if chosen in SHOWN else "open"
        page = queries.snaps_page(
            session.scope(), open_=SHOWN[shown][1], cursor=request.args.get("cursor"), limit=PAGE
        )
        return self.render(
            "console/snaps.html",
            page=page,
            shown=shown,
            tabs=SHOWN,
            now=clock.now(),
            new_request_id=commands.new_request_id,
        )

    @expose("/<int:snap_id>")
    def show(self, snap_id: int) -> str:
        """One with its photos and what can be done; the words are for who has opened it."""
        scope, at = session.scope(), clock.now()
        snap, line = get_snap(snap_id, scope), queries.snap_line(snap_id, scope)
        trusted = scope.role in READS_THE_WORDS
        offers_repair = Action.CONVERT in line.actions
        return self.render(
            "console/snap.html",
            snap=snap,
            line=line,
            photos=queries.snap_photos(snap_id),
            link=lambda photo, variant: sign(photo.id, variant, until=at + PHOTO_LINKS_LIVE),
            steps=queries.timeline(snap_id),
            order=queries.order_of(snap),
            actions={each.value for each in line.actions},
            as_written=(lambda text: text) if trusted else without_personal_data,
            categories=categories_for(Menu.REPORT.value) if offers_repair else (),
            likely=guess(Menu.REPORT.value, line.text) if offers_repair else None,
            now=at,
            new_request_id=commands.new_request_id,
        )

    @expose("/<int:snap_id>/open", methods=("POST",))
    def open(self, snap_id: int) -> ResponseReturnValue:
        """The first look takes it."""
        by = session.scope()
        return _answer(snap_id, lambda: answering.open_(snap_id, by=by).status, "已接收")

    @expose("/<int:snap_id>/reply", methods=("POST",))
    def reply(self, snap_id: int) -> ResponseReturnValue:
        """The sender reads it at once."""
        by, text = session.scope(), request.form.get("text", "")
        return _answer(
            snap_id, lambda: answering.reply(snap_id, by=by, text=text).status, "已回复,居民会收到"
        )

    @expose("/<int:snap_id>/reply-again", methods=("POST",))
    def reply_again(self, snap_id: int) -> ResponseReturnValue:
        """The sender asked once more."""
        by, text = session.scope(), request.form.get("text", "")
        return _answer(
            snap_id, lambda: answering.reply_again(snap_id, by=by, text=text).status, "已再次回复,居民会收到"
        )

    @expose("/<int:snap_id>/decline", methods=("POST",))
    def decline(self, snap_id: int) -> ResponseReturnValue:
        """962121 answers instead."""
        by, reason = session.scope(), request.form.get("reason", "")
        return _answer(
            snap_id, lambda: answering.decline(snap_id, by=by, reason=reason).status, "已转962121热线"
        )

    @expose("/<int:snap_id>/convert", methods=("POST",))
    def convert(self, snap_id: int) -> ResponseReturnValue:
        """A 公区报事, to be accepted like any other."""
        by, code = session.scope(), request.form.get("category_code", "")
        hazardous = request.form.get("hazardous") == "yes"

        def work() -> str:
            return answering.convert(snap_id, by=by, category_code=code, hazardous=hazardous).status

        return _answer(snap_id, work, "已转为报修,请到工单看板接单")


def _answer(snap_id: int, work: Callable[[], str], done: str) -> ResponseReturnValue:
    """Carry it out and say so on its page, or say why not."""
    try:
        commands.run(work)
        flash(done)
    except (Invalid, WrongState) as refusal:
        flash(refusal.sentence)
    return redirect(url_for("snaps.show", snap_id=snap_id))


def views() -> list[BaseView]:
    """The list and its pages."""
    return [SnapsView("随手拍", "snaps", "snaps")]
