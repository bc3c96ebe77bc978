"""/admin/: sends everybody to the first page of his hat, and answers for addresses that do not exist."""

from __future__ import annotations

from pathlib import Path

from flask import redirect
from flask.typing import ResponseReturnValue
from flask_admin import AdminIndexView, expose

from admin import navigation, session
from admin.access import HasAccessRules
from app.core.errors import NotFound

STATIC = Path(__file__).resolve().parent.parent / "static"


class HomeView(HasAccessRules, AdminIndexView):
    """The root; its static folder replaces Flask-Admin's own, which no page of ours uses."""

    roles = navigation.EVERYBODY

    def __init__(self) -> None:
        super().__init__(name="安居", url="/admin")
        self.static_folder = str(STATIC)

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """The first page of the hat."""
        return redirect(navigation.first_page(session.visitor().signed_in.role))

    @expose("/<path:rest>")
    def nowhere(self, rest: str) -> ResponseReturnValue:
        """An address that does not exist, in the console's own words."""
        raise NotFound("没有这个页面,请从左边的菜单进入")
