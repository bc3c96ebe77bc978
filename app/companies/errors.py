"""What companies, staff and hats refuse."""

from __future__ import annotations

from app.core.errors import Conflict, Forbidden, Invalid, NotFound


class BadCreditCode(Invalid):
    """Not 18 characters, or the check digit does not fit (S1-20)."""

    code = "bad_credit_code"
    message = "统一社会信用代码不对,请核对18位代码"


class CreditCodeTaken(Conflict):
    """The company is registered already."""

    code = "credit_code_taken"
    message = "这家企业已经登记过了"


class OfficeUnknown(NotFound):
    """No such office, or one of another company."""

    code = "office_unknown"
    message = "没有找到这个管理处"


class StaffUnknown(NotFound):
    """No such person in this company."""

    code = "staff_unknown"
    message = "没有找到这名员工"


class WorkerUnknown(NotFound):
    """No such worker, or one of another office."""

    code = "worker_unknown"
    message = "没有找到这位师傅"


class HatUnknown(NotFound):
    """No such hat, or one that this person may not see."""

    code = "hat_unknown"
    message = "没有找到这个身份"


class AlreadyEmployed(Conflict):
    """The person works here already."""

    code = "already_employed"
    message = "这名员工已在本企业在职,不用重复登记"


class HatTaken(Conflict):
    """The person wears this very hat already."""

    code = "hat_taken"
    message = "这个人已经有这个身份"


class HatIncomplete(Invalid):
    """A role without the place where it counts."""

    code = "hat_incomplete"
    message = "请说明这个身份属于哪个企业、管理处或辖区"


class AdministratorsSeparated(Conflict):
    """System, security and audit administration are never in one hand (B07)."""

    code = "administrators_separated"
    message = "系统、安全、审计三种管理员不能由同一个人担任"


class MayNotGrant(Forbidden):
    """This hat cannot give or take that role."""

    code = "may_not_grant"
    message = "当前身份不能授予或收回这个角色"


class OnlyCompany(Forbidden):
    """Accounts of offices and staff come from the company (S1-21)."""

    code = "only_company"
    message = "只有物业企业管理员可以为本企业开通账号"
