"""Companies, project offices, contracts and the 82 people who work: domain 4.1.

Everything goes through the services of companies and accounts, so hats, places and audit records are as in real life.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from sqlalchemy import select

from app.accounts.models import Account, Hat
from app.accounts.privacy import PRIVACY, PRIVACY_VERSION
from app.accounts.service import create_account, give_consent
from app.companies.hats import grant_hat, scope_of
from app.companies.models import Admission, Company, Office, ServiceContract, Staff, Worker
from app.companies.rules import credit_check_digit
from app.companies.service import employ, make_worker, register_company
from app.core import clock
from app.core.db import db
from app.core.roles import Role
from app.core.scope import SYSTEM, Scope
from app.estates.models import Community, Estate, Street
from app.seeds.credentials import LOGINS, give_login, sandbox_openid
from app.seeds.names import Names, demo_phone
from app.seeds.skills import certify, profile_of

DUTY_PHONE, COMPANY_PHONE = 901, 911
CONTRACT_BEGAN = timedelta(days=400)


@dataclass(frozen=True)
class CompanyPlan:
    """A company of domain 4.1."""

    key: str
    name: str
    admission: Admission
    third_party: bool = False


@dataclass(frozen=True)
class OfficePlan:
    """An office, the estate that it serves and how many workers it has; `surnames` begin the list of workers."""

    estate: str
    company: str
    name: str
    workers: int
    contract: str
    surnames: str = ""


COMPANIES = (
    CompanyPlan("luan", "北京潞安示范物业服务有限公司", Admission.ADMITTED),
    CompanyPlan("tonghui", "通惠示例物业管理有限公司", Admission.ADMITTED),
    CompanyPlan("canal", "运河样例城市服务有限公司", Admission.ADMITTED),
    CompanyPlan("waiting", "虚拟待审物业有限公司", Admission.PENDING),
    CompanyPlan("suspended", "已暂停样例物业有限公司", Admission.SUSPENDED),
    CompanyPlan("linli", "邻里便民维修服务部", Admission.ADMITTED, third_party=True),
)
OFFICES = (
    OfficePlan("gebudian", "luan", "葛布店北里管理处", 8, "先尝后买", "李赵周"),
    OfficePlan("xiying", "luan", "西营前街管理处", 6, "临时", "陈"),
    OfficePlan("zhongcang", "tonghui", "中仓小区管理处", 7, "正式"),
    OfficePlan("jinhao", "canal", "金昊雅苑管理处", 7, "正式"),
    OfficePlan("yunhe", "canal", "运河示范苑管理处", 8, "前期"),
)
SECOND_ACCOUNTANT_OF = {"waiting": "luan", "suspended": "canal"}
"""A company that may not work needs no accountant of its own; two of the others have a second one in his place, because
a voucher wants three persons (S4-26)."""
AUTHORITIES = (
    (Role.HOT, 2), (Role.APV, 2), (Role.FND, 2), (Role.BUR, 3), (Role.STR, 3), (Role.COM, 6),
    (Role.SYA, 1), (Role.SEA, 1), (Role.AUA, 1),
)  # fmt: skip
"""How many persons wear each hat outside the companies."""
WORKERS_CALLED = {("gebudian", 0): "shifu-li", ("gebudian", 2): "shifu-zhou"}
"""Workers who have a phone in the sandbox, by office and position."""
DESK_CALLED = {("gebudian", Role.MGR): "jingli", ("gebudian", Role.DSP): "diaodu"}
"""The same for manager and first dispatcher, by office and role."""


@dataclass
class Desk:
    """An office with the scopes under which the demonstration acts."""

    office_id: int
    company_id: int
    estate_id: int
    dispatchers: list[Scope] = field(default_factory=list)
    manager: Scope = SYSTEM
    company: Scope = SYSTEM
    workers: list[Worker] = field(default_factory=list)
    crew: dict[int, Scope] = field(default_factory=dict)
    """Scope of each worker by worker id."""
    staff_ids: list[int] = field(default_factory=list)
    """Manager, dispatchers, workers: the order of the roster."""


@dataclass
class Organisations:
    """Everybody who works."""

    desks: dict[str, Desk]
    authorities: dict[Role, list[Scope]]


class Hiring:
    """Takes people on one by one, with the next number of the demonstration."""

    def __init__(self, dice: Random, district_id: int, appid: str) -> None:
        self.names, self.district_id, self.appid = Names(dice), district_id, appid
        self.dice, self._phones = dice, iter(range(1, 100))
        self.since = clock.china_date(clock.now()) - timedelta(days=100)

    def phone(self) -> str:
        return demo_phone(next(self._phones))

    def staff(
        self, company_id: int, post: str, office_id: int | None = None, name: str | None = None
    ) -> Staff:
        """Employ somebody; the account is marked as one of the demonstration."""
        staff = employ(
            company_id,
            name=name or self.names.next(),
            phone=self.phone(),
            post=post,
            office_id=office_id,
            employed_from=self.since,
            by=SYSTEM,
        )
        staff.account.is_demo = True
        return staff

    def give_phone(self, account: Account, called: str | None) -> None:
        """Tie the account to a phone of the sandbox, whose owner has read the privacy notice."""
        if called:
            account.openid = sandbox_openid(self.appid, called)
            give_consent(account.id, PRIVACY, PRIVACY_VERSION)

    def hat(self, account: Account, role: Role, key: str = "", **place: int | None) -> Scope:
        """Give the hat, with the login of the demonstration where one is planned for this place."""
        hat = grant_hat(account.id, role, by=SYSTEM, **place)
        login = LOGINS.get((role, key))
        if login:
            give_login(account, login)
        return scope_of(hat)


def build_organisations(district_id: int, *, dice: Random, appid: str) -> Organisations:
    """Companies, offices, staff and authorities; the clock stands before the first order."""
    hiring = Hiring(dice, district_id, appid)
    companies = {plan.key: _company(plan, number) for number, plan in enumerate(COMPANIES)}
    admins = {plan.key: _headquarters(plan, companies, hiring) for plan in COMPANIES}
    desks = {}
    for number, plan in enumerate(OFFICES):
        desk = _office(plan, companies[plan.company], number, hiring)
        desk.company = admins[plan.company]
        desks[plan.estate] = desk
    return Organisations(desks, _authorities(hiring))


def _company(plan: CompanyPlan, number: int) -> Company:
    first = f"91110112MADEM{number + 1:04d}"
    company = register_company(
        first + credit_check_digit(first),
        name=plan.name,
        contact_phone=demo_phone(COMPANY_PHONE + number),
        by=SYSTEM,
    )
    company.admission, company.is_third_party = plan.admission, plan.third_party
    return company


def _headquarters(plan: CompanyPlan, companies: Mapping[str, Company], hiring: Hiring) -> Scope:
    """The administrator and the accountant of a property company; the handyman's shop has neither."""
    if plan.third_party:
        return SYSTEM
    company_id = companies[plan.key].id
    admin = hiring.staff(company_id, "企业管理员")
    scope = hiring.hat(admin.account, Role.CO, plan.key, company_id=company_id)
    second = SECOND_ACCOUNTANT_OF.get(plan.key)
    employer, login = (second, f"{second}-second") if second else (plan.key, plan.key)
    accountant = hiring.staff(companies[employer].id, "财务")
    hiring.hat(accountant.account, Role.FIN, login, company_id=companies[employer].id)
    return scope


