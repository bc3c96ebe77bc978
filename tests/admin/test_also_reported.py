"""另有 3 户反映: what the desk sees of those who have joined an order."""

from __future__ import annotations

from app.core.db import transact
from app.core.roles import Role
from app.orders import following
from app.orders.board import also_reported
from app.orders.dossier import dossier
from app.orders.lifecycle import Menu
from app.orders.queries import queue_page
from tests.admin.conftest import Desk
from tests.factories.scene import make_neighbour, make_stranger

LIST = "/admin/board/data/list"


def join(desk: Desk, order_id: int, *scopes) -> None:
    code = desk.scene.place.spot.code
    for scope in scopes:
        desk.scene.do(lambda scope=scope: following.follow(order_id, by=scope, spot_code=code))


def also(desk: Desk) -> dict[int, int]:
    return {row["id"]: row["also"] for row in desk.get(LIST).json["rows"]}


def test_the_board_and_the_order_say_how_many_others_there_are(desk: Desk) -> None:
    alone, shared = desk.scene.submit().order_id, desk.scene.submit().order_id
    join(desk, shared, make_neighbour(desk.scene), make_stranger(), make_stranger())
    assert also(desk) == {alone: 0, shared: 3}
    for url in (f"/admin/board/data/orders/{shared}", f"/admin/orders/{shared}"):
        page = desk.get(url).text
        assert "另有 3 户反映" in page
        assert page.count("邻居也遇到") == 3
    assert "户反映" not in desk.get(f"/admin/board/data/orders/{alone}").text


def test_somebody_who_joins_changes_the_version_of_the_board(desk: Desk) -> None:
    order_id = desk.scene.submit().order_id
    before = desk.get("/admin/board/data/version").json["version"]
    join(desk, order_id, make_neighbour(desk.scene))
    assert desk.get("/admin/board/data/version").json["version"] != before


def test_nobody_at_the_desk_reads_who_has_joined(desk: Desk) -> None:
    order_id = desk.scene.submit().order_id
    join(desk, order_id, make_neighbour(desk.scene))
    for role in (Role.DSP, Role.MGR, Role.CO):
        page = desk.get(f"/admin/orders/{order_id}", role).text
        assert "示范邻居" not in page


def test_a_followers_stars_are_marked_as_a_neighbours(desk: Desk) -> None:
    order_id, neighbour = desk.scene.submit().order_id, make_neighbour(desk.scene)
    join(desk, order_id, neighbour)
    for step in (desk.scene.accept, desk.scene.assign, desk.scene.check_in, desk.scene.finish):
        step(order_id)
    desk.scene.do(lambda: following.rate_followed(order_id, by=neighbour, stars=2, text="等了很久"))
    page = desk.get(f"/admin/orders/{order_id}").text
    ratings = page.partition("居民评价")[2].partition("</section>")[0]
    assert "邻居" in ratings
    assert "等了很久" in ratings


def test_fifty_shared_orders_cost_as_many_statements_as_one(desk: Desk) -> None:
    stranger = make_stranger()
    join(desk, desk.scene.submit().order_id, stranger)
    before = desk.statements(LIST)
    orders = [desk.scene.submit().order_id for _ in range(49)]

    def join_all() -> None:
        for order_id in orders:
            following.follow(order_id, by=stranger, spot_code=desk.scene.place.spot.code)

    transact(join_all)
    assert desk.statements(LIST) == before
    assert set(also(desk).values()) == {1}


def test_one_order_costs_the_same_with_one_follower_and_with_ten(desk: Desk) -> None:
    order_id = desk.scene.submit().order_id
    url = f"/admin/orders/{order_id}"
    join(desk, order_id, make_stranger())
    before = desk.statements(url)
    join(desk, order_id, *(make_stranger() for _ in range(9)))
    assert desk.statements(url) == before
    assert dossier(order_id, desk.scene.by(Role.DSP)).also_reported == 10


def test_what_happens_in_homes_is_not_asked_about(desk: Desk) -> None:
    home_id = desk.scene.place.homes[0].id
    desk.scene.submit(menu=Menu.EMERGENCY, home_id=home_id, spot_id=None, category_code="H0101")
    lines = queue_page(desk.scene.by(Role.DSP), "unaccepted").items
    assert also_reported(lines) == {}
    assert list(also(desk).values()) == [0]
