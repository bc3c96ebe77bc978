"""Signed-in residents with photos to send, and the requests that they make, as text ready for a socket."""

from __future__ import annotations

import hashlib
import itertools
import json
import uuid
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import insert

from app.accounts.sessions import API_LIVES, Channel, open_session
from app.core.db import db, table_of, transact
from app.media.models import CheckState, Photo
from bench.district import RESIDENTS, THEN

Person = dict[str, Any]
"""The values by which the statements of one resident's request differ from those of another's."""

COMMAND, PATH = "POST", "/api/v1/orders"
ROWS = 20
FIRST_PHOTO = 10_000_000
"""Above all other ids, so that a parameter of a captured statement is a photo or is not."""


def sign_in_everybody() -> list[Person]:
    """A session for each resident and for one person who has never reported anything (the last one)."""
    return transact(lambda: [_signed_in(number) for number in range(1, RESIDENTS + 2)])


def _signed_in(number: int) -> Person:
    token = open_session(number, channel=Channel.API, lives_for=min(API_LIVES, timedelta(days=1)))
    return {
        "account_id": number,
        "home_id": number,
        "actor": f"account:{number}",
        "token": token,
        "token_hash": hashlib.sha256(token.encode()).hexdigest(),
    }


def upload_photos(each: int) -> None:
    """`each` photo rows for every resident; the pictures behind them are not looked at when an order is made."""
    rows = [_photo(owner, place) for place in range(each) for owner in range(1, RESIDENTS + 1)]
    transact(lambda: db.session.execute(insert(table_of(Photo)), rows))


def _photo(owner: int, place: int) -> dict[str, Any]:
    return {
        "id": FIRST_PHOTO + place * RESIDENTS + owner,
        "uploaded_by": owner,
        "uploaded_at": THEN,
        "sha256": hashlib.sha256(f"{owner}-{place}".encode()).hexdigest(),
        "key": f"bench/{owner}/{place}.jpg",
        "width": 1600,
        "height": 1200,
        "check_state": CheckState.PASS,
        "attached": False,
    }


def reporters(people: list[Person]) -> Iterator[Person]:
    """The residents in turn, each time with a photo that was not used and a new idempotency key."""
    for number in itertools.count(1):
        person = people[(number - 1) % RESIDENTS]
        yield {**person, "photo_id": FIRST_PHOTO + number, "key": uuid.uuid4().hex}


def report_body(person: Person) -> str:
    """An emergency at home with one photo and no words."""
    return json.dumps(
        {
            "menu": "EMG",
            "category_code": "H0203",
            "home_id": person["home_id"],
            "photo_ids": [person["photo_id"]],
        }
    )


def report_request(person: Person) -> str:
    """The whole HTTP request of a report."""
    headers = {"Content-Type": "application/json", "Idempotency-Key": person["key"]}
    return _http(COMMAND, PATH, person, headers, report_body(person))


def list_request(person: Person, *, path: str = PATH) -> str:
    """The whole HTTP request of a page of 我的记录."""
    return _http("GET", f"{path}?limit={ROWS}", person, {}, "")


def _http(method: str, path: str, person: Person, headers: Mapping[str, str], body: str) -> str:
    lines = {"Host": "127.0.0.1", "Authorization": f"Bearer {person['token']}", **headers}
    if body:
        lines["Content-Length"] = str(len(body.encode()))
    return (
        f"{method} {path} HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in lines.items()) + f"\r\n{body}"
    )
