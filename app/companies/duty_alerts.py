"""Nobody may be alone at the desk: a gap in the roster is told to the manager and the company (S3-11, domain 6.8)."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from app.companies.models import MAY_RECEIVE_ORDERS, Company, Office
from app.companies.queries import company_admins, duty_gap, estate_ids_of_office, managers_of
from app.companies.rules import MIN_ON_DUTY
from app.core.clock import in_china
from app.core.db import db
from app.notifications.service import notify_many

LOOK_AHEAD = timedelta(hours=8)
"""One shift: early enough to call somebody in."""


def warn_of_gaps(at: datetime) -> int:
    """Warn of the present and the coming shift of every office that serves an estate; returns how many people were
    told. Safe to repeat: one warning for each office, hour and person."""
    return sum(_warn(office, moment) for office in _serving_offices() for moment in (at, at + LOOK_AHEAD))


def _serving_offices() -> list[Office]:
    admitted = Company.admission.in_(sorted(MAY_RECEIVE_ORDERS))
    offices = (
        select(Office).join(Company, Company.id == Office.company_id).where(admitted).order_by(Office.id)
    )
    return [office for office in db.session.scalars(offices) if estate_ids_of_office(office.id)]


def _warn(office: Office, moment: datetime) -> int:
    missing = duty_gap(office.id, moment)
    if not missing:
        return 0
    hour, there = in_china(moment), MIN_ON_DUTY - missing
    people = sorted({*managers_of(office.id), *company_admins(office.company_id)})
    return notify_many(
        people,
        unique_key=f"duty:{office.id}:{hour:%Y%m%d%H}",
        template="duty_gap",
        title="值守缺人",
        body=f"{office.name} {hour:%m月%d日 %H:00} 起值守只有 {there} 人,至少要 {MIN_ON_DUTY} 人,请补排。",
    )
