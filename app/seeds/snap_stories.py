"""随手拍 of the demonstration: Z10 and Z11 of domain 4.8, and two that still wait. No dice are thrown for them, so the
orders of a day stay what they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from app.feedback import answering, sending
from app.feedback.lifecycle import Kind, Topic
from app.feedback.sending import Sending
from app.seeds.cast import Cast
from app.seeds.play import Script

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


@dataclass
class SnapCase:
    """One to be; each act is a call of the services."""

    cast: Cast
    estate: str
    resident: str
    kind: Kind
    topic: Topic
    text: str
    place: str = ""
    picture: str = ""
    snap_id: int = 0

    def send(self) -> None:
        """With a photo where there is something to see."""
        by = self.cast.resident(self.resident).scope
        photos = [self.cast.album.take(by, self.picture, 0)] if self.picture else []
        sent = Sending(
            self.kind,
            self.topic,
            self.text,
            photo_ids=photos,
            estate_id=self.cast.grounds[self.estate].estate_id,
            place_note=self.place,
        )
        self.snap_id = sending.send(sent, by=by).id

    def open(self) -> None:
        """The manager looks: that is taking it."""
        answering.open_(self.snap_id, by=self.cast.desk(self.estate).manager)

    def reply(self, text: str) -> None:
        """The manager answers."""
        answering.reply(self.snap_id, by=self.cast.desk(self.estate).manager, text=text)

    def rate(self, stars: int, text: str) -> None:
        """The sender says how good the answer was."""
        answering.rate(self.snap_id, by=self.cast.resident(self.resident).scope, stars=stars, text=text)


def _z10(cast: Cast) -> tuple[SnapCase, Script]:
    """A complaint about the cleaning: the manager reads it and never answers; completed by itself on day 10."""
    case = SnapCase(
        cast,
        "gebudian",
        "wang",
        Kind.PROBLEM,
        Topic.CLEAN,
        "垃圾桶满了两天没人清,味道很大,保洁说周末不上班",
        place="北门垃圾房",
        picture="trash_full",
    )
    t0 = cast.at(14, 9, 15)
    return case, [(t0, case.send), (t0 + 2 * _DAY, case.open)]


def _z11(cast: Cast) -> tuple[SnapCase, Script]:
    """Praise for a guard: thanked for on day 1, five stars."""
    case = SnapCase(
        cast,
        "xiying",
        "chen",
        Kind.PRAISE,
        Topic.ORDER,
        "下雨天门岗的保安师傅撑伞把我送到楼下,谢谢他",
    )
    t0 = cast.at(6, 17, 40)
    return case, [
        (t0, case.send),
        (t0 + 15 * _HOUR, case.open),
        (t0 + 16 * _HOUR, partial(case.reply, "谢谢您的表扬,已在班前会上转告这位队员,我们会继续做好")),
        (t0 + 20 * _HOUR, partial(case.rate, 5, "回复得很快")),
    ]


def _nearly_over(cast: Cast) -> tuple[SnapCase, Script]:
    """Read and forgotten: less than two days are left."""
    case = SnapCase(
        cast,
        "zhongcang",
        "zhang",
        Kind.PROBLEM,
        Topic.PARKING,
        "消防通道天天停车,救护车进不来",
        place="东侧消防通道",
        picture="site_generic",
    )
    t0 = cast.at(9, 18, 30)
    return case, [(t0, case.send), (t0 + 14 * _HOUR, case.open)]


def _new(cast: Cast) -> tuple[SnapCase, Script]:
    """A suggestion that nobody has opened yet."""
    text = "花坛边的冬青长到路上了,推轮椅过不去,建议修一修"
    case = SnapCase(cast, "gebudian", "wang", Kind.SUGGEST, Topic.GREEN, text, place="中心花坛")
    return case, [(cast.at(1, 16, 5), case.send)]


STORIES: dict[str, Callable[[Cast], tuple[SnapCase, Script]]] = {
    "Z10": _z10,
    "Z11": _z11,
    "nearly over": _nearly_over,
    "new": _new,
}


def snap_stories(cast: Cast) -> dict[str, tuple[SnapCase, Script]]:
    """Each with its script."""
    return {name: tell(cast) for name, tell in STORIES.items()}
