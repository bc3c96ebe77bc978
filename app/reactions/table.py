"""What follows from each event: the whole of it. Run by the scheduler, each event in its own transaction."""

from __future__ import annotations

from collections.abc import Mapping

from app.core.outbox import Reaction
from app.feedback.events import SnapMoved, SnapReminded
from app.fees.events import AgencyBillsEntered, BillCorrected, BillingRunFinished
from app.fees.question_events import FeeQuestionLate, FeeQuestionMoved
from app.invoices.events import InvoiceMoved
from app.orders.events import ClockReached, OrderMoved
from app.payments.events import (
    LateMoneyArrived,
    PaymentSettled,
    RefundDecided,
    RefundFinished,
    RefundRequested,
)
from app.reactions.beneficiary_reactions import tell_beneficiary, tell_beneficiary_of_clock
from app.reactions.bookkeeping_reactions import (
    tell_finance_of_invoice,
    tell_of_fee_question,
    tell_of_late_answer,
    tell_payer_of_invoice,
)
from app.reactions.clock_reactions import tell_company_of_clock, tell_resident_of_clock
from app.reactions.collection_reactions import (
    recount_corrected,
    recount_entered,
    recount_issued,
    recount_paid,
)
from app.reactions.dispatch_reactions import find_a_worker, tell_manager_nobody_goes
from app.reactions.fee_reactions import (
    announce_agency_bills,
    announce_bills,
    mark_bills,
    tell_of_correction,
)
from app.reactions.follower_reactions import tell_followers, tell_followers_of_clock
from app.reactions.order_payment_reactions import note_payment_of_order, note_refund_of_order
from app.reactions.order_reactions import (
    start_photo_checks,
    start_voice_checks,
    tell_company,
    tell_hotline,
    tell_resident,
)
from app.reactions.payment_reactions import (
    ship_if_managed,
    tell_accountants_of_request,
    tell_of_decision,
    tell_of_refund,
    tell_payer_of_late_money,
    tell_payer_of_payment,
)
from app.reactions.snap_reactions import check_snap_photos, tell_desk_of_snap, tell_sender, tell_what_waits
from app.reactions.supervision_reactions import draft_what_is_punitive, tell_company_of_draft
from app.supervision.events import DraftSent

REACTIONS: Mapping[type, tuple[Reaction, ...]] = {
    OrderMoved: (
        tell_resident,
        tell_company,
        tell_hotline,
        start_photo_checks,
        start_voice_checks,
        tell_followers,
        tell_beneficiary,
        find_a_worker,
    ),
    ClockReached: (
        tell_resident_of_clock,
        tell_company_of_clock,
        tell_followers_of_clock,
        tell_beneficiary_of_clock,
        tell_manager_nobody_goes,
        draft_what_is_punitive,
    ),
    DraftSent: (tell_company_of_draft,),
    SnapMoved: (tell_sender, tell_desk_of_snap, check_snap_photos),
    SnapReminded: (tell_what_waits,),
    InvoiceMoved: (tell_payer_of_invoice, tell_finance_of_invoice),
    FeeQuestionMoved: (tell_of_fee_question,),
    FeeQuestionLate: (tell_of_late_answer,),
    BillingRunFinished: (announce_bills, recount_issued),
    AgencyBillsEntered: (announce_agency_bills, recount_entered),
    BillCorrected: (tell_of_correction, recount_corrected),
    PaymentSettled: (
        mark_bills,
        recount_paid,
        note_payment_of_order,
        tell_payer_of_payment,
        ship_if_managed,
    ),
    LateMoneyArrived: (tell_payer_of_late_money,),
    RefundRequested: (tell_accountants_of_request,),
    RefundDecided: (note_refund_of_order, tell_of_decision),
    RefundFinished: (
        mark_bills,
        recount_paid,
        note_payment_of_order,
        tell_of_refund,
    ),
}
