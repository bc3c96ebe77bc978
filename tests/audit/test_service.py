"""The audit log is one chain that any later change breaks."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import delete, select, update

from app.accounts.scopes import nobody_yet
from app.audit.models import AuditHead, AuditRecord
from app.audit.queries import audit_page
from app.audit.service import ensure_head, record, verify_chain
from app.companies.hats import scope_of
from app.core.db import Rollback, db, transact
from app.core.errors import Invalid
from app.core.roles import Role
from app.core.scope import SYSTEM
from tests.engines import both_engines, in_parallel
from tests.factories import make_district, make_hat, make_place


def write(count: int, **values) -> list[int]:
    def work() -> None:
        for number in range(count):
            details = {"number": number, "name": "王小明", "nested": {"ratio": 0.1, "list": [1, None, True]}}
            record(
                "test.act", by=nobody_yet(7), object_kind="thing", object_id=number, details=details, **values
            )

    transact(work)
    return list(db.session.scalars(select(AuditRecord.id).order_by(AuditRecord.id)))


@both_engines
def test_an_untouched_chain_verifies(app_db):
    assert verify_chain() is None
    write(5)
    write(3)
    assert verify_chain() is None
    assert db.session.scalar(select(AuditHead.records)) == 8


@both_engines
@pytest.mark.parametrize(
    "change",
    [{"result": "refused"}, {"details": {"number": 99}}, {"account_id": 8}, {"business_district_id": 1}],
)
def test_an_edited_record_is_found(app_db, change):
    ids = write(5)
    transact(lambda: db.session.execute(update(AuditRecord).where(AuditRecord.id == ids[2]).values(**change)))
    assert verify_chain() == ids[2]


@both_engines
def test_a_missing_record_is_found(app_db):
    ids = write(5)
    transact(lambda: db.session.execute(delete(AuditRecord).where(AuditRecord.id == ids[1])))
    assert verify_chain() == ids[2]


def test_a_missing_last_record_is_found(app_db):
    ids = write(5)
    transact(lambda: db.session.execute(delete(AuditRecord).where(AuditRecord.id == ids[-1])))
    assert verify_chain() == ids[-2] + 1


def test_an_edited_last_record_with_a_fitting_hash_is_found(app_db):
    ids = write(3)
    transact(
        lambda: db.session.execute(update(AuditRecord).where(AuditRecord.id == ids[-1]).values(hash="f" * 64))
    )
    assert verify_chain() == ids[-1]


def test_a_chain_longer_than_one_batch_verifies(app_db, monkeypatch):
    monkeypatch.setattr("app.audit.service.BATCH", 4)
    ids = write(13)
    assert verify_chain() is None
    transact(
        lambda: db.session.execute(update(AuditRecord).where(AuditRecord.id == ids[9]).values(role="BUR"))
    )
    assert verify_chain() == ids[9]


@both_engines
def test_parallel_records_stand_in_one_order(app_db):
    outcomes = in_parallel(app_db, [lambda: write(5) and None] * 4)
    assert outcomes == [None] * 4
    assert db.session.scalar(select(AuditHead.records)) == 20
    assert verify_chain() is None


def test_a_rolled_back_change_leaves_no_record(app_db):
    def work() -> None:
        record("test.act", by=SYSTEM, object_kind="thing")
        raise Rollback()

    transact(work)
    assert db.session.scalar(select(AuditRecord.id)) is None
    assert verify_chain() is None


def test_phone_numbers_are_masked_wherever_they_stand(app_db):
    details = {
        "note": "打给19900000001没人接",
        "list": ["19900000002"],
        "19900000003": 1,
        "order": "20261121000001",
    }
    transact(lambda: record("test.act", by=SYSTEM, object_kind="thing", details=details))
    kept = json.dumps(db.session.scalar(select(AuditRecord.details)), ensure_ascii=False)
    assert "1990000000" not in kept
    assert "199****0001" in kept
    assert "20261121000001" in kept, "an order number is no phone number"


def test_the_head_is_created_once(app_db):
    transact(ensure_head)
    write(1)
    transact(ensure_head)
    assert verify_chain() is None
    assert db.session.scalar(select(AuditHead.records)) == 1


def test_the_audit_administrator_sees_all_and_the_bureau_its_district(app_db):
    here, elsewhere = make_district(), make_district()
    write(2, district_id=here.id)
    write(1, district_id=elsewhere.id)
    write(3)
    auditor = scope_of(make_hat(Role.AUA))
    bureau = scope_of(make_hat(Role.BUR, district_id=here.id))
    assert len(audit_page(auditor).items) == 6
    assert [row.business_district_id for row in audit_page(bureau).items] == [here.id, here.id]


@pytest.mark.parametrize("role", [Role.SYA, Role.SEA, Role.MGR, Role.DSP])
def test_nobody_else_reads_the_log(app_db, role):
    write(2)
    place = make_place()
    office_hat = {"company_id": place.company.id, "office_id": place.office.id}
    hat = make_hat(role, **(office_hat if role in (Role.MGR, Role.DSP) else {}))
    assert audit_page(scope_of(hat)).items == []


def test_pages_follow_each_other_without_gaps(app_db):
    ids = write(5)
    auditor = scope_of(make_hat(Role.AUA))
    seen, cursor = [], None
    for _ in range(3):
        page = audit_page(auditor, cursor=cursor, limit=2)
        seen += [row.id for row in page.items]
        cursor = page.next_cursor
    assert seen == ids[::-1]
    assert cursor is None


def test_the_log_can_be_narrowed(app_db):
    write(2)
    transact(lambda: record("other.act", by=nobody_yet(9), object_kind="home", object_id=5))
    auditor = scope_of(make_hat(Role.AUA))
    assert [row.object_id for row in audit_page(auditor, action="other.act").items] == ["5"]
    assert len(audit_page(auditor, object_kind="thing").items) == 2
    assert len(audit_page(auditor, account_id=9).items) == 1


def test_a_foreign_cursor_is_refused(app_db):
    with pytest.raises(Invalid):
        audit_page(SYSTEM, cursor="nonsense")
