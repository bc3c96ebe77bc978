"""我的信息: what is held of me, a copy to take along, closing the account (domain 5.1-P15, P17)."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from app.privacy.closing import close_account
from app.privacy.export import export_everything
from app.privacy.holdings import what_is_held
from miniprogram_api.fields import DoneOut, In, Instant, Out
from miniprogram_api.neighbours import neighbours
from miniprogram_api.routing import Routes
from miniprogram_api.session import RESIDENT, Caller, address

routes = Routes("personal_data", tag="我的信息")
CONFIRMATION = "注销"


class HeldOut(Out):
    """One kind of what is held."""

    key: str
    label: str
    count: int
    words: str


class DataOut(Out):
    """Everything that is held, in plain words; the phone number is masked."""

    items: list[HeldOut]


@routes.query("/me/data", who=RESIDENT, out=DataOut, title="存了我的什么")
def my_data(caller: Caller) -> DataOut:
    """Only what there is; the copy has the rest."""
    return DataOut(
        items=[
            HeldOut(key=each.key, label=each.label, count=each.count, words=each.words)
            for each in what_is_held(caller.account_id)
        ]
    )


class ExportOut(Out):
    """The copy; the client writes it into a file of that name. Links to pictures live for a day."""

    file_name: str
    made_at: Instant
    content: dict[str, Any] = Field(description="按“账号、住房、报修……”分节")


@routes.command(
    "/me/data/export",
    who=RESIDENT,
    out=ExportOut,
    title="导出我的信息",
    fresh=True,
    refuses=frozenset({429}),
)
def export(caller: Caller) -> ExportOut:
    """Three times a day, audited. Raises ExportedEnough."""
    base_url = neighbours().settings.public_base_url
    found = export_everything(caller.scope, base_url=base_url, address=address())
    return ExportOut(file_name=found.file_name, made_at=found.made_at, content=found.content)


class CloseIn(In):
    """The word that is typed on purpose."""

    confirmation: Literal["注销"] = Field(description="请输入“注销”两个字")


@routes.command("/me/delete", who=RESIDENT, takes=CloseIn, out=DoneOut, title="注销账号", fresh=True)
def close(caller: Caller, given: CloseIn) -> DoneOut:
    """At once and for good; the token is dead afterwards. Raises OpenOrders, StillEmployed."""
    close_account(caller.scope, actor=caller.actor, address=address())
    return DoneOut(message="账号已注销,手机号、住房关联和微信绑定都已删除。谢谢您用过安居")
