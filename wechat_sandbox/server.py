"""Builds the sandbox and serves it on loopback, in its own process or in a thread of a test."""

from __future__ import annotations

import threading

from flask import Flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from wechat_sandbox import edge
from wechat_sandbox.api_content import content_api
from wechat_sandbox.api_einvoice import einvoice_api
from wechat_sandbox.api_hotline import hotline_api
from wechat_sandbox.api_login import login_api
from wechat_sandbox.api_messages import messages_api
from wechat_sandbox.api_pay_bill import pay_bill_api
from wechat_sandbox.api_pay_orders import pay_orders_api
from wechat_sandbox.api_pay_refunds import pay_refunds_api
from wechat_sandbox.api_qr import qr_api
from wechat_sandbox.api_shipping import shipping_api
from wechat_sandbox.cashier import cashier
from wechat_sandbox.control import control
from wechat_sandbox.control_pay import pay_control
from wechat_sandbox.control_people import people_control
from wechat_sandbox.page import page
from wechat_sandbox.pay_postman import Postman
from wechat_sandbox.pusher import Pusher
from wechat_sandbox.settings import NotLoopback, SandboxSettings, is_loopback_host
from wechat_sandbox.storage import Keeper
from wechat_sandbox.world import World

BLUEPRINTS = (
    login_api,
    messages_api,
    content_api,
    qr_api,
    hotline_api,
    einvoice_api,
    pay_orders_api,
    pay_refunds_api,
    pay_bill_api,
    shipping_api,
    people_control,
    pay_control,
    control,
    cashier,
    page,
)


class _QuietHandler(WSGIRequestHandler):
    """Writes no line per request: the journal has them, and a terminal is slow."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing."""


class Sandbox:
    """One running sandbox: `url` while it is serving, `world` for tests that look inside."""

    def __init__(self, settings: SandboxSettings, *, host: str = "127.0.0.1", port: int = 0) -> None:
        if not is_loopback_host(host):
            raise NotLoopback(f"the sandbox opens no door to other machines: {host} is refused")
        self.world = World(settings)
        self._keeper = Keeper(self.world, settings.database_dir) if settings.database_dir else None
        self._pusher = Pusher(self.world)
        self._postman = Postman(self.world)
        app = create_app(self.world, self._pusher)
        self._server: BaseWSGIServer = make_server(
            host, port, app, threaded=True, request_handler=_QuietHandler
        )
        shown = f"[{host}]" if ":" in host else host
        self.url = f"http://{shown}:{self._server.server_port}"
        self._thread: threading.Thread | None = None

    def serve(self) -> None:
        """Serve until stop() is called or the process is interrupted."""
        self._server.serve_forever(poll_interval=0.05)

    def start(self) -> None:
        """Serve in a thread of this process."""
        self._thread = threading.Thread(target=self.serve, name="sandbox", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Close the door, then write what lasts."""
        if self._thread is not None:
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()
        self._pusher.close()
        self._postman.close()
        if self._keeper is not None:
            self._keeper.close()


def create_app(world: World, pusher: Pusher) -> Flask:
    """The platform, the hotline, the control interface and the page over one world."""
    app = Flask(__name__)
    app.json.sort_keys = False  # type: ignore[attr-defined]  # templates in the order of their file
    app.extensions["world"] = world
    app.extensions["pusher"] = pusher
    edge.install(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    return app
