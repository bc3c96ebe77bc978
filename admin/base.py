"""Base views. Everything is denied, read-only and scoped until a view says otherwise."""

from __future__ import annotations

from typing import Any

from flask import g
from flask_admin import BaseView
from flask_admin.contrib.sqla import ModelView
from sqlalchemy import func

from admin import session
from admin.access import HasAccessRules
from admin.numbers import whole_number
from app.core.db import Base, db
from app.core.errors import NotFound
from app.core.scope import condition, find_visible


class ConsoleView(HasAccessRules, BaseView):
    """A page or a family of commands. Say `roles`, or it opens for nobody."""

    _default_view: str | None

    def __init__(self, name: str, endpoint: str, url: str) -> None:
        if self._default_view is None:  # Flask-Admin insists on a "/" page; a view of commands has none
            self._default_view = self._urls[0][1]
        super().__init__(name=name, endpoint=endpoint, url=url)


class ConsoleModelView(HasAccessRules, ModelView):
    """A scoped, read-only list of one table with its details page, in the console's own templates.

    Flask-Admin's traps are closed here once: `get_one` ignores `get_query`, `?id=1,2` is a composite key to it, the
    pager counts the whole table, export and batch actions are on.
    """

    can_create = can_edit = can_delete = can_export = False
    can_view_details = True
    can_set_page_size = False
    page_size = 50
    simple_list_pager = True
    action_disallowed_list = ("delete",)
    column_display_actions = False
    list_template = "console/list.html"
    details_template = "console/details.html"
    empty_words = "这里还没有内容"
    explanation = ""
    wrapping_columns: frozenset[str] = frozenset()
    """Columns of many words; all others stay on one line."""

    def __init__(self, model: type[Base], name: str, endpoint: str) -> None:
        super().__init__(model, db, name=name, endpoint=endpoint, url=endpoint)

    def get_query(self) -> Any:
        """Rows that the visitor may see."""
        return db.session.query(self.model).filter(condition(self.model, session.scope()))

    def get_count_query(self) -> Any:
        """Their number; only for views that give up the simple pager."""
        rows = db.session.query(func.count()).select_from(self.model)
        return rows.filter(condition(self.model, session.scope()))

    def get_one(self, id: Any) -> Any:
        """The row behind `?id=`; raises NotFound for a hidden, missing or malformed one."""
        number = whole_number(str(id))
        row = None if number is None else find_visible(self.model, number, session.scope())
        if row is None:
            raise NotFound()
        return row

    def scoped_choices(self, model: type[Base]) -> Any:
        """Rows for a drop-down: a query factory must never offer another company's."""
        return db.session.query(model).filter(condition(model, session.scope()))

    def is_accessible(self) -> bool:
        """The gate has already decided; outside a gated request nothing is accessible."""
        visitor = g.get("visitor")
        return visitor is not None and visitor.signed_in.role in self.roles
