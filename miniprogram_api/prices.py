"""价目: what in-home work costs at the company that serves one's home, before it is ordered (S2-03, 价格法 13)."""

from __future__ import annotations

from itertools import groupby
from typing import Annotated

from pydantic import Field

from app.catalogue import queries as catalogue
from app.catalogue.groups import group_name
from app.catalogue.price_models import PriceKind
from app.catalogue.price_queries import PriceLine, price_list
from app.companies.queries import serving_office
from app.core import clock
from app.core.money import yuan
from miniprogram_api.fields import In, Out, QueryId, RowId
from miniprogram_api.menus import own_home
from miniprogram_api.routing import Routes
from miniprogram_api.session import RESIDENT, Caller

routes = Routes("prices", tag="三个菜单")

FREE = "试点期间免费"
MATERIALS = (
    "价格只是人工费。要换的材料可以您自己买,也可以请师傅代买,按标价另算;"
    "用什么、多少钱都先写进报价单,您同意了再修。"
)
PROMISE = "先报价,您同意了再修;付的钱不会超过您同意的报价。"
NOT_SERVED = "这个小区现在没有物业公司提供上门服务,可以打社区或962121问一问。"
NOT_LISTED = "这一类没有固定价目:师傅先到现场看,写好报价单,您同意了再修。"
NOT_PUBLISHED = "物业公司还没有公布上门服务的价目,可以打电话问管理处。"
PUBLIC_MATTER = "公共区域的维修不向您个人收费。"


class PricesIn(In):
    """The home that would be visited; with a category only what can come up there."""

    home_id: QueryId
    category_code: Annotated[str, Field(pattern=r"^[A-Z][0-9]{4}$")] | None = None


class PriceOut(Out):
    """One item: labour for one unit, at most the bureau's ceiling whatever was published. In a free estate the client
    strikes `price_words` through."""

    code: str
    name: str
    unit: str = Field(description="计价单位;为空表示不按件收费")
    price_fen: int = Field(description="分")
    price_words: str
    ceiling_fen: int | None = Field(description="房管局的参考上限,分;没有上限时为空")
    ceiling_words: str
    note: str


class PriceGroupOut(Out):
    """What belongs together."""

    group: str
    name: str
    items: list[PriceOut]


class PricesOut(Out):
    """The whole list of one company, with its rules in words; `why_empty` says why there is nothing in it."""

    estate_id: RowId
    estate: str
    company: str
    free_trial: bool = Field(description="试点小区:价格划掉,显示 free_words")
    free_words: str
    groups: list[PriceGroupOut]
    why_empty: str
    visit_fee: str
    night_fee: str
    materials: str
    promise: str


@routes.query("/prices", who=RESIDENT, asks=PricesIn, out=PricesOut, title="上门服务价目")
def prices(caller: Caller, asked: PricesIn) -> PricesOut:
    """Of the company that serves the home's estate today. A home that is not one's own is a 404."""
    home, at = own_home(caller, asked.home_id), clock.now()
    contract = serving_office(home.estate_id, clock.china_date(at))
    category = catalogue.category(asked.category_code) if asked.category_code else None
    lines: list[PriceLine] = []
    if contract is not None and (category is None or category.in_home):
        lines = price_list(contract.company_id, at=at, group=category.group if category else None)
    groups = _groups(lines)
    if contract is None:
        why_empty = NOT_SERVED
    elif category is not None and not category.in_home:
        why_empty = PUBLIC_MATTER
    else:
        why_empty = NOT_LISTED if category else NOT_PUBLISHED
    return PricesOut(
        estate_id=home.estate_id,
        estate=home.estate_name,
        company=contract.company.name if contract else "",
        free_trial=home.free_trial,
        free_words=FREE if home.free_trial else "",
        groups=groups,
        why_empty="" if groups else why_empty,
        visit_fee=_visit_fee(lines, home.free_trial),
        night_fee=_night_fee(lines, home.free_trial),
        materials=MATERIALS,
        promise=PROMISE,
    )


def _groups(lines: list[PriceLine]) -> list[PriceGroupOut]:
    """Work and referrals by group; what the company has not priced it does not offer."""
    offered = [line for line in lines if line.group and _is_offered(line)]
    return [
        PriceGroupOut(group=group, name=group_name(group), items=[_price(line) for line in found])
        for group, found in groupby(offered, key=lambda line: line.group or "")
    ]


def _is_offered(line: PriceLine) -> bool:
    return line.kind is PriceKind.REFERRAL or line.price_fen is not None


def _price(line: PriceLine) -> PriceOut:
    return PriceOut(
        code=line.code,
        name=line.name,
        unit=line.unit,
        price_fen=line.charged_fen or 0,
        price_words=_price_words(line),
        ceiling_fen=line.ceiling_fen,
        ceiling_words="" if line.ceiling_fen is None else f"参考上限 {yuan(line.ceiling_fen)}",
        note=line.note,
    )


def _price_words(line: PriceLine) -> str:
    if line.kind is PriceKind.REFERRAL:
        return "仅转燃气企业,不收费"
    return yuan(line.charged_fen) if line.charged_fen else "免费(公益)"


def _fee(lines: list[PriceLine], kind: PriceKind) -> int | None:
    return next((line.charged_fen for line in lines if line.kind is kind), None)


def _visit_fee(lines: list[PriceLine], free: bool) -> str:
    fee = _fee(lines, PriceKind.VISIT)
    if fee is None:
        return ""
    if free or fee == 0:
        return "师傅上门检测,没有修也不收费"
    return f"师傅来看了但没有修,收上门检测费 {yuan(fee)};修了就不收这一项"


def _night_fee(lines: list[PriceLine], free: bool) -> str:
    fee = _fee(lines, PriceKind.NIGHT)
    if fee is None:
        return ""
    if free or fee == 0:
        return "夜里(22:00 到次日 7:00)上门不加收"
    return f"夜里(22:00 到次日 7:00)上门,每次加收 {yuan(fee)}"
