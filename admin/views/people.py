"""Workers with their certificates, and the staff of an office or company: scoped lists of Flask-Admin."""

from __future__ import annotations

from typing import Any

from flask import g
from flask_admin import BaseView
from markupsafe import Markup

from admin.base import ConsoleModelView
from admin.navigation import COMPANY
from app.catalogue.groups import group_name
from app.companies.models import Office, Staff, Worker
from app.companies.worker_facts import Validity, certificates_of, skill_groups_of
from app.core import clock
from app.core.masking import mask_phone
from app.core.roles import Role

TONES = {Validity.VALID: "ok", Validity.SOON: "warn", Validity.EXPIRED: "late", Validity.REVOKED: "late"}
SIGNS = {Validity.VALID: "✓", Validity.SOON: "⚠", Validity.EXPIRED: "✕", Validity.REVOKED: "✕"}


class WorkersView(ConsoleModelView):
    """师傅: an expired certificate means that the dispatcher cannot send him (S2-21), so it stands out here."""

    roles = COMPANY | {Role.BUR}
    column_list = ("title", "phone", "online", "skills", "certificates", "max_parallel")
    column_labels = {
        "title": "师傅",
        "phone": "手机",
        "online": "状态",
        "skills": "会修",
        "certificates": "证书",
        "max_parallel": "最多同时",
    }
    wrapping_columns = frozenset({"skills", "certificates"})
    column_sortable_list = ("title", "online")
    column_default_sort = "title"
    column_select_related_list = (Worker.account,)
    column_details_list = column_list
    empty_words = "还没有登记师傅,请由企业管理员添加"
    explanation = "证书到期前 30 天开始提醒;过期以后,需要这张证的工单不能派给他。"

    def get_list(self, *args: Any, **options: Any) -> Any:
        """The page with skills and certificates of all its workers: two more statements, however many there are."""
        count, rows = super().get_list(*args, **options)
        _remember([row.id for row in rows])
        return count, rows

    def get_one(self, id: Any) -> Any:
        row = super().get_one(id)
        _remember([row.id])
        return row

    column_formatters = {
        "phone": lambda view, context, worker, name: mask_phone(worker.account.phone),
        "online": lambda view, context, worker, name: "在线" if worker.online else "离线",
        "skills": lambda view, context, worker, name: "、".join(
            group_name(group) for group in g.skills.get(worker.id, ())
        ),
        "certificates": lambda view, context, worker, name: _certificates(worker),
        "max_parallel": lambda view, context, worker, name: f"{worker.max_parallel} 单",
    }
    column_formatters_detail = column_formatters


def _remember(worker_ids: list[int]) -> None:
    g.skills = skill_groups_of(worker_ids)
    g.certificates = certificates_of(worker_ids, clock.china_date(clock.now()))


def _certificates(worker: Worker) -> Markup:
    line = Markup('<span class="tag tag-{}">{} {} {},{:%Y-%m-%d}</span>')
    held = g.certificates.get(worker.id, ())
    tags = (
        line.format(TONES[c.validity], SIGNS[c.validity], c.kind, c.validity.value, c.valid_to) for c in held
    )
    return Markup(" ").join(tags) or Markup('<span class="quiet">没有登记证书</span>')


class StaffView(ConsoleModelView):
    """员工 of the own office or company."""

    roles = COMPANY
    column_list = ("name", "phone", "post", "office", "employed_from", "employed_to")
    column_labels = {
        "name": "姓名",
        "phone": "手机",
        "post": "岗位",
        "office": "管理处",
        "employed_from": "入职",
        "employed_to": "离职",
    }
    column_sortable_list = ("post", "employed_from")
    column_default_sort = ("employed_from", True)
    column_select_related_list = (Staff.account,)
    column_details_list = column_list
    empty_words = "还没有登记员工"

    def get_list(self, *args: Any, **options: Any) -> Any:
        """The page, with the offices of the company read once."""
        g.offices = {office.id: office.name for office in self.scoped_choices(Office)}
        return super().get_list(*args, **options)

    def get_one(self, id: Any) -> Any:
        g.offices = {office.id: office.name for office in self.scoped_choices(Office)}
        return super().get_one(id)

    column_formatters = {
        "name": lambda view, context, staff, name: staff.account.name,
        "phone": lambda view, context, staff, name: mask_phone(staff.account.phone),
        "office": lambda view, context, staff, name: g.offices.get(staff.office_id, "总部"),
        "employed_from": lambda view, context, staff, name: f"{staff.employed_from:%Y-%m-%d}",
        "employed_to": lambda view, context, staff, name: (
            f"{staff.employed_to:%Y-%m-%d}" if staff.employed_to else "在职"
        ),
    }
    column_formatters_detail = column_formatters


def views() -> list[BaseView]:
    """Both lists."""
    return [WorkersView(Worker, "师傅与证书", "workers"), StaffView(Staff, "员工", "staff")]
