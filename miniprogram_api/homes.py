"""我的住房: which homes a person is tied to (at most three), asking for one, ending it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from app.accounts.bindings import end_binding, request_binding
from app.accounts.models import Relation
from app.accounts.queries import BoundHome, homes_of
from miniprogram_api.fields import Day, DoneOut, In, Out, RowId, Text
from miniprogram_api.routing import Routes
from miniprogram_api.session import RESIDENT, Caller

routes = Routes("homes", tag="我的住房")


class HomeOut(Out):
    """One home as its own resident sees it."""

    binding_id: RowId
    home_id: RowId
    estate_id: RowId
    estate: str
    place: str
    relation: str
    relation_label: str
    status: str
    status_label: str
    valid_to: date | None
    in_home_service: bool = Field(description="本小区是否已开通上门服务")
    free_trial: bool


class HomesOut(Out):
    """All of them; there are never more than three."""

    items: list[HomeOut]


STATUS_LABELS = {"pending": "审核中", "active": "已关联"}


def _home(bound: BoundHome) -> HomeOut:
    return HomeOut(
        binding_id=bound.binding_id,
        home_id=bound.home_id,
        estate_id=bound.estate_id,
        estate=bound.estate_name,
        place=bound.place_full,
        relation=bound.relation,
        relation_label=bound.relation_label,
        status=bound.status,
        status_label=STATUS_LABELS.get(bound.status, "已结束"),
        valid_to=bound.valid_to,
        in_home_service=bound.in_home_service,
        free_trial=bound.free_trial,
    )


@routes.query("/me/homes", who=RESIDENT, out=HomesOut, title="我的住房")
def my_homes(caller: Caller) -> HomesOut:
    """Pending and active ones, oldest first."""
    return HomesOut(items=[_home(each) for each in homes_of(caller.account_id)])


class BindIn(In):
    """Which home, in which relation, and how it is proven."""

    home_id: RowId
    relation: Literal["owner", "co_owner", "family", "tenant", "proxy"]
    method: Literal["invite", "register", "review"] = Field(description="邀请码、业主名册核对、管理处审核")
    invite_code: Annotated[Text, Field(max_length=20)] | None = None
    last_character: Annotated[Text, Field(max_length=2)] | None = Field(
        None, description="业主姓名的最后一个字"
    )
    valid_to: Day | None = Field(None, description="租户必填:租期最后一天")
    consent_note: Annotated[Text, Field(max_length=200)] = Field("", description="代办必填:住户本人如何同意")


@routes.command(
    "/me/homes",
    who=RESIDENT,
    takes=BindIn,
    out=HomeOut,
    title="关联住房",
    status=201,
    rate="binding",
    consent=True,
)
def bind_home(caller: Caller, wanted: BindIn) -> HomeOut:
    """Active at once with a proof, else after review by the office. Raises TooManyHomes, ProofMismatch and others."""
    binding = request_binding(
        caller.account_id,
        home_id=wanted.home_id,
        relation=Relation(wanted.relation),
        method=wanted.method,
        invite_code=wanted.invite_code,
        last_character=wanted.last_character,
        valid_to=wanted.valid_to,
        consent_note=wanted.consent_note,
    )
    return next(_home(each) for each in homes_of(caller.account_id) if each.binding_id == binding.id)


@routes.command("/me/homes/<id:binding_id>", who=RESIDENT, out=DoneOut, title="解除住房关联", method="DELETE")
def unbind_home(caller: Caller, binding_id: int) -> DoneOut:
    """Everybody his own; an owner also those of family, tenants and proxies."""
    end_binding(binding_id, caller.scope)
    return DoneOut(message="已解除这套住房的关联")
