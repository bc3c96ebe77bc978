"""车位登记: which home has which parking space, on the owners' common ground or its own (domain 4.3, S0-28)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from app.audit import service as audit
from app.companies.queries import serving_office
from app.core import clock
from app.core.db import db, translate_constraint
from app.core.errors import Invalid, NotFound
from app.core.roles import Role
from app.core.scope import Dimension, Scope
from app.core.texts import cleaned
from app.estates.errors import HomeHidden
from app.estates.models import Home
from app.fees.errors import NotYourMoney, ServesNoEstate, SpaceTaken
from app.fees.models import ParkingSpace
from app.fees.rules import SPACE_KINDS

NUMBER_MAX = 16

translate_constraint("uq_parking_spaces_taken", SpaceTaken)


def register_space(
    home_id: int, *, number: str, kind: str, by: Scope, from_on: date | None = None
) -> ParkingSpace:
    """The home has the space from that day on (today without one); its first bill is that of the next month's run.

    Raises NotYourMoney, HomeHidden, ServesNoEstate, Invalid, SpaceTaken.
    """
    home = _served_home(home_id, by)
    if kind not in {each.value for each in SPACE_KINDS}:
        raise Invalid("请选择公共车位或自有车位", fields={"kind": "没有这一项"})
    space = ParkingSpace(
        estate_id=home.estate_id,
        home_id=home.id,
        kind=kind,
        number=cleaned(number, field="number", at_least=1, at_most=NUMBER_MAX),
        from_on=from_on or clock.china_date(clock.now()),
        taken=1,
    )
    db.session.add(space)
    db.session.flush()
    _audit("parking.register", space, by)
    return space


def end_space(space_id: int, *, by: Scope) -> ParkingSpace:
    """The home gives the space back today; this month's bill stays. Raises NotFound, NotYourMoney, ServesNoEstate."""
    statement = select(ParkingSpace).where(ParkingSpace.id == space_id, ParkingSpace.taken == 1)
    space = db.session.scalars(statement.with_for_update()).one_or_none()
    if space is None:
        raise NotFound("没有找到这个车位")
    _served_home(space.home_id, by)
    space.until_on, space.taken = max(space.from_on, clock.china_date(clock.now())), None
    db.session.flush()
    _audit("parking.end", space, by)
    return space


def _served_home(home_id: int, by: Scope) -> Home:
    if not (by.everything or by.role in (Role.CO, Role.FIN)):
        raise NotYourMoney("车位由物业企业财务登记")
    home = db.session.get(Home, home_id)
    if home is None:
        raise HomeHidden()
    contract = serving_office(home.estate_id, clock.china_date(clock.now()))
    if not by.everything and (contract is None or contract.company_id not in by.ids(Dimension.FINANCE)):
        raise HomeHidden() if contract else ServesNoEstate()
    return home


def spaces_of_estate(estate_id: int) -> list[ParkingSpace]:
    """Those in use, by number; the caller may see the estate."""
    mine = (ParkingSpace.estate_id == estate_id) & (ParkingSpace.taken == 1)
    return list(db.session.scalars(select(ParkingSpace).where(mine).order_by(ParkingSpace.number)))


def _audit(action: str, space: ParkingSpace, by: Scope) -> None:
    details = {"estate_id": space.estate_id, "number": space.number, "kind": space.kind}
    audit.record(action, by=by, object_kind="parking_space", object_id=space.id, details=details)
