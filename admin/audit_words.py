"""Audit records in words."""

from __future__ import annotations

from typing import Any

ACTIONS = {
    "session.sign_in": "登录",
    "order.reveal_phone": "查看报修人号码",
    "binding.active": "住房关联通过",
    "binding.rejected": "住房关联驳回",
    "binding.ended": "住房关联解除",
    "binding.expired": "住房关联到期",
    "home.invite": "发住房邀请码",
    "hat.grant": "授予身份",
    "hat.end": "收回身份",
    "staff.employ": "员工入职",
    "staff.leave": "员工离职",
    "credential.create": "开通登录账号",
    "credential.change_password": "修改密码",
    "credential.reissue": "重发初始密码",
    "totp.confirm": "开启动态验证码",
    "totp.reset": "重置动态验证码",
    "company.register": "登记企业",
    "account.merge": "合并账号",
    "order.lower_urgency": "调低紧急程度",
    "proposal.propose": "提出时限或参数改动",
    "proposal.grant": "批准时限或参数改动",
    "proposal.refuse": "退回时限或参数改动",
    "declaration.declare": "公布应急期",
    "declaration.lift": "解除应急期",
    "calendar.import": "导入工作日历",
    "export.what_if": "导出时限试算",
    "office.dispatching": "改派工方式",
    "draft.sent": "发出督办、约谈或整改",
    "draft.dropped": "作废督办、约谈或整改草稿",
    "false_reports.lift": "解除每天报1件的限制",
    "pay_change.propose": "提出收款变更",
    "pay_change.grant": "批准收款变更",
    "pay_change.refuse": "退回收款变更",
}
KINDS = {
    "credential": "登录账号",
    "order": "工单",
    "home_binding": "住房关联",
    "home": "住房",
    "hat": "身份",
    "staff": "员工",
    "company": "企业",
    "office": "管理处",
    "supervision_draft": "监管草稿",
    "account": "账号",
    "policy": "时限",
    "parameter": "参数",
    "declaration": "应急期",
    "calendar": "工作日历",
    "what_if": "时限试算",
    "pay_change": "收款变更",
}
DETAILS = {
    "reason": "原因",
    "what": "变更",
    "sub_mch_id": "商户号",
    "day": "日期",
    "estate_id": "小区",
    "switch": "项目",
    "number": "编号",
    "orders": "工单数",
    "from": "原来",
    "to": "改为",
    "why": "情形",
    "role": "身份",
    "relation": "关系",
    "post": "岗位",
    "name": "名称",
    "account_id": "账号",
    "company_id": "企业",
    "office_id": "管理处",
    "district_id": "区",
    "worker_id": "师傅",
    "closed_account": "并入的账号",
}
WHY = {
    "unknown": "没有这个登录名",
    "locked": "账号锁定中",
    "wrong password": "密码不对",
    "wrong code": "动态验证码不对",
    "initial password expired": "初始密码过期",
    "no hat": "没有可用身份",
}


def details_words(details: dict[str, Any] | None) -> str:
    """原因:联系报修人;身份:调度."""
    pairs = ((DETAILS.get(key, key), WHY.get(str(value), value)) for key, value in (details or {}).items())
    return ";".join(f"{key}:{value}" for key, value in pairs if value not in ("", None))