def _office(plan: OfficePlan, company: Company, number: int, hiring: Hiring) -> Desk:
    estate = db.session.scalars(select(Estate).where(Estate.code == f"DEMO-{number + 1:03d}")).one()
    office = Office(
        company_id=company.id,
        name=plan.name,
        address=f"{estate.address}物业用房",
        duty_phone=demo_phone(DUTY_PHONE + number),
    )
    db.session.add(office)
    db.session.flush()
    db.session.add(_contract(plan, estate.id, office))
    desk = Desk(office.id, company.id, estate.id)
    place = {"company_id": company.id, "office_id": office.id}
    for role, key in ((Role.MGR, plan.estate), (Role.DSP, plan.estate), (Role.DSP, "")):
        staff = hiring.staff(company.id, role.label, office.id)
        scope = hiring.hat(staff.account, role, key, **place)
        hiring.give_phone(staff.account, DESK_CALLED.get((key, role)))
        desk.staff_ids.append(staff.id)
        if role is Role.MGR:
            desk.manager = scope
        else:
            desk.dispatchers.append(scope)
    _crew(plan, desk, hiring)
    return desk


def _contract(plan: OfficePlan, estate_id: int, office: Office) -> ServiceContract:
    began: date = clock.china_date(clock.now() - CONTRACT_BEGAN)
    return ServiceContract(
        estate_id=estate_id,
        company_id=office.company_id,
        office_id=office.id,
        kind=plan.contract,
        begins_on=began,
    )


def _crew(plan: OfficePlan, desk: Desk, hiring: Hiring) -> None:
    known = plan.surnames
    others = [each for each in hiring.names.surnames(plan.workers + len(known)) if each not in known]
    for position, surname in enumerate([*known, *others][: plan.workers]):
        profile = profile_of(position)
        staff = hiring.staff(desk.company_id, profile.post, desk.office_id, hiring.names.next(surname))
        worker = make_worker(
            staff.id,
            district_id=hiring.district_id,
            title=f"{surname}师傅",
            skills=profile.skills,
            by=SYSTEM,
        )
        worker.online = True
        certify(worker, plan.estate, position)
        desk.workers.append(worker)
        desk.staff_ids.append(staff.id)
        hat = db.session.scalars(select(Hat).where(Hat.worker_id == worker.id)).one()
        desk.crew[worker.id] = scope_of(hat)
        hiring.give_phone(staff.account, WORKERS_CALLED.get((plan.estate, position)))


def _authorities(hiring: Hiring) -> dict[Role, list[Scope]]:
    streets = list(db.session.scalars(select(Street.id).order_by(Street.id)))
    communities = list(db.session.scalars(select(Community.id).order_by(Community.id)))
    found: dict[Role, list[Scope]] = {}
    for role, count in AUTHORITIES:
        found[role] = []
        for number in range(count):
            account = create_account(phone=hiring.phone(), name=hiring.names.next(), is_demo=True)
            place: dict[str, int] = {}
            if role is Role.STR:
                place = {"street_id": streets[number]}
            elif role is Role.COM:
                place = {"community_id": communities[number]}
            elif role not in (Role.SYA, Role.SEA, Role.AUA):
                place = {"district_id": hiring.district_id}
            found[role].append(hiring.hat(account, role, str(number), **place))
    return found
