"""How a route is written: it says who may call it, what it takes and what it answers; the pipeline does the rest.

A query reads. A command changes: it carries an `Idempotency-Key`, runs as one transaction and keeps its answer in the
same transaction, so that a repeated key gives the same answer and nothing happens twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from apiflask import APIBlueprint
from flask import Response, g, json, request
from pydantic import BaseModel, ValidationError

from app.bootstrap import begin_unit
from app.core import receipts
from app.core.db import transact
from app.core.reading import read_again
from app.core.receipts import Receipt, checked_request_id, fingerprint
from app.core.roles import Role
from miniprogram_api import rates
from miniprogram_api.errors import WrongContentType, invalid_input
from miniprogram_api.neighbours import neighbours
from miniprogram_api.session import PUBLIC, Caller, authenticate, check_promises

KEY_HEADER = "Idempotency-Key"
MAX_JSON_BYTES = 64 * 1024
View = Callable[..., Any]


def _always(body: Any) -> bool:
    return True


@dataclass(frozen=True)
class Route:
    """What a route declares; read by the pipeline, by the OpenAPI document and by the tests."""

    method: str
    path: str
    who: frozenset[Role]
    title: str
    tag: str
    out: type[BaseModel]
    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    status: int = 200
    command: bool = False
    upload: str = ""
    rate: str = ""
    prepare: View | None = None
    prepare_when: Callable[[Any], bool] = _always
    refuses: frozenset[int] = field(default_factory=frozenset)
    personal: bool = True
    consent: bool = False
    fresh: bool = False

    @property
    def public(self) -> bool:
        """Whether nobody needs to sign in."""
        return self.who == PUBLIC


ROUTES: dict[str, Route] = {}
"""Every route of this edge by its endpoint; a test walks the url map and finds each one here."""


class Routes:
    """The routes of one domain: a blueprint under /api/v1 whose decorators demand `who`."""

    def __init__(self, name: str, *, tag: str) -> None:
        self.tag = tag
        self.blueprint = APIBlueprint(f"api_{name}", f"miniprogram_api.{name}", url_prefix="/api/v1")

    def query(
        self,
        path: str,
        *,
        who: frozenset[Role],
        out: type[BaseModel],
        title: str,
        asks: type[BaseModel] | None = None,
        rate: str = "",
        personal: bool = True,
    ) -> Callable[[View], View]:
        """GET: the view is called as view(caller, [asked], **ids); without `who` there is no caller."""
        return self._add(
            Route("GET", path, who, title, self.tag, out, query=asks, rate=rate, personal=personal)
        )

    def command(
        self,
        path: str,
        *,
        who: frozenset[Role],
        out: type[BaseModel],
        title: str,
        takes: type[BaseModel] | None = None,
        method: str = "POST",
        status: int = 200,
        upload: str = "",
        rate: str = "",
        prepare: View | None = None,
        prepare_when: Callable[[Any], bool] = _always,
        refuses: frozenset[int] = frozenset(),
        consent: bool = False,
        fresh: bool = False,
    ) -> Callable[[View], View]:
        """A change: the view is called inside the transaction as view(caller, [body], [prepared], **ids).

        `prepare` talks to other systems before the transaction begins, as prepare(caller, [body]); what it returns is
        `prepared`. It does not run for a key that was answered before; for a body that leaves it nothing to ask
        elsewhere (`prepare_when` is false) nobody looks for that answer first. `refuses` names further statuses.
        `consent`: something personal is taken, so residents must have agreed to the privacy notice (P01). `fresh`: the
        session must have been opened a moment ago (P15)."""
        return self._add(
            Route(
                method,
                path,
                who,
                title,
                self.tag,
                out,
                body=takes,
                status=status,
                command=True,
                upload=upload,
                rate=rate,
                prepare=prepare,
                prepare_when=prepare_when,
                refuses=refuses,
                consent=consent,
                fresh=fresh,
            )
        )

    def _add(self, route: Route) -> Callable[[View], View]:
        def decorate(view: View) -> View:
            run = _run_command if route.command else _run_query

            @wraps(view)
            def pipeline(**ids: Any) -> Response:
                def answer() -> Response:
                    return _answer(route, lambda caller: run(route, view, caller, ids))

                return answer() if route.command else read_again(answer)

            documented = self._documented(route, pipeline)
            self.blueprint.add_url_rule(
                route.path, view.__name__, documented, methods=[route.method], provide_automatic_options=False
            )
            ROUTES[f"{self.blueprint.name}.{view.__name__}"] = route
            return view

        return decorate

    def _documented(self, route: Route, pipeline: View) -> View:
        """APIFlask reads the models from here; validation stays in the pipeline, after the caller is known."""
        documented = self.blueprint.doc(summary=route.title, tags=[route.tag])(pipeline)
        documented = self.blueprint.output(route.out, status_code=route.status)(documented)
        documented._spec["args"] = [(route.query, "query")] if route.query else []
        if route.body:
            documented._spec.update(body=route.body, content_type="application/json")
        return documented


def _answer(route: Route, run: Callable[[Caller | None], Receipt]) -> Response:
    """Take over a moved clock, find out who asks, count the try, do the work, write the answer."""
    begin_unit(neighbours().settings)
    caller = None if route.public else authenticate(route.who)
    if caller is not None:
        check_promises(caller, consent=route.consent, fresh=route.fresh)
    if route.rate:
        rates.count(route.rate, caller.actor if caller else None)
    g.no_store = route.personal
    receipt = run(caller)
    return Response(_json(receipt.answer), receipt.status, mimetype="application/json")


def _json(answer: Any) -> str:
    if isinstance(answer, BaseModel):
        return answer.model_dump_json()
    return json.dumps(answer, ensure_ascii=False, sort_keys=False)


def _run_query(route: Route, view: View, caller: Caller | None, ids: dict[str, Any]) -> Receipt:
    given: list[Any] = [] if caller is None else [caller]
    if route.query:
        given.append(_asked(route.query))
    return Receipt(route.status, view(*given, **ids))


def _asked(model: type[BaseModel]) -> BaseModel:
    """The query's values; one that is given twice is refused rather than half ignored."""
    doubled = [name for name, values in request.args.lists() if len(values) > 1]
    if doubled:
        raise invalid_input([{"loc": (doubled[0],), "type": "doubled", "ctx": {}}])
    try:
        return model.model_validate(request.args.to_dict())
    except ValidationError as error:
        raise invalid_input(error.errors(include_url=False)) from error


