"""A city of homes with fee standards for the billing benchmark, written by the server itself, and what a month of it
must come to."""

from __future__ import annotations

from typing import Any

import pymysql

from bench.own_server import written_in_bulk

ESTATES, COMPANIES = 3000, 150
FILL = (
    "INSERT INTO districts (id, code, name) VALUES (1, '110199', '示范区')",
    "INSERT INTO streets (id, code, name, district_id) VALUES (1, 'S1', '示范街道', 1)",
    "INSERT INTO communities (id, code, name, street_id) VALUES (1, 'C1', '示范社区', 1)",
    """INSERT INTO estates (id, code, name, address, mode, house_type, area_m2, homes_count, latitude, longitude,
         district_id, street_id, community_id, has_lift, is_pilot, in_home_service, free_trial, pay_enabled,
         iot_enabled, parking_enabled)
       SELECT seq, CONCAT('E', seq), CONCAT('示范小区', seq), '', '专业物业', '', 0, 0, 39.9, 116.6, 1, 1, 1,
         0, 0, 0, 0, 1, 0, 0 FROM seq_1_to_{estates}""",
    """INSERT INTO buildings (id, estate_id, number, floors, has_lift)
       SELECT seq, seq, '1', 6, 0 FROM seq_1_to_{estates}""",
    "INSERT INTO units (id, building_id, number) SELECT seq, seq, '1' FROM seq_1_to_{estates}",
    """INSERT INTO homes (id, estate_id, building_id, unit_id, number, floor, area_m2)
       SELECT seq, 1 + (seq - 1) DIV {per_estate}, 1 + (seq - 1) DIV {per_estate}, 1 + (seq - 1) DIV {per_estate},
         seq, 1, 40 + (seq * 37 MOD 12000) / 100 FROM seq_1_to_{homes}""",
    """INSERT INTO companies (id, credit_code, name, admission, contact_phone, is_third_party)
       SELECT seq, LPAD(seq, 18, '0'), CONCAT('示范物业', seq), '准入', '', 0 FROM seq_1_to_{companies}""",
    """INSERT INTO offices (id, company_id, name, address, duty_phone, dispatching)
       SELECT seq, seq, CONCAT('示范管理处', seq), '', '', 'assign' FROM seq_1_to_{companies}""",
    """INSERT INTO service_contracts (id, estate_id, company_id, office_id, kind, begins_on)
       SELECT seq, seq, 1 + seq MOD {companies}, 1 + seq MOD {companies}, '正式', '2020-01-01'
       FROM seq_1_to_{estates}""",
    """INSERT INTO fee_standards (id, estate_id, company_id, kind, price_hundredths, valid_from, method, set_at)
       SELECT seq, seq, 1 + seq MOD {companies}, 'property', 5000 + seq * 7 MOD 25000, '2026-01-01', '', NOW(3)
       FROM seq_1_to_{estates}""",
)
# The least that could write a month: one statement, the same columns, into a table with the same indexes, checks and
# foreign keys. What an estate pays was looked up beforehand, and that is not counted.
LIMIT_TABLE = (
    "DROP TABLE IF EXISTS bench_bills",
    "DROP TABLE IF EXISTS bench_rates",
    """CREATE TABLE bench_rates (PRIMARY KEY (estate_id)) SELECT e.id estate_id, c.company_id, e.district_id,
         c.id contract_id, f.id standard_id, f.kind, f.price_hundredths
       FROM estates e JOIN service_contracts c ON c.estate_id = e.id
         JOIN fee_standards f ON f.estate_id = e.id AND f.company_id = c.company_id""",
    "CREATE TABLE bench_bills LIKE bills",
    """ALTER TABLE bench_bills ADD CONSTRAINT bench_home FOREIGN KEY (home_id) REFERENCES homes (id),
         ADD CONSTRAINT bench_estate FOREIGN KEY (estate_id) REFERENCES estates (id)""",
)
LIMIT = """
INSERT INTO bench_bills (home_id, period, kind, version, amount_fen, paid_fen, refunded_fen, state, due_on, estate_id,
  company_id, district_id, contract_id, standard_id, quantity_hundredths, price_hundredths, note, issued_at)
SELECT STRAIGHT_JOIN h.id, '2026-12', r.kind, 1, ROUND(h.area_m2 * r.price_hundredths / 100), 0, 0, 'due',
  '2026-12-31', h.estate_id, r.company_id, r.district_id, r.contract_id, r.standard_id,
  CAST(h.area_m2 * 100 AS SIGNED), r.price_hundredths, '', NOW(3)
FROM homes h JOIN bench_rates r ON r.estate_id = h.estate_id
"""
WRITTEN = """SELECT COUNT(*), COUNT(DISTINCT home_id), COALESCE(SUM(amount_fen), 0),
  SUM(company_id = 0 OR standard_id IS NULL OR contract_id = 0) FROM {table}"""
RIGHT = """SELECT COUNT(*), COUNT(*), SUM(ROUND(h.area_m2 * f.price_hundredths / 100)), 0
FROM homes h JOIN fee_standards f ON f.estate_id = h.estate_id"""
EMPTY = ("bills", "billing_runs", "billing_rates", "billing_chunks", "outbox")


def fill(connection: pymysql.Connection, homes: int) -> None:
    """Estates of equal size over the companies; areas of 40 to 160 m², prices of half a yuan to three."""
    per_estate = max(1, homes // ESTATES)
    sizes = {
        "homes": homes,
        "per_estate": per_estate,
        "estates": 1 + (homes - 1) // per_estate,
        "companies": COMPANIES,
    }
    with written_in_bulk(connection), connection.cursor() as cursor:
        for statement in FILL:
            cursor.execute(statement.format(**sizes))
            connection.commit()


def new_limit_table(connection: pymysql.Connection) -> None:
    """An empty one, equal to that of the product."""
    with connection.cursor() as cursor:
        for statement in LIMIT_TABLE:
            cursor.execute(statement)
    connection.commit()


def no_bills(connection: pymysql.Connection) -> None:
    """As if nothing had ever been issued."""
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION foreign_key_checks = 0")
        for table in EMPTY:
            cursor.execute(f"TRUNCATE TABLE {table}")
        cursor.execute("SET SESSION foreign_key_checks = 1")
    connection.commit()


def figures(connection: pymysql.Connection, statement: str) -> tuple[int, ...]:
    """One row of numbers, as committed now."""
    connection.commit()
    with connection.cursor() as cursor:
        cursor.execute(statement)
        row: Any = cursor.fetchone()
    return tuple(int(value or 0) for value in row)


def verify(connection: pymysql.Connection, table: str = "bills") -> None:
    """Every home once, to the fen, with its stamps; raises AssertionError."""
    found, right = figures(connection, WRITTEN.format(table=table)), figures(connection, RIGHT)
    assert found == right, f"{table}: rows, homes, fen, without stamp are {found}, expected {right}"
