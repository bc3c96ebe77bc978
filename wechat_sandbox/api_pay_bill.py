"""downloadbill of WeChat Pay v2: text (or GZIP) when there is a bill, XML with an error_code when there is none."""

from __future__ import annotations

import gzip

from flask import Blueprint, Response, g

from wechat_sandbox import pay_bill
from wechat_sandbox.pay_edge import Call, NotUnderstood, pay_call
from wechat_sandbox.pay_records import instant_of

pay_bill_api = Blueprint("pay_bill_api", __name__)
READY_AFTER = 34 * 3600
"""10:00 of the next day, from the day's midnight."""
KEPT = 92 * 86400


@pay_bill_api.route("/pay/downloadbill", methods=["GET", "POST"], endpoint="downloadbill")
@pay_call("device_info", "bill_date", "bill_type", "tar_type", needs_sub_merchant=False)
def download_bill(call: Call) -> Response:
    """The bill of `bill_date` for one sub-merchant, or for all without `sub_mch_id`.

    error_code 20001 for a request that is wrong, 20002 while there is no bill: nothing was paid, or it is not yet 10:00
    of the next day.
    """
    fields = call.fields
    if "bill_date" not in fields:
        raise NotUnderstood("missing parameter", "20001")
    bill_type, tar_type = fields.get("bill_type", "ALL"), fields.get("tar_type", "")
    if bill_type not in pay_bill.HEADERS:
        raise NotUnderstood("invalid bill_type", "20001")
    if tar_type not in ("", "GZIP"):
        raise NotUnderstood("invalid tar_type", "20001")
    _require_ready(fields["bill_date"], call.now)
    text = pay_bill.text(call.desk, fields["bill_date"], bill_type, fields.get("sub_mch_id", ""))
    if not text:
        raise NotUnderstood("No Bill Exist", "20002")
    g.outcome = "SUCCESS"
    if tar_type:
        return Response(gzip.compress(text.encode()), mimetype="application/x-gzip")
    return Response(text, mimetype="text/plain")


def _require_ready(day: str, now: float) -> None:
    try:
        begins = instant_of(f"{day}000000")
    except ValueError:
        raise NotUnderstood("invalid bill_date", "20001") from None
    if now - begins > KEPT or now < begins:
        raise NotUnderstood("invalid bill_date", "20001")
    if now < begins + READY_AFTER:
        raise NotUnderstood("Bill Creating", "20002")