def _run_command(route: Route, view: View, caller: Caller | None, ids: dict[str, Any]) -> Receipt:
    if caller is None:  # only signing in: nobody is there yet to whom a key could belong
        body, _ = _body(route)
        prepared = _prepared(route, None, body)
        return Receipt(route.status, transact(lambda: _dumped(view(*_given(None, body, prepared), **ids))))
    key = checked_request_id(request.headers.get(KEY_HEADER))
    body, content = _body(route)
    print_ = fingerprint(request.method, request.path, content)
    if route.prepare and route.prepare_when(body):
        earlier = receipts.find_receipt(caller.actor, key, print_)
        if earlier is not None:
            return earlier
    prepared = _prepared(route, caller, body)

    def work() -> Any:
        return _dumped(view(*_given(caller, body, prepared), **ids))

    return receipts.answer_once(caller.actor, key, print_, work, status=route.status)


_NOTHING = object()


def _prepared(route: Route, caller: Caller | None, body: Any) -> Any:
    return route.prepare(*_given(caller, body, _NOTHING)) if route.prepare else _NOTHING


def _given(caller: Caller | None, body: Any, prepared: Any) -> list[Any]:
    found = [] if caller is None else [caller]
    return [*found, *(value for value in (body, prepared) if value is not _NOTHING)]


def _dumped(answer: BaseModel) -> Any:
    return answer.model_dump(mode="json")


def _body(route: Route) -> tuple[Any, bytes]:
    """The checked body and the bytes that make two requests the same command."""
    if route.upload:
        return _file(route.upload)
    if route.body is None:
        return _NOTHING, b""
    request.max_content_length = MAX_JSON_BYTES
    if request.mimetype != "application/json":
        raise WrongContentType()
    raw = request.get_data()
    try:
        return route.body.model_validate_json(raw, strict=True), raw
    except ValidationError as error:
        raise invalid_input(error.errors(include_url=False)) from error


def _file(name: str) -> tuple[bytes, bytes]:
    """The uploaded file; boundaries differ from try to try, so only its content counts."""
    if request.mimetype != "multipart/form-data":
        raise WrongContentType()
    sent = request.files.get(name)
    if sent is None:
        raise invalid_input([{"loc": (name,), "type": "missing", "ctx": {}}])
    data = sent.read()
    return data, data
