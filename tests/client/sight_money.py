"""Bills, payments, questions and invoices that the sights of the money pages show."""

from __future__ import annotations

from app.fees.rules import FeeKind
from tests.client import field, money, publicity
from tests.client.district import FAMILY_OF_THREE_HOMES, RESIDENT, District

TWO_COMPANIES = "sun"
"""An owner of two homes; the third, of another company, is added for whoever asks for two payments."""
OTHER_COMPANYS_ESTATE = "DEMO-005"


class MoneySights:
    """A part of `Orders`: each is made when first asked for."""

    district: District

    def _owes(self) -> int:
        return money.owe(self.district, RESIDENT, months=2)[0]

    def _family_owes(self) -> int:
        return money.owe(self.district, FAMILY_OF_THREE_HOMES)[0]

    def _bill(self) -> int:
        return self._owes()

    def _waiting_payment(self) -> int:
        return money.asked_to_pay(self.district, RESIDENT, money.owe(self.district, RESIDENT, months=2))[0]

    def _two_payments(self) -> str:
        """Of two companies, the first of them paid."""
        money.owns_too(self.district, TWO_COMPANIES, OTHER_COMPANYS_ESTATE)
        bills = money.owe(self.district, TWO_COMPANIES, months=1)
        ids = money.asked_to_pay(self.district, TWO_COMPANIES, bills)
        money.pay(self.district, TWO_COMPANIES, ids[0])
        return ",".join(str(each) for each in ids)

    def _two_paid(self) -> str:
        ids = str(self._two_payments())
        money.pay(self.district, TWO_COMPANIES, int(ids.split(",")[1]))
        return ids

    def _paid(self) -> int:
        return money.paid(self.district, RESIDENT, months=3)

    def _paid_too(self) -> int:
        return money.paid(self.district, RESIDENT)

    def _given_up(self) -> int:
        payment_id = self._waiting_payment()
        field.api(self.district, RESIDENT).post(f"/payments/{payment_id}/cancel")
        return payment_id

    def _giving_up(self) -> int:
        """WeChat has it already, and closes nothing in the first five minutes."""
        payment_id = self._waiting_payment()
        phone = field.api(self.district, RESIDENT)
        phone.post(f"/payments/{payment_id}/open")
        phone.post(f"/payments/{payment_id}/cancel")
        return payment_id

    def _refund_asked(self) -> int:
        payment_id = money.paid(self.district, RESIDENT)
        body = {"reason_code": "wrong", "reason": "付成了邻居家的", "amount_fen": 1000}
        field.api(self.district, RESIDENT).post(f"/payments/{payment_id}/ask-refund", body)
        return payment_id

    def _invoice_asked(self) -> int:
        payment_id = money.paid(self.district, RESIDENT)
        body = {"how": "letterbox", "title_kind": "person", "title": "王秀兰"}
        field.api(self.district, RESIDENT).post(f"/payments/{payment_id}/invoice", body)
        return payment_id

    def _fee_asked(self) -> int:
        bill_id = self._owes()
        body = {"text": "这个数是怎么算出来的? 我家面积好像没有这么大"}
        field.api(self.district, RESIDENT).post(f"/bills/{bill_id}/ask", body)
        return bill_id

    def _public_quarters(self) -> int:
        return len(publicity.quarters_are_public(self.district, RESIDENT))

    def _in_two_estates(self) -> str:
        money.owns_too(self.district, TWO_COMPANIES, OTHER_COMPANYS_ESTATE)
        return OTHER_COMPANYS_ESTATE

    def _parking(self) -> int:
        """Where nobody has switched it on, it is not there."""
        return money.owe(self.district, TWO_COMPANIES, months=1, kind=FeeKind.PARKING_OWN)[0]

    def _to_pay(self) -> int:
        return money.repaired(self.district, RESIDENT)

    def _repair_paid(self) -> int:
        order_id = money.repaired(self.district, RESIDENT)
        payment = field.api(self.district, RESIDENT).post(f"/orders/{order_id}/pay")
        money.pay(self.district, RESIDENT, payment["id"])
        return order_id
