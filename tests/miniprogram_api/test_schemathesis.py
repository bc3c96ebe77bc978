"""The API against its own OpenAPI document: every operation, every check, signed in under three hats."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import from_schema

from app.core.roles import Role
from app.feedback.lifecycle import Status as Snap
from tests.fakes.serving import serving
from tests.feedback.doing import in_status
from tests.miniprogram_api.phones import Api, token_of
from tests.miniprogram_api.steps import assigned, done, submitted, verified

SEED = 20261120
EXAMPLES = 4
# 422, 415 and 413: what is well-formed can still name a home that is not one's own, or be no photo; all documented.
ALSO_EXPECTED = ["2xx", "401", "403", "404", "409", "413", "415", "422", "429"]
CONFIG: dict[str, Any] = {
    "seed": SEED,
    "generation": {"max-examples": EXAMPLES, "deterministic": True, "database": "none", "no-shrink": True},
    "checks": {"positive_data_acceptance": {"expected-statuses": ALSO_EXPECTED}},
}


def _schema(api: Api, address: str, role: Role) -> Any:
    """The document of the running application; every case comes with a new session of the person under test."""
    schema = schemathesis.openapi.from_url(
        f"{address}/api/v1/openapi.json", config=SchemathesisConfig.from_dict(CONFIG)
    )
    scope = api.scene.by(role)

    @schema.auth(refresh_interval=None)
    class Session:
        def get(self, case: Any, context: Any) -> str:
            with api.app.app_context():
                return token_of(scope)

        def set(self, case: Any, data: str, context: Any) -> None:
            case.headers = {**(case.headers or {}), "Authorization": f"Bearer {data}"}

    return schema


def _failures(schema: Any) -> Iterator[str]:
    for event in from_schema(schema).execute():
        recorder = getattr(event, "recorder", None)
        for case_checks in (recorder.checks if recorder else {}).values():
            for check in case_checks:
                if check.failure_info is not None:
                    failure = check.failure_info.failure
                    yield f"{recorder.label}: {check.name}: {failure.title}: {failure.message}"
        if type(event).__name__ in ("NonFatalError", "FatalError"):
            yield f"{event.label}: {event.info.format()}"


@pytest.mark.timeout(1500)
@pytest.mark.parametrize("role", [Role.RES, Role.WRK, Role.DSP])
def test_every_operation_keeps_what_the_document_says(wechat_api, role):
    known = [arrange(wechat_api.scene) for arrange in (submitted, assigned, verified, done)]
    snaps = [in_status(wechat_api.scene, each) for each in (Snap.SUBMITTED, Snap.ACCEPTED, Snap.ANSWERED)]
    with serving(wechat_api.app) as address:
        schema = _schema(wechat_api, address, role)

        @schema.hook("map_path_parameters")
        def half_of_the_rows_exist(context: Any, parameters: dict[str, Any] | None) -> Any:
            wanted = (parameters or {}).get("order_id")
            if isinstance(wanted, int) and wanted % 2 == 0:
                return {**parameters, "order_id": known[wanted // 2 % len(known)]}
            snap = (parameters or {}).get("snap_id")
            if isinstance(snap, int) and snap % 2 == 0:
                return {**parameters, "snap_id": snaps[snap // 2 % len(snaps)]}
            return parameters

        assert sorted(set(_failures(schema))) == []
