"""Orders that wait: from what manager, authority and resident do to what each of them hears, on both engines."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from app.core import clock
from app.core.clock import china
from app.core.db import db, transact
from app.core.roles import Role
from app.notifications.models import Notification
from app.orders import extensions, fund, holds, questions, special, third_party
from app.orders.sweeping import sweep
from app.orders.third_party import ThirdParty
from tests.engines import both_engines
from tests.fakes.district import HOME_NUMBER, RESIDENT_NAME, T0
from tests.reactions.test_order_reactions import at, finished, heard, react, under_way, visit

pytestmark = both_engines
SECOND = timedelta(seconds=1)


def at_work(town) -> int:
    order_id = town.report().order_id
    under_way(town, order_id)
    visit(town, order_id)
    return order_id


def bodies(town, role: Role) -> list[str]:
    db.session.rollback()
    mine = Notification.account_id == town.accounts[role]
    return list(db.session.scalars(select(Notification.body).where(mine).order_by(Notification.id)))


def wait_for_firm(town, order_id: int, *, reason: str = "总闸要供电公司来换") -> None:
    party = ThirdParty("utility", "城东供电公司", ticket="D-42")
    by = town.scopes[Role.MGR]
    transact(
        lambda: third_party.hold_third(order_id, by=by, party=party, reason=reason, safety="已断电并放警示牌")
    )


def need_fund(town, order_id: int) -> None:
    photo, by = town.photo(Role.MGR), town.scopes[Role.MGR]
    transact(
        lambda: fund.need(
            order_id, by=by, payer="fund", reason="外墙已过保修期", scope="12号楼东立面", photo_ids=[photo]
        )
    )


def test_the_resident_hears_why_nothing_moves_and_the_manager_is_asked_every_day(town):
    order_id = at_work(town)
    with at(hours=1):
        wait_for_firm(town, order_id)
        react()
    assert bodies(town, Role.RES)[-1].endswith(
        "在等城东供电公司处理(对方单号 D-42):总闸要供电公司来换。临时安全措施:已断电并放警示牌。"
        "修复时限暂停,恢复后接着计时。有进展物业会告诉您。"
    )
    assert heard(town)["CO"][-1] == "工单挂起,等专业单位"
    before = heard(town)
    for day in (1, 2):
        with at(hours=1 + 24 * day, seconds=1):
            sweep()
            react()
    assert heard(town)["MGR"][-2:] == ["请跟进专业单位"] * 2
    assert bodies(town, Role.MGR)[-1].split(":", 1)[1].startswith("已等城东供电公司 2 天。")
    for role in ("DSP", "RES", "WRK", "CO"):
        assert heard(town)[role] == before[role]
    with at(hours=50):
        transact(lambda: holds.end_hold(order_id, by=town.scopes[Role.MGR], reason="供电公司已换好总闸"))
        react()
    assert "恢复处理:供电公司已换好总闸" in bodies(town, Role.RES)[-1]
    assert heard(town)["WRK"][-1] == "恢复处理"


def test_no_text_names_the_resident_or_the_home(town):
    order_id = at_work(town)
    with at(hours=1):
        wait_for_firm(town, order_id, reason=f"{RESIDENT_NAME}家的总闸要换")
        react()
    for role in (Role.RES, Role.MGR, Role.CO):
        assert RESIDENT_NAME not in "".join(bodies(town, role))
        assert HOME_NUMBER not in "".join(bodies(town, role))


def test_at_night_the_resident_reads_at_once_and_the_desk_calls_by_nine(town):
    order_id = at_work(town)
    need_fund(town, order_id)
    react()
    assert "物业会在 明天 09:00 前打电话向您说明" in bodies(town, Role.RES)[-1]
    assert "请在 明天 09:00 前打电话" in bodies(town, Role.DSP)[-1]
    nine = china(2026, 11, 21, 9)
    with clock.frozen(nine - timedelta(hours=1) + SECOND):
        sweep()
        react()
    assert heard(town)["DSP"][-1] == "说明维修资金快到时限"
    with clock.frozen(nine):
        sweep()
    with clock.frozen(nine + SECOND):
        sweep()
        react()
    told = heard(town)
    assert told["DSP"][-1] == told["MGR"][-1] == told["CO"][-1] == "说明维修资金超时"
    assert "没有说明就不能转征询" in bodies(town, Role.MGR)[-1]
    assert "超时" not in "".join(told["RES"] + told["WRK"])


def test_the_bureau_hears_of_the_consultation_and_of_its_failure(town):
    order_id = at_work(town)
    by = town.scopes[Role.MGR]
    need_fund(town, order_id)
    told = {"spoken_to": "报修人", "how": "phone", "words": "已说明要征询业主"}
    transact(lambda: fund.tell(order_id, by=by, **told))
    transact(lambda: fund.hold(order_id, by=by))
    react()
    assert heard(town)["RES"][-1] == "维修资金征询中"
    assert "范围:12号楼东立面" in bodies(town, Role.RES)[-1]
    assert heard(town)["BUR"] == ["工单转维修资金征询"]
    photo = town.photo(Role.MGR)
    with at(hours=500):
        transact(lambda: fund.close(order_id, by=by, result="同意的面积不足", photo_ids=[photo]))
        react()
    assert "征询没有通过,先办结。同意的面积不足" in bodies(town, Role.RES)[-1]
    assert heard(town)["BUR"][-1] == heard(town)["CO"][-1] == "维修资金征询未通过"


def test_a_special_extension_is_asked_of_street_and_bureau_and_told_to_the_resident(town):
    order_id = at_work(town)
    photo, until = town.photo(Role.MGR), china(2026, 12, 9, 18)
    plan = {"reason": "曳引机要返厂大修", "plan": "12月8日装回", "until": until}
    by, bureau = town.scopes[Role.MGR], town.scopes[Role.BUR]
    transact(lambda: special.request(order_id, by=by, **plan, photo_ids=[photo]))
    react()
    assert heard(town)["STR"] == heard(town)["BUR"] == ["请决定特延申请"]
    transact(lambda: special.refuse(order_id, by=bureau, note="请先用备用配件"))
    react()
    assert heard(town)["MGR"][-1] == "特延没有同意"
    assert "修复时间有变化" not in heard(town)["RES"]
    again = town.photo(Role.MGR)
    transact(lambda: special.request(order_id, by=by, **plan, photo_ids=[again]))
    transact(lambda: special.approve(order_id, by=bureau, note="情况属实"))
    react()
    assert heard(town)["RES"][-1] == "修复时间有变化"
    assert "新的时限是 12月9日 18:00" in bodies(town, Role.RES)[-1]
    assert heard(town)["MGR"][-1] == heard(town)["CO"][-1] == "特延已同意"


def test_an_ordinary_extension_is_told_with_its_own_reason_though_a_special_one_waits(town):
    order_id = at_work(town)
    asked = {"reason_code": "buying", "reason": "配件要从厂家发货", "expected_at": T0 + timedelta(hours=90)}
    worker, manager = town.scopes[Role.WRK], town.scopes[Role.MGR]
    photos = [[town.photo(Role.WRK)], [town.photo(Role.MGR)]]
    transact(lambda: extensions.request(order_id, by=worker, photo_ids=photos[0], **asked))
    plan = {"reason": "曳引机要返厂大修", "plan": "12月8日装回", "until": china(2026, 12, 9, 18)}
    transact(lambda: special.request(order_id, by=manager, photo_ids=photos[1], **plan))
    transact(lambda: extensions.decide(order_id, by=manager, grant=True))
    react()
    assert "原因:配件要从厂家发货" in bodies(town, Role.RES)[-1]
    assert heard(town)["WRK"][-1] == "延期已批准"


def test_a_question_reaches_the_resident_and_its_answer_or_the_silence_the_desk(town):
    answered, silent = (town.report().order_id for _ in range(2))
    by = town.scopes[Role.DSP]
    for order_id in (answered, silent):
        transact(lambda each=order_id: questions.ask(each, by=by, question="是几号楼几单元的监控?"))
    react()
    assert heard(town)["RES"][-2:] == ["请您补充信息"] * 2
    assert "24 小时内补充:是几号楼几单元的监控?" in bodies(town, Role.RES)[-1]
    with at(minutes=5):
        transact(lambda: questions.give(answered, by=town.scopes[Role.RES], text="3号楼大厅"))
        react()
    assert heard(town)["DSP"][-1] == heard(town)["MGR"][-1] == "居民已补充信息"
    with at(hours=24, seconds=1):
        sweep()
        react()
    assert [title for title in heard(town)["DSP"] if "补充" in title] == [
        "居民已补充信息",
        "居民没有补充信息",
    ]


def test_whoever_has_been_there_is_not_told_of_a_silence(town):
    order_id = town.report().order_id
    by = town.scopes[Role.DSP]
    transact(lambda: questions.ask(order_id, by=by, question="是几号楼几单元的监控?"))
    under_way(town, order_id)
    finished(town, order_id)
    with clock.frozen(T0 + timedelta(hours=25)):
        sweep()
        react()
    assert "居民没有补充信息" not in heard(town)["DSP"]
