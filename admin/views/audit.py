"""审计日志: read by the audit administrator, and the business part by the bureau."""

from __future__ import annotations

from flask import request
from flask_admin import BaseView, expose

from admin import session
from admin.audit_words import ACTIONS, KINDS, details_words
from admin.base import ConsoleView
from admin.navigation import AUDITORS
from app.audit.queries import audit_page
from app.companies.hat_names import names_of


class AuditView(ConsoleView):
    """Nothing here can be changed, by anybody."""

    roles = AUDITORS

    @expose("/")
    def index(self) -> str:
        """The newest records, filtered in the address."""
        chosen = {name: request.args.get(name, "") for name in ("action", "object_kind", "account_id")}
        account_id = int(chosen["account_id"]) if chosen["account_id"].isdecimal() else None
        page = audit_page(
            session.scope(),
            cursor=request.args.get("cursor"),
            limit=50,
            action=chosen["action"] or None,
            object_kind=chosen["object_kind"] or None,
            account_id=account_id,
        )
        return self.render(
            "console/audit.html",
            page=page,
            chosen=chosen,
            actions=ACTIONS,
            kinds=KINDS,
            details_words=details_words,
            names=names_of({row.account_id for row in page.items if row.account_id}),
        )


def views() -> list[BaseView]:
    """The log."""
    return [AuditView("审计日志", "audit", "audit")]
