"""Accountants who sign in to the console."""

from __future__ import annotations

from app.core.db import transact
from app.core.roles import Role
from tests.admin.conftest import Desk
from tests.factories import make_credential, make_hat


def give_accountant(desk: Desk, company_id: int | None = None) -> Role:
    """The company of the scene has an accountant with a login; Role.FIN stands for him in the desk's calls."""
    company_id = company_id or desk.scene.place.company.id

    def make() -> str:
        hat = make_hat(Role.FIN, company_id=company_id)
        return make_credential(hat.account, login_name=f"fin-{hat.account_id}").login_name

    desk.logins[Role.FIN.value] = transact(make)
    return Role.FIN
