"""The console: Flask-Admin as routing and list engine, with its own layout, session and rules of access."""

from __future__ import annotations

from flask import Blueprint, Flask
from flask_admin import Admin
from flask_admin.theme import Bootstrap4Theme
from flask_babel import Babel
from flask_wtf.csrf import CSRFProtect

from admin.demo import register_demo
from admin.formatters import register_filters
from admin.navigation import navigation_context
from admin.security import csp_nonce
from admin.views import all_views, home_view
from app.bootstrap import settings_of

__all__ = ["register"]


def register(app: Flask) -> None:
    """Add the console under /admin/ to an application built by `create_core_app`."""
    _configure(app)
    Babel(app, default_locale="zh_Hans_CN", default_timezone="Asia/Shanghai")
    CSRFProtect(app)
    templates = Blueprint("console_templates", __name__, template_folder="templates")
    templates.app_context_processor(navigation_context)
    app.register_blueprint(templates)
    register_filters(app)
    admin = Admin(
        app,
        name="安居",
        index_view=home_view(),
        theme=Bootstrap4Theme(base_template="console/base.html"),
        csp_nonce_generator=csp_nonce,
    )
    admin.add_views(*all_views())
    register_demo(app)


def _configure(app: Flask) -> None:
    """Cookie and CSRF settings. Tokens are checked by the console's own blueprints (admin/access.py) and nowhere else,
    because the API authenticates by header and is in no danger."""
    production = settings_of(app).is_production
    app.config.update(
        SESSION_COOKIE_NAME="__Host-anju" if production else "anju",
        SESSION_COOKIE_SECURE=production,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_COOKIE_PATH="/",
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,  # a shift is longer than an hour; the session's own end limits the token
    )
    app.config.setdefault("SECOND_FACTOR_ENFORCED", production)
