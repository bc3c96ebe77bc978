"""发票: a payer asks for one, reads where it is, takes the request back (S0-10)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from app.invoices import queries, requesting
from app.invoices.lifecycle import How, TitleKind
from app.invoices.queries import InvoiceLine, Step
from app.invoices.rules import EMAIL_MAX, TITLE_MAX, Wanted
from miniprogram_api.fields import In, Instant, OneOf, Out, PageIn, RowId, Text
from miniprogram_api.neighbours import neighbours
from miniprogram_api.order_answers import ActionOut
from miniprogram_api.routing import Routes
from miniprogram_api.session import RESIDENT, Caller

routes = Routes("invoices", tag="发票")


class ChoiceOut(Out):
    """One large button."""

    code: str
    label: str


class ChoicesOut(Out):
    """What the form offers here; electronic ones only where a service is connected."""

    ways: list[ChoiceOut]
    title_kinds: list[ChoiceOut]


class StepOut(Out):
    """One line of what happened; `note` is a number or a reason."""

    words: str
    at: Instant
    note: str


class InvoiceOut(Out):
    """One's own invoice."""

    id: RowId
    payment_id: RowId
    receipt_no: str
    payment_title: str
    state: str = Field(
        description="requested、issued、ready、delivering、collected、delivered、reversing、reversed、returned、withdrawn"
    )
    words: str
    how: str
    how_label: str
    title_kind: str
    title: str
    tax_no: str
    email: str
    amount_fen: int
    number: str
    pdf_url: str = Field(description="电子发票的下载地址;没有时为空")
    requested_at: Instant
    issued_at: Instant | None
    handed_over_at: Instant | None
    steps: list[StepOut]
    actions: list[ActionOut]


class InvoicesOut(Out):
    """A page of them."""

    items: list[InvoiceOut]
    next_cursor: str | None


def electronic_offered() -> bool:
    """Whether a service for electronic invoices is connected here."""
    return bool(neighbours().settings.einvoice_url)


@routes.query("/invoices/choices", who=RESIDENT, out=ChoicesOut, title="发票的领取方式", personal=False)
def choices(caller: Caller) -> ChoicesOut:
    """Two ways on paper, and the electronic one where it exists."""
    ways = [each for each in How if each is not How.ELECTRONIC or electronic_offered()]
    return ChoicesOut(
        ways=[ChoiceOut(code=each.value, label=each.label) for each in ways],
        title_kinds=[ChoiceOut(code=each.value, label=each.label) for each in TitleKind],
    )


@routes.query("/invoices", who=RESIDENT, asks=PageIn, out=InvoicesOut, title="我的发票")
def invoices(caller: Caller, asked: PageIn) -> InvoicesOut:
    """The newest first."""
    page = queries.invoices_page(caller.scope, cursor=asked.cursor or None, limit=asked.limit)
    steps = queries.steps_of_many([line.id for line in page.items])
    items = [_out(line, steps[line.id]) for line in page.items]
    return InvoicesOut(items=items, next_cursor=page.next_cursor)


@routes.query("/invoices/<id:invoice_id>", who=RESIDENT, out=InvoiceOut, title="一张发票")
def invoice(caller: Caller, invoice_id: int) -> InvoiceOut:
    """One's own."""
    return _one(caller, invoice_id)


class AskIn(In):
    """How one wants it and what stands on it; a tax number for companies, an address for electronic ones."""

    how: Annotated[str, OneOf([each.value for each in How])]
    title_kind: Annotated[str, OneOf([each.value for each in TitleKind])]
    title: Annotated[Text, Field(min_length=1, max_length=TITLE_MAX)]
    tax_no: Annotated[Text, Field(max_length=24)] = ""
    email: Annotated[Text, Field(max_length=EMAIL_MAX)] = ""


@routes.command(
    "/payments/<id:payment_id>/invoice",
    who=RESIDENT,
    takes=AskIn,
    out=InvoiceOut,
    title="申请发票",
    status=201,
    rate="payments",
)
def ask_invoice(caller: Caller, given: AskIn, payment_id: int) -> InvoiceOut:
    """Of one's own paid payment, one that counts at a time."""
    wanted = Wanted(
        how=How(given.how),
        title_kind=TitleKind(given.title_kind),
        title=given.title,
        tax_no=given.tax_no,
        email=given.email,
    )
    row = requesting.request(payment_id, wanted, electronic_offered=electronic_offered(), by=caller.scope)
    return _one(caller, row.id)


@routes.command("/invoices/<id:invoice_id>/withdraw", who=RESIDENT, out=InvoiceOut, title="撤回发票申请")
def withdraw_invoice(caller: Caller, invoice_id: int) -> InvoiceOut:
    """Before it was written out."""
    requesting.withdraw(invoice_id, by=caller.scope)
    return _one(caller, invoice_id)


def _one(caller: Caller, invoice_id: int) -> InvoiceOut:
    return _out(queries.invoice_line(invoice_id, caller.scope), queries.steps_of(invoice_id))


def _out(line: InvoiceLine, steps: Sequence[Step]) -> InvoiceOut:
    return InvoiceOut(
        id=line.id,
        payment_id=line.payment_id,
        receipt_no=line.receipt_no,
        payment_title=line.payment_title,
        state=line.state.value,
        words=line.words,
        how=line.how.value,
        how_label=line.how.label,
        title_kind=line.title_kind.value,
        title=line.title,
        tax_no=line.tax_no,
        email=line.email,
        amount_fen=line.amount_fen,
        number=line.number,
        pdf_url=line.pdf_url,
        requested_at=line.requested_at,
        issued_at=line.issued_at,
        handed_over_at=line.handed_over_at,
        steps=[StepOut(words=each.words, at=each.at, note=each.note) for each in steps],
        actions=[ActionOut(action=each.value, label=each.label) for each in line.actions],
    )
